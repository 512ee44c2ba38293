/// Losses: values against formulas in plain floats over generated shapes and options, derivatives against differences,
/// what is far out, rows of minus infinity, and what does not fit.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Derivatives.Losses

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

let private inf = Double.PositiveInfinity
let private asFloats (node: Node) = eval node |> Tensor.ofArray |> Tensor.asFloats
let private array (dtype: DType) (sizes: int[]) (xs: float[]) = ((NDArray.Create xs).Reshape sizes).AsType dtype
let private leaf name dtype sizes xs = Leaf.variable name (array dtype sizes xs)
let private tolerance dtype = if dtype = DType.Float32 then 2e-5 else 1e-12

let private requireNear what dtype (expected: float[]) (node: Node) =
    let actual = asFloats node
    Assert.Equal(expected.Length, actual.Length)

    for e, a in Array.zip expected actual do
        let isSame =
            e = a || Double.IsNaN e && Double.IsNaN a || abs (e - a) <= tolerance dtype * max 1.0 (abs e)

        Assert.True(isSame, $"{what}: {a:R} instead of {e:R}")

let private reductions = [ LossReduction.None; LossReduction.Mean; LossReduction.Sum ]

let private reduced (reduction: LossReduction) (losses: float[]) =
    match reduction with
    | LossReduction.None -> losses
    | LossReduction.Sum -> [| Array.sum losses |]
    | _ -> [| Array.sum losses / float losses.Length |]

// Losses that compare element with element.

type private Elementary =
    {
        Name: string
        Loss: LossReduction -> Node -> Node -> Node
        Plain: float -> float -> float
        /// Between which numbers targets and arguments lie, and how close to a kink they may be.
        Target: struct (float * float)
        Argument: struct (float * float)
        IsKink: float -> float -> bool
    }

let private xlogy x y = if x = 0.0 then 0.0 else x * Math.Log y
let private softplus (x: float) = max x 0.0 + Math.Log(1.0 + exp -(abs x))
let private half (d: float) (delta: float) = if abs d <= delta then d * d / 2.0 else delta * (abs d - delta / 2.0)

let private elementary =
    let row name loss plain =
        {
            Name = name
            Loss = loss
            Plain = plain
            Target = struct (-2.0, 2.0)
            Argument = struct (-2.0, 2.0)
            IsKink = fun _ _ -> false
        }

    let probability = struct (0.1, 0.9)

    [
        row "mse" (fun r t x -> x.MseLoss(t, r)) (fun t x -> (x - t) * (x - t))
        { row "l1" (fun r t x -> x.L1Loss(t, r)) (fun t x -> abs (x - t)) with
            IsKink = fun t x -> abs (x - t) < 0.1
        }
        { row "huber" (fun r t x -> x.HuberLoss(t, 0.7, r)) (fun t x -> half (x - t) 0.7) with
            IsKink = fun t x -> abs (abs (x - t) - 0.7) < 0.1
        }
        { row "smoothL1" (fun r t x -> x.SmoothL1Loss(t, 0.5, r)) (fun t x -> half (x - t) 0.5 / 0.5) with
            IsKink = fun t x -> abs (abs (x - t) - 0.5) < 0.1
        }
        { row "hinge" (fun r t x -> x.HingeLoss(t, r)) (fun t x -> max 0.0 (1.0 - t * x)) with
            IsKink = fun t x -> abs (1.0 - t * x) < 0.2
        }
        { row "kl" (fun r t x -> x.KlDivergence(t, r)) (fun t x -> t * (Math.Log t - x)) with
            Target = probability
        }
        { row "bce" (fun r t x -> x.BinaryCrossEntropy(t, r)) (fun t x -> -(xlogy t x) - xlogy (1.0 - t) (1.0 - x)) with
            Target = probability
            Argument = probability
        }
        { row "bce with logits" (fun r t x -> x.BinaryCrossEntropyWithLogits(t, null, r)) (fun t x ->
              t * softplus -x + (1.0 - t) * softplus x) with
            Target = probability
        }
        { row
              "bce with logits and a positive weight"
              (fun r t x -> x.BinaryCrossEntropyWithLogits(t, scalar 2.5, r))
              (fun t x -> 2.5 * t * softplus -x + (1.0 - t) * softplus x) with
            Target = probability
        }
    ]

let elementaryNames = TheoryData<string>(elementary |> Seq.map _.Name)

