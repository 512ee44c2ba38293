namespace Autodiff.FSharp

open System
open Autodiff
open Autodiff.Kernel

/// Random values in graphs. They are pure functions of a key, which is itself a value (a whole number, Int64): the same key
/// draws the same numbers, as the `RandomSource` of that seed does, on every platform and each time that the graph runs. For
/// independent numbers split the key, or fold something into it, and draw once from each.
///
/// Where there are several keys, each draws the shape that was asked for, and the axes of the keys come first. Derivatives
/// pass a draw to its parameters (reparameterisation): `mean + deviation * Random.normal key shape`.
module Random =

    // Keys.

    /// The key of a seed. `Input`s of type Int64 are keys too: a new one may be bound each time that the graph runs.
    let key (seed: int64) : Node = Leaf.constant (NDArray.Scalar seed)

    /// The key with which a graph draws what the source draws.
    let ofSource (source: RandomSource) : Node = key source.Seed

    /// So many keys that are independent of each other and of the one they come from, as an array; the first ones do not
    /// depend on how many there are.
    let split (keys: Node) (count: int) : Node =
        Keys.checkCount "split" count
        Keys.draw Draw.Split (Shapes.ofArray [| count |]) (Keys.check "split" keys)

    /// The keys that belong to whole numbers, such as the count of a training step: one for each of them.
    let foldIn (keys: Node) (data: Node) : Node =
        let keys = Keys.check "foldIn" keys

        if DTypes.IsFloat data.DType then
            raise (DTypeException $"foldIn: {Axes.describe data} is {data.DType}; whole numbers are folded in")

        Keys.checkParts "foldIn" keys data
        Node.Make(Op.KeyedMap(KeyedMap.FoldIn, keys, Node.Cast(DType.Int64, data)))

    /// The key that belongs to a text, such as the path of a layer.
    let foldInText (keys: Node) (text: string) : Node =
        let number = key ((RandomSource 0L).Fold text).Seed
        foldIn keys (Node.Broadcast(keys.Shape, number))

    // Standard draws.

    /// Whole numbers (Int32) of which every bit is random.
    let bits (keys: Node) (shape: seq<int>) : Node =
        Keys.draw Draw.Bits (Keys.checkShape "bits" shape) (Keys.check "bits" keys)

    /// Numbers of a floating type, spread evenly from 0 up to 1, which is left out.
    let uniformOf (dtype: DType) (keys: Node) (shape: seq<int>) : Node =
        Keys.checkFloat "uniform" dtype
        Keys.draw (Draw.Uniform dtype) (Keys.checkShape "uniform" shape) (Keys.check "uniform" keys)

    /// Float64 numbers spread evenly from 0 up to 1, which is left out.
    let uniform (keys: Node) (shape: seq<int>) : Node = uniformOf DType.Float64 keys shape

    /// Numbers of a floating type of the normal distribution with mean 0 and deviation 1.
    let normalOf (dtype: DType) (keys: Node) (shape: seq<int>) : Node =
        Keys.checkFloat "normal" dtype
        Keys.draw (Draw.Normal dtype) (Keys.checkShape "normal" shape) (Keys.check "normal" keys)

    /// Float64 numbers of the normal distribution with mean 0 and deviation 1.
    let normal (keys: Node) (shape: seq<int>) : Node = normalOf DType.Float64 keys shape

    /// Whole numbers (Int64) from low up to high, which is left out, all equally probable.
    let integers (keys: Node) (low: int64) (high: int64) (shape: seq<int>) : Node =
        if low >= high then
            raise (ArgumentException $"integers: there is no whole number from {low} up to {high}, which is left out")

        Keys.draw (Draw.Integers(low, high)) (Keys.checkShape "integers" shape) (Keys.check "integers" keys)

    /// The whole numbers (Int64) from 0 to count - 1 in random order, all orders equally probable.
    let permutation (keys: Node) (count: int) : Node =
        Keys.checkCount "permutation" count
        Keys.draw Draw.Permutation (Shapes.ofArray [| count |]) (Keys.check "permutation" keys)

    /// The slices of x along an axis in random order, with one key.
    let shuffle (key: Node) (axis: int) (x: Node) : Node =
        let axis = Axes.normalise "shuffle" x axis

        if key.Rank > 0 then
            raise (ShapeException $"shuffle: one key is needed, not {Axes.describe key}; use vmap for several")

        Keys.checkShape "shuffle" [ x.Shape[axis] ] |> ignore
        take axis (permutation key x.Shape[axis]) x

    /// Numbers of a floating type of the exponential distribution with mean 1: -log (1 - u).
    let exponentialOf (dtype: DType) (keys: Node) (shape: seq<int>) : Node = -log1p(-(uniformOf dtype keys shape))

    /// Float64 numbers of the exponential distribution with mean 1.
    let exponential (keys: Node) (shape: seq<int>) : Node = exponentialOf DType.Float64 keys shape

    /// Numbers of a floating type of the Laplace distribution with mean 0 and scale 1: the difference of two numbers of the
    /// exponential distribution.
    let laplaceOf (dtype: DType) (keys: Node) (shape: seq<int>) : Node =
        let struct (left, right) = Keys.halves (Keys.check "laplace" keys)
        exponentialOf dtype left shape - exponentialOf dtype right shape

    /// Float64 numbers of the Laplace distribution with mean 0 and scale 1.
    let laplace (keys: Node) (shape: seq<int>) : Node = laplaceOf DType.Float64 keys shape

    /// What stands for the fraction 0 where it is a pole: half of the least step between fractions.
    let private leastFraction (dtype: DType) =
        if dtype = DType.Float32 then
            Math.Pow(2.0, -25.0)
        else
            RandomSource.LeastFraction

    /// Numbers of a floating type of the Gumbel distribution: -log (-log u).
    let gumbelOf (dtype: DType) (keys: Node) (shape: seq<int>) : Node =
        -log(-log(maximum (uniformOf dtype keys shape) (scalar (leastFraction dtype))))

    /// Float64 numbers of the Gumbel distribution.
    let gumbel (keys: Node) (shape: seq<int>) : Node = gumbelOf DType.Float64 keys shape

    /// Numbers of the normal distribution with mean 0 and deviation 1 under the condition that they lie between low and
    /// high, which broadcast to the shape: the quantile of a probability between those of the bounds. Derivatives pass to the
    /// bounds. Farther than 8 from 0 (in Float32: 5) probabilities are too close to 0 or 1, and the nearer bound is given.
    let truncatedNormal (keys: Node) (low: Node) (high: Node) (shape: seq<int>) : Node =
        let keys, shape = Keys.check "truncatedNormal" keys, Array.ofSeq shape
        let struct (low, high) = Node.Align("truncatedNormal", floating low, floating high)
        let whole = Shapes.ofSeq (Seq.append keys.Shape (Keys.checkShape "truncatedNormal" shape))

        if not (Broadcasting.fits whole low.Shape) then
            raise (ShapeException $"truncatedNormal: bounds of shape {low.Shape} do not broadcast to {whole}")

        // Twice the probability less 1, held apart from the poles of the quantile by half of the least step below 1.
        let root, most = sqrt 2.0, 1.0 - leastFraction low.DType * 2.0
        let a, b = erf (low / root), erf (high / root)
        let between = a + (b - a) * uniformOf low.DType keys shape
        clip low high (root * erfInv (clip (scalar -most) (scalar most) between))

    // Draws with parameters.

    /// Truth values of a shape, true with probability p, which broadcasts to it.
    let bernoulli (keys: Node) (p: Node) (shape: seq<int>) : Node =
        let keys = Keys.check "bernoulli" keys
        let drawn = Keys.draw (Draw.Uniform DType.Float64) (Keys.checkShape "bernoulli" shape) keys

        match p.Op with
        | Op.Constant(value, _) when value.Rank = 0 && not (let p = float value in p >= 0.0 && p <= 1.0) ->
            raise (ArgumentException $"bernoulli: {value} is no probability, which lies from 0 to 1")
        | _ -> ()

        if not (Broadcasting.fits drawn.Shape p.Shape) then
            raise (ShapeException $"bernoulli: probabilities of {Axes.describe p} do not broadcast to {drawn.Shape}")

        drawn .< Node.Cast(DType.Float64, p)

    /// For each row of logits the position (Int64) of a choice, which is k with a probability proportional to
    /// exp (logit k): that of the greatest sum of a logit and a number of the Gumbel distribution. The rows lie along the
    /// last axis; with several keys, the first axes are those of the keys.
    let categorical (keys: Node) (logits: Node) : Node =
        let keys, logits = Keys.check "categorical" keys, Node.Cast(DType.Float64, logits)

        if logits.Rank <= keys.Rank || logits.Shape[logits.Rank - 1] = 0 then
            raise (ShapeException $"categorical: {Axes.describe logits} has no last axis to choose from")

        Keys.checkParts "categorical" keys logits
        let rest = Shapes.ofSeq (Seq.skip keys.Rank logits.Shape)
        let fractions = Keys.draw (Draw.Uniform DType.Float64) rest keys
        let noise = -log(-log(maximum fractions (scalar RandomSource.LeastFraction)))
        argmax -1 (logits + noise)

    /// The logarithms of numbers of gamma distributions with the shapes alpha, one for each: right also where the numbers
    /// themselves are less than any float, as they mostly are for a small alpha. The derivative in alpha is that of the
    /// quantile whose probability stays as it is. With several keys, the first axes of alpha are those of the keys.
    let logGamma (keys: Node) (alpha: Node) : Node =
        let keys, alpha = Keys.check "logGamma" keys, floating alpha
        Keys.checkParts "logGamma" keys alpha

        customTangent
            (fun _ -> Node.Make(Op.KeyedMap(KeyedMap.LogGamma, keys, alpha)))
            (fun inputs drawn tangents -> tangents[0] * GammaSlope.slope inputs[0] drawn)
            [ alpha ]

    /// Numbers of gamma distributions with the shapes alpha and scale 1, one for each. The derivative in alpha is that of
    /// the quantile whose probability stays as it is.
    let gamma (keys: Node) (alpha: Node) : Node = exp (logGamma keys alpha)

    /// Numbers of beta distributions with the shapes a and b, which broadcast, one for each: x / (x + y) for gamma variates
    /// x and y.
    let beta (keys: Node) (a: Node) (b: Node) : Node =
        let struct (a, b) = Node.Align("beta", floating a, floating b)
        let struct (left, right) = Keys.halves (Keys.check "beta" keys)
        sigmoid (logGamma left a - logGamma right b)

    /// Points of Dirichlet distributions, whose elements along the last axis are positive and have the sum 1: gamma variates
    /// of the shapes alpha over their sum.
    let dirichlet (keys: Node) (alpha: Node) : Node =
        if alpha.Rank <= keys.Rank then
            raise (ShapeException $"dirichlet: {Axes.describe alpha} has no last axis")

        softmax -1 (logGamma keys alpha)