let private drawn (random: Random) (row: Elementary) count =
    let number (struct (low: float, high: float)) = float (float32 (low + (high - low) * random.NextDouble()))

    Seq.initInfinite (fun _ -> number row.Target, number row.Argument)
    |> Seq.filter (fun (t, x) -> not (row.IsKink t x))
    |> Seq.take count
    |> Array.ofSeq
    |> Array.unzip

[<Theory; MemberData(nameof elementaryNames)>]
let ``a loss of elements has its value under every reduction, shape and type`` (name: string) =
    let row = elementary |> List.find (fun row -> row.Name = name)
    let random = Random 5

    for sizes in [ [||]; [| 0 |]; [| 1 |]; [| 7 |]; [| 3; 0 |]; [| 2; 17 |]; [| 2; 3; 4 |] ] do
        let ts, xs = drawn random row (Array.fold (*) 1 sizes)

        for dtype in Arrays.floatTypes do
            let t, x = leaf "t" dtype sizes ts, leaf "x" dtype sizes xs

            for reduction in reductions do
                let loss = row.Loss reduction t x
                Assert.Equal(dtype, loss.DType)
                requireNear name dtype (reduced reduction (Array.map2 row.Plain ts xs)) loss

[<Theory; MemberData(nameof elementaryNames)>]
let ``a loss of elements has its derivatives of orders one to three`` (name: string) =
    let row = elementary |> List.find (fun row -> row.Name = name)
    let ts, xs = drawn (Random 6) row 6
    let wide = leaf "t" DType.Float64 [| 2; 3 |] ts, leaf "x" DType.Float64 [| 2; 3 |] xs
    let single = leaf "t" DType.Float32 [| 2; 3 |] ts, leaf "x" DType.Float32 [| 2; 3 |] xs

    for reduction in reductions do
        let t, x = wide

        for check in checkGradients 3 (row.Loss reduction t x) [ t; x ] do
            Assert.True(check.Passed, $"{name}, {reduction}: {check}")

        for a, b in
            List.zip
                (grad (row.Loss reduction t x) [ t; x ])
                (grad ((single ||> row.Loss reduction)) [ fst single; snd single ]) do
            requireNear name DType.Float32 (asFloats a) b

[<Fact>]
let ``the curried losses are means`` () =
    let t, x = variable "t" [ 0.2; 0.7 ], variable "x" [ 0.4; 0.9 ]
    let same (a: Node) (b: Node) = Close.requireWithin 0.0 "loss" (eval a) (eval b)
    same (x.MseLoss t) (mseLoss t x)
    same (x.L1Loss t) (l1Loss t x)
    same (x.HuberLoss(t, 0.3)) (huberLoss 0.3 t x)
    same (x.SmoothL1Loss(t, 0.3)) (smoothL1Loss 0.3 t x)
    same (x.HingeLoss t) (hingeLoss t x)
    same (x.KlDivergence t) (klDivergence t x)
    same (x.BinaryCrossEntropy t) (binaryCrossEntropy t x)
    same (x.BinaryCrossEntropyWithLogits t) (binaryCrossEntropyWithLogits t x)
    let classes = constant 1
    same (x.CrossEntropy classes) (crossEntropy classes x)
    same (x.NllLoss classes) (nllLoss classes x)
    same (mseLoss t x) (meanSquaredError t x)

[<Fact>]
let ``a target broadcasts, whatever its type`` () =
    let x = variable "x" [ [ 0.5; -1.0 ]; [ 2.0; 0.25 ] ]
    requireNear "scalar" DType.Float64 [| 5.3125 |] (x.MseLoss(scalar 0.0, LossReduction.Sum))
    requireNear "row" DType.Float64 [| 0.25 + 1.0 + 1.0 + 0.0625 |] (x.MseLoss(constant [ 1; 0 ], LossReduction.Sum))
    let truths = constant [| true; false |]
    let x32 = cast DType.Float32 x
    Assert.Equal(DType.Float32, (binaryCrossEntropyWithLogits truths x32).DType)

    requireNear
        "truths"
        DType.Float64
        (asFloats (binaryCrossEntropyWithLogits (constant [ 1.0; 0.0 ]) x))
        (binaryCrossEntropyWithLogits truths x)

// Losses of classes.

/// The losses of one place: the logarithms of softmax over the classes, and from them what the options say.
let private logSoftmaxPlain (row: float[]) =
    let largest = Array.max row
    let total = row |> Array.sumBy (fun x -> exp (x - largest))
    row |> Array.map (fun x -> x - largest - Math.Log total)

type private Case =
    {
        Sizes: int[]
        Axis: int
        Logits: float[]
        Classes: int64[]
        Probabilities: float[]
        Weight: float[] option
        Smoothing: float
        Ignore: int
    }

/// The rows along the axis of the classes: for each place the positions of its elements.
let private rows (case: Case) =
    let struct (_, groups) = Tensor.groups [| case.Axis |] case.Sizes
    groups

let private generate (seed: int) =
    let random = Random seed
    let rank = 1 + random.Next 4

    let axis =
        if rank = 1 then 0
        elif random.Next 3 = 0 then random.Next rank
        else 1

    let size i =
        if i = axis then 1 + random.Next 5
        elif random.Next 8 = 0 then 0
        else 1 + random.Next 4

    let sizes = Array.init rank size
    let count = sizes[axis]
    let total = Array.fold (*) 1 sizes
    let ignore = if random.Next 2 = 0 then -100 else random.Next count
    let classOf _ = if random.Next 4 = 0 then int64 ignore else int64 (random.Next count)

    {
        Sizes = sizes
        Axis = axis
        Logits = Array.init total (fun _ -> float (float32 (4.0 * random.NextDouble() - 2.0)))
        Classes = Array.init (total / count) classOf
        Probabilities =
            Array.init total (fun _ -> if random.Next 4 = 0 then 0.0 else float (float32 (random.NextDouble())))
        Weight =
            if random.Next 2 = 0 then
                None
            else
                Some(Array.init count (fun _ -> float (float32 (0.2 + random.NextDouble()))))
        Smoothing = if random.Next 2 = 0 then 0.0 else 0.25
        Ignore = ignore
    }

let private weightAt (case: Case) c =
    match case.Weight with
    | None -> 1.0
    | Some weight -> weight[c]

/// For class numbers: the loss of every place, and what it weighs in the mean.
let private byNumber (case: Case) smoothing (logarithms: float[] -> float[]) =
    rows case
    |> Array.mapi (fun place row ->
        let logs = row |> Array.map (fun i -> case.Logits[i]) |> logarithms
        let c = int case.Classes[place]

        if c = case.Ignore then
            0.0, 0.0
        else
            let even = logs |> Array.mapi (fun k l -> weightAt case k * l) |> Array.sum
            -(1.0 - smoothing) * weightAt case c * logs[c] - smoothing / float logs.Length * even, weightAt case c)

let private byProbability (case: Case) =
    rows case
    |> Array.map (fun row ->
        let logs = row |> Array.map (fun i -> case.Logits[i]) |> logSoftmaxPlain

        let share k = (1.0 - case.Smoothing) * case.Probabilities[row[k]] + case.Smoothing / float logs.Length

        -(Seq.sum (Seq.init logs.Length (fun k -> weightAt case k * share k * logs[k]))))

let private target (dtype: DType) (case: Case) =
    let sizes = Array.removeAt case.Axis case.Sizes
    constant (((NDArray.Create case.Classes).Reshape sizes).AsType dtype)

let private weightNode dtype (case: Case) =
    case.Weight |> Option.map (fun w -> constant ((NDArray.Create w).AsType dtype)) |> Option.toObj

[<Property(MaxTest = 200)>]
let ``the cross entropy of classes is its formula under every option and layout`` (FsCheck.DoNotSize(seed: int)) =
    let case = generate seed
    let losses, weights = byNumber case case.Smoothing logSoftmaxPlain |> Array.unzip
    let plain, plainWeights = byNumber case 0.0 id |> Array.unzip

    for dtype in Arrays.floatTypes do
        let x = leaf "x" dtype case.Sizes case.Logits
        let weight = weightNode dtype case
        let whole = if seed % 2 = 0 then DType.Int32 else DType.Int64

        for reduction in reductions do
            let expected (losses: float[]) (weights: float[]) =
                match reduction with
                | LossReduction.Mean -> [| Array.sum losses / Array.sum weights |]
                | _ -> reduced reduction losses

            let loss = x.CrossEntropy(target whole case, weight, case.Ignore, case.Smoothing, case.Axis, reduction)
            Assert.Equal(dtype, loss.DType)
            requireNear "crossEntropy" dtype (expected losses weights) loss
            let nll = x.NllLoss(target whole case, weight, case.Ignore, case.Axis, reduction)
            requireNear "nllLoss" dtype (expected plain plainWeights) nll

[<Property(MaxTest = 100)>]
let ``the cross entropy of probabilities is its formula under every option and layout`` (FsCheck.DoNotSize(seed: int)) =
    let case = generate seed
    let losses = byProbability case

    for dtype in Arrays.floatTypes do
        let x = leaf "x" dtype case.Sizes case.Logits
        let p = leaf "p" dtype case.Sizes case.Probabilities

        for reduction in reductions do
            let loss = x.CrossEntropy(p, weightNode dtype case, -100, case.Smoothing, case.Axis, reduction)

            requireNear "crossEntropy" dtype (reduced reduction losses) loss

[<Property(MaxTest = 25)>]
let ``cross entropies have their derivatives of orders one to three`` (FsCheck.DoNotSize(seed: int)) =
    let case = generate seed

    if case.Logits.Length > 0 && case.Logits.Length <= 24 then
        let x = leaf "x" DType.Float64 case.Sizes case.Logits
        let p = leaf "p" DType.Float64 case.Sizes (case.Probabilities |> Array.map ((+) 0.1))
        let weight = weightNode DType.Float64 case
        let sums = LossReduction.Sum

        for name, loss, variables in
            [
                "classes",
                x.CrossEntropy(target DType.Int64 case, weight, case.Ignore, case.Smoothing, case.Axis, sums),
                [ x ]
                "nll",
                exp (x.NllLoss(target DType.Int64 case, weight, case.Ignore, case.Axis, LossReduction.None) * 0.1),
                [ x ]
                "probabilities", x.CrossEntropy(p, weight, -100, case.Smoothing, case.Axis), [ x; p ]
            ] do
            for check in checkGradients 3 loss variables do
                Assert.True(check.Passed, $"{name}: {check}")

[<Fact>]
let ``the mean of nothing is NaN, and what is ignored has no gradient`` () =
    let x = variable "x" [ [ 1.0; 2.0 ]; [ 0.5; -1.0 ] ]
    let none = constant [ -100; -100 ]
    requireNear "mean" DType.Float64 [| nan |] (crossEntropy none x)
    requireNear "sum" DType.Float64 [| 0.0 |] (x.CrossEntropy(none, reduction = LossReduction.Sum))

    requireNear
        "gradient"
        DType.Float64
        [| 0.0; 0.0; 0.0; 0.0 |]
        (derivative (x.CrossEntropy(none, reduction = LossReduction.Sum)) x)

    let one = derivative (crossEntropy (constant [ -100; 0 ]) x) x
    requireNear "gradient" DType.Float64 [| 0.0; 0.0 |] one.[0]

[<Fact>]
let ``a number that is no class is refused when it is met`` () =
    let x = variable "x" [ [ 1.0; 2.0; 0.0 ] ]

    for wrong in [ 3; -1; -3; -4; 100 ] do
        for build in [ crossEntropy; nllLoss ] do
            Assert.ThrowsAny<IndexOutOfRangeException>(fun () -> eval (build (constant [ wrong ]) x) |> ignore)
            |> ignore

    // -100 marks what does not count, unless another number does.
    Assert.ThrowsAny<IndexOutOfRangeException>(fun () ->
        eval (x.CrossEntropy(constant [ -100 ], ignoreIndex = 0)) |> ignore)

[<Fact>]
let ``losses are batched as they are`` () =
    let x = variable "x" (NDArray.Create([| for i in 0..23 -> sin (float (5 * i)) |], 2, 3, 4))
    let classes = constant [ 2; 0; 3 ]
    let one (x: Node) = x.CrossEntropy(classes, labelSmoothing = 0.1)
    let loop = stack 0 [ for i in 0..1 -> one x.[i] ]
    Close.requireWithin 1e-14 "vmap" (eval loop) (eval (vmap one x))
    let perExample = vmap (fun x -> derivative (one x) x) x
    Close.requireWithin 1e-14 "gradient" (eval (derivative (vmap one x) x)) (eval perExample)

[<Fact>]
let ``a batch of unknown size`` () =
    let x, classes = input "x" [ -1; 3 ] DType.Float64, input "c" [ -1 ] DType.Int32
    let p = input "p" [ -1; 3 ] DType.Float64
    let loss = crossEntropy classes x

    let f =
        compile [ x; classes; p ] [ loss; derivative loss x; crossEntropy p x; mseLoss p x; softmax -1 x ]

    for n in [ 1; 4; 2 ] do
        let values = NDArray.Create([| for i in 0 .. 3 * n - 1 -> cos (float i) |], n, 3)
        let numbers = NDArray.Create [| for i in 0 .. n - 1 -> i % 3 |]
        let q = NDArray.Create([| for i in 0 .. 3 * n - 1 -> abs (sin (float i)) |], n, 3)
        let v = constant values
        let known = crossEntropy (constant numbers) (constant values)
        let results = f.Run [ values; numbers; q ]
        Close.requireWithin 1e-14 "loss" (eval known) results[0]
        Close.requireWithin 1e-14 "probabilities" (eval (crossEntropy (constant q) v)) results[2]
        Close.requireWithin 1e-14 "mse" (eval (mseLoss (constant q) v)) results[3]

// Far out.

let floats = TheoryData<DType>(Arrays.floatTypes)

[<Theory; MemberData(nameof floats)>]
let ``losses of logits of 10,000 are exact`` (dtype: DType) =
    let x = leaf "x" dtype [| 2; 3 |] [| 1e4; -1e4; 0.0; -1e4; 1e4; 1e4 |]
    let classes = constant [ 1; 1 ]
    let each = x.CrossEntropy(classes, reduction = LossReduction.None)
    requireNear "cross entropy" dtype [| 2e4; Math.Log 2.0 |] each
    requireNear "gradient" dtype [| 1.0; -1.0; 0.0; 0.0; -0.5; 0.5 |] (derivative each x)
    requireNear "right class" dtype [| 0.0 |] (x.[0..0].CrossEntropy(constant [ 0 ]))
    let y = constant ((nd [ [ 1.0; 0.0; 1.0 ]; [ 0.0; 1.0; 0.0 ] ]).AsType dtype)
    let binary = x.BinaryCrossEntropyWithLogits(y, reduction = LossReduction.None)
    requireNear "binary" dtype [| 0.0; 0.0; Math.Log 2.0; 0.0; 0.0; 1e4 |] binary
    requireNear "binary gradient" dtype [| 0.0; 0.0; -0.5; 0.0; 0.0; 1.0 |] (derivative binary x)
    requireNear "logSoftmax" dtype [| 0.0; -2e4; -1e4 |] (logSoftmax -1 x).[0]
    requireNear "softmax" dtype [| 1.0; 0.0; 0.0; 0.0; 0.5; 0.5 |] (softmax -1 x)

[<Theory; MemberData(nameof floats)>]
let ``derivatives to order three do not see a shift by 10,000`` (dtype: DType) =
    let at = [| 0.5; -1.0; 0.25; -2.0 |]
    let weights = constant ((nd [ 0.3; -0.7; 1.1; 0.4 ]).AsType dtype)

    for name, f in
        [
            "softmax", softmax 0
            "logSoftmax", logSoftmax 0
            "logSumExp", fun x -> logSumExp [] x
            "crossEntropy", fun x -> crossEntropy (constant 2) x
            "smoothed", fun x -> x.CrossEntropy(constant 2, labelSmoothing = 0.2)
        ] do
        let orders shift =
            let x = leaf "x" dtype [| 4 |] (Array.map ((+) shift) at)
            let next y = derivative (sum [] (weights * y)) x
            [ for order in 1..3 -> Seq.fold (fun y _ -> next y) (f x) [ 1..order ] ]

        for a, b, c in List.zip3 (orders 0.0) (orders 8192.0) (orders -8192.0) do
            requireNear name dtype (asFloats a) b
            requireNear name dtype (asFloats a) c

[<Theory; MemberData(nameof floats)>]
let ``rows of minus infinity`` (dtype: DType) =
    let x = leaf "x" dtype [| 2; 2 |] [| -inf; -inf; 0.0; -inf |]
    let is expected node = requireNear "row" dtype expected node
    is [| 0.0; 0.0; 1.0; 0.0 |] (softmax 1 x)
    is [| -inf; -inf; 0.0; -inf |] (logSoftmax 1 x)
    is [| -inf; 0.0 |] (logSumExp [ 1 ] x)

    for f in [ softmax 1; logSoftmax 1; fun x -> reshape [ 2; 1 ] (logSumExp [ 1 ] x) ] do
        is [| 0.0; 0.0 |] (derivative (f x) x).[0]
        is [| 0.0; 0.0 |] (jvp (f x) [ x ] [ onesLike x ] |> fun t -> t.[0] * onesLike x.[0])
        is [| 0.0; 0.0 |] (derivative (derivative (f x) x) x).[0]

    // A class that cannot be does not count where nothing is expected of it.
    is [| 0.0 |] (crossEntropy (constant ((nd [ [ 1.0; 0.0 ] ]).AsType dtype)) x.[1..1])
    is [| 0.0 |] (softmaxCrossEntropy (constant ((nd [ [ 1.0; 0.0 ] ]).AsType dtype)) x.[1..1])
    is [| 0.0; 0.0 |] (derivative (crossEntropy (constant ((nd [ [ 1.0; 0.0 ] ]).AsType dtype)) x.[1..1]) x).[1]
    is [| inf |] (crossEntropy (constant [ 1 ]) x.[1..1])

[<Theory; MemberData(nameof floats)>]
let ``empty rows`` (dtype: DType) =
    let x = leaf "x" dtype [| 2; 0 |] [||]
    Assert.Equal<int[]>([| 2; 0 |], (eval (softmax 1 x)).Shape.ToArray())
    Assert.Equal<int[]>([| 2; 0 |], (eval (derivative (logSoftmax 1 x) x)).Shape.ToArray())
    requireNear "logSumExp" dtype [| -inf; -inf |] (logSumExp [ 1 ] x)
    requireNear "cosine" dtype [| 0.0; 0.0 |] (cosineSimilarity 1 x x)

[<Theory; MemberData(nameof floats)>]
let ``losses at the edges of their domains`` (dtype: DType) =
    let is expected node = requireNear "edge" dtype expected node
    let p = leaf "p" dtype [| 4 |] [| 0.0; 1.0; 0.0; 1.0 |]
    let y = constant ((nd [ 0.0; 1.0; 1.0; 0.0 ]).AsType dtype)
    let bce = p.BinaryCrossEntropy(y, LossReduction.None)
    is [| 0.0; 0.0; inf; inf |] bce
    is [| 1.0; -1.0; -inf; inf |] (derivative bce p)
    let logQ = leaf "q" dtype [| 3 |] [| -inf; 0.0; -inf |]
    let kl = logQ.KlDivergence(constant ((nd [ 0.0; 1.0; 0.5 ]).AsType dtype), LossReduction.None)
    is [| 0.0; 0.0; inf |] kl
    let far = leaf "x" dtype [| 2 |] [| 1e30; -1e30 |]
    is [| 1.0; -1.0 |] (derivative (far.HuberLoss(scalar 0.0, reduction = LossReduction.Sum)) far)
    let equal = leaf "x" dtype [| 2 |] [| 1.0; 2.0 |]
    is [| 0.0; 0.0 |] (derivative (l1Loss (stopGradient equal) equal) equal)
    let infinite = leaf "x" dtype [| 2 |] [| inf; -inf |]
    is [| 0.0; 0.0 |] (infinite.BinaryCrossEntropyWithLogits(constant [ 1; 0 ], reduction = LossReduction.None))
    is [| 0.0; 0.0 |] (derivative (binaryCrossEntropyWithLogits (constant [ 1; 0 ]) infinite) infinite)

// The cosine of an angle.

[<Fact>]
let ``the cosine similarity and its derivatives`` () =
    let x = variable "x" [ [ 1.0; 2.0; -0.5 ]; [ 0.3; -0.4; 2.0 ] ]
    let y = variable "y" [ [ 0.5; -1.0; 1.5 ]; [ 2.0; 0.7; 0.1 ] ]
    let dot (a: float[]) (b: float[]) = Array.fold2 (fun s p q -> s + p * q) 0.0 a b
    let rowsOf (n: Node) = asFloats n |> Array.chunkBySize 3
    let cosine a b = dot a b / sqrt (dot a a * dot b b)
    requireNear "rows" DType.Float64 (Array.map2 cosine (rowsOf x) (rowsOf y)) (cosineSimilarity 1 x y)

    requireNear
        "columns"
        DType.Float64
        (asFloats (cosineSimilarity 1 (transpose x) (transpose y)))
        (cosineSimilarity 0 x y)

    requireNear
        "broadcast"
        DType.Float64
        (asFloats (cosineSimilarity -1 x (stack 0 [ y.[0]; y.[0] ])))
        (cosineSimilarity -1 x y.[0])

    for check in checkGradients 3 (cosineSimilarity 1 x y) [ x; y ] do
        Assert.True(check.Passed, string check)

[<Theory; MemberData(nameof floats)>]
let ``the cosine similarity of vectors of any length, and of none`` (dtype: DType) =
    let unit = [| 3.0; 4.0 |]
    let large = if dtype = DType.Float32 then 1e30 else 1e300

    for scale in [ 1.0; large; 1.0 / large ] do
        let x = leaf "x" dtype [| 2 |] (Array.map ((*) scale) unit)
        requireNear "similarity" dtype [| 0.6 |] (cosineSimilarity 0 x (constant ((nd [ scale; 0.0 ]).AsType dtype)))

    let zero = leaf "z" dtype [| 2 |] [| 0.0; 0.0 |]
    let y = leaf "y" dtype [| 2 |] unit
    requireNear "zero" dtype [| 0.0 |] (cosineSimilarity 0 zero y)
    requireNear "gradient" dtype [| 0.0; 0.0 |] (derivative (cosineSimilarity 0 zero y) zero)
    requireNear "other gradient" dtype [| 0.0; 0.0 |] (derivative (cosineSimilarity 0 zero y) y)

// What does not fit.

let private x = variable "x" (NDArray.Zeros(2, 3))
let private t = variable "t" (NDArray.Zeros(4, 3))
let private image = variable "image" (NDArray.Zeros(2, 3, 4, 5))
let private none = variable "none" (NDArray.Zeros(2, 0))
let private truths = constant [| true; false |]
let private classes = constant [ 0; 1 ]

let private refusals: (string * (unit -> Node) * Type * string list) list =
    let shape, dtype, range =
        typeof<ShapeException>, typeof<DTypeException>, typeof<ArgumentOutOfRangeException>

    let misfit name = [ $"{name}: the target 't' [4,3] does not broadcast to 'x' [2,3]" ]

    [
        "mse", (fun () -> mseLoss t x), shape, misfit "mseLoss"
        "mse, the other way round",
        (fun () -> mseLoss x x.[0]),
        shape,
        [ "mseLoss: the target 'x' [2,3] does not broadcast to shape [3]" ]
        "mse, a column",
        (fun () -> mseLoss (unsqueeze 1 x.[0]) x.[0]),
        shape,
        [ "[3,1] does not broadcast to shape [3]" ]
        "l1", (fun () -> l1Loss t x), shape, misfit "l1Loss"
        "huber", (fun () -> huberLoss 1.0 t x), shape, misfit "huberLoss"
        "huber, delta 0", (fun () -> huberLoss 0.0 x x), range, [ "huberLoss: delta is a positive number" ]
        "huber, delta NaN", (fun () -> huberLoss nan x x), range, [ "huberLoss: delta is a positive number" ]
        "smoothL1", (fun () -> smoothL1Loss 1.0 t x), shape, misfit "smoothL1Loss"
        "smoothL1, negative beta",
        (fun () -> smoothL1Loss -1.0 x x),
        range,
        [ "smoothL1Loss: beta is a positive number" ]
        "hinge", (fun () -> hingeLoss t x), shape, misfit "hingeLoss"
        "kl", (fun () -> klDivergence t x), shape, misfit "klDivergence"
        "bce", (fun () -> binaryCrossEntropy t x), shape, misfit "binaryCrossEntropy"
        "bce with logits", (fun () -> binaryCrossEntropyWithLogits t x), shape, misfit "binaryCrossEntropyWithLogits"
        "bce with logits, weight",
        (fun () -> x.BinaryCrossEntropyWithLogits(x, t)),
        shape,
        [ "positive weight"; "'t' [4,3]" ]
        "reduction", (fun () -> x.MseLoss(x, enum<LossReduction> 7)), range, [ "None, Mean or Sum" ]
        "reduction of cross entropy",
        (fun () -> x.CrossEntropy(classes, reduction = enum<LossReduction> -1)),
        range,
        [ "None, Mean or Sum" ]
        "softmax, axis", (fun () -> softmax 2 x), shape, [ "softmax: axis 2 is out of range for 'x' [2,3]" ]
        "softmax, no axis", (fun () -> softmax 0 (scalar 1.0)), shape, [ "softmax: axis 0 is out of range" ]
        "logSoftmax, axis", (fun () -> logSoftmax -3 x), shape, [ "logSoftmax: axis -3 is out of range for 'x' [2,3]" ]
        "logSumExp, axis", (fun () -> logSumExp [ 0; 0 ] x), shape, [ "logSumExp: axis 0 is named twice for 'x' [2,3]" ]
        "cosine, shapes",
        (fun () -> cosineSimilarity 1 x t),
        shape,
        [ "cosineSimilarity: operand 0 'x' [2,3] and operand 1 't' [4,3]" ]
        "cosine, axis", (fun () -> cosineSimilarity 2 x x), shape, [ "cosineSimilarity: axis 2 is out of range" ]
        "classes, too few",
        (fun () -> crossEntropy (constant [ 0 ]) x),
        shape,
        [
            "crossEntropy: the target shape [1] does not fit 'x' [2,3], whose classes stand along axis 1: it must have shape [2]"
        ]
        "classes, with their axis",
        (fun () -> crossEntropy (constant [ [ 0; 1; 0 ]; [ 1; 1; 0 ] ]) x),
        shape,
        [ "crossEntropy: the target shape [2,3] does not fit 'x' [2,3]"; "[2]" ]
        "classes of an image",
        (fun () -> crossEntropy (cast DType.Int64 image.[*, 0, *, 0]) image),
        shape,
        [ "[2,4] does not fit 'image' [2,3,4,5]"; "shape [2,4,5]" ]
        "classes along another axis",
        (fun () -> x.CrossEntropy(classes, axis = 0)),
        shape,
        [ "along axis 0: it must have shape [3]" ]
        "classes along no axis",
        (fun () -> x.CrossEntropy(classes, axis = 2)),
        shape,
        [ "crossEntropy: axis 2 is out of range for 'x' [2,3]" ]
        "classes of a number",
        (fun () -> crossEntropy (constant 0) (scalar 1.0)),
        shape,
        [ "crossEntropy: axis 1 is out of range" ]
        "no classes",
        (fun () -> crossEntropy classes none),
        shape,
        [ "crossEntropy: axis 1 of 'none' [2,0] has no classes" ]
        "an unknown number of classes",
        (fun () -> crossEntropy classes (input "u" [ 2; -1 ] DType.Float64)),
        shape,
        [ "crossEntropy: axis 1 of 'u' [2,-1]"; "not known yet" ]
        "truths for classes", (fun () -> crossEntropy truths x), dtype, [ "crossEntropy: the target shape [2] is Bool" ]
        "probabilities of another shape",
        (fun () -> crossEntropy t x),
        shape,
        [ "crossEntropy: the target 't' [4,3] does not fit 'x' [2,3]" ]
        "weights of another count",
        (fun () -> x.CrossEntropy(classes, x.[0, 0..1])),
        shape,
        [
            "crossEntropy: the weight shape [2] is not one number for each of the 3 classes along axis 1 of 'x' [2,3]"
        ]
        "weights of two axes",
        (fun () -> x.CrossEntropy(x, x)),
        shape,
        [ "crossEntropy: the weight 'x' [2,3] is not one number" ]
        "smoothing above 1",
        (fun () -> x.CrossEntropy(classes, labelSmoothing = 1.5)),
        range,
        [ "crossEntropy: the label smoothing" ]
        "smoothing NaN",
        (fun () -> x.CrossEntropy(classes, labelSmoothing = nan)),
        range,
        [ "crossEntropy: the label smoothing" ]
        "nll, probabilities", (fun () -> nllLoss x x), dtype, [ "nllLoss: the target 'x' [2,3] is Float64" ]
        "nll, shape",
        (fun () -> nllLoss (constant [ 0; 0; 0 ]) x),
        shape,
        [ "nllLoss: the target shape [3] does not fit 'x' [2,3]" ]
        "nll, weight", (fun () -> x.NllLoss(classes, x.[0, 0..1])), shape, [ "nllLoss: the weight shape [2]" ]
    ]

let refusalNames = TheoryData<string>(refusals |> Seq.map (fun (name, _, _, _) -> name))

[<Theory; MemberData(nameof refusalNames)>]
let ``what does not fit is refused where it is called`` (name: string) =
    let _, build, kind, words = refusals |> List.find (fun (other, _, _, _) -> other = name)
    let error = Assert.Throws(kind, (fun () -> build () |> ignore))

    for word in words do
        Assert.Contains(word, error.Message)
