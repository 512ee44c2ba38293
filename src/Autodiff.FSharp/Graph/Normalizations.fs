namespace Autodiff.FSharp

open Autodiff
open Autodiff.Kernel

/// What is added to a variance, and what multiplies and shifts the normalised values.
type Normalization =
    {
        /// What is added to the variance, inside the root.
        Epsilon: float
        /// What multiplies the normalised values; nothing for 1.
        Weight: Node option
        /// What is added to them then; nothing for 0.
        Bias: Node option
    }

    /// The epsilon 1e-5, no weight and no bias.
    static member standard = { Epsilon = 1e-5; Weight = None; Bias = None }

    /// The epsilon that PyTorch takes for `rmsNorm` if none is given: the distance from 1 to the next number of the type.
    static member machine(dtype: DType) =
        { Normalization.standard with
            Epsilon = System.Math.Pow(2.0, (if dtype = DType.Float32 then -23.0 else -52.0))
        }

/// A batch that was normalised by its own statistics, and these: what running averages are made of.
type BatchNormalization =
    {
        /// The normalised batch.
        Value: Node
        /// The mean of each channel.
        Mean: Node
        /// The variance of each channel with divisor n - 1. (The batch itself is normalised with divisor n.)
        Variance: Node
    }

/// Values moved to mean 0 and scaled to variance 1, as PyTorch's functions of these names. Nothing is hidden: the epsilon
/// under the root is an option.
[<AutoOpen>]
module Normalizations =

    let private floating operation (options: Normalization) (x: Node) =
        if not (options.Epsilon >= 0.0) then
            raise (System.ArgumentException $"{operation}: epsilon is {options.Epsilon}; it is 0 or more")

        Elementwise.floating x

    let private averaged (axes: int[]) (x: Node) = keepingDims "mean" mean axes x

    /// x by the root of its mean square over axes.
    let private scaled (options: Normalization) (axes: int[]) (x: Node) =
        x * rsqrt (averaged axes (square x) + scalar options.Epsilon)

    let private standardized (options: Normalization) (axes: int[]) (x: Node) =
        scaled options axes (x - averaged axes x)

    let private requireShape operation (role: string) (shape: Shape) (parameter: Node) =
        if (Node.Given parameter).Shape <> shape then
            raise (ShapeException $"{operation}: the {role} {Axes.describe parameter} has another shape than {shape}")

    /// The values times the weight plus the bias, each of a shape of its own, seen as another that broadcasts.
    let private affine operation (options: Normalization) (shape: Shape) (seen: int[]) (x: Node) =
        let apply role f (parameter: Node option) (x: Node) =
            match parameter with
            | None -> x
            | Some parameter ->
                requireShape operation role shape parameter
                f x (reshape seen parameter)

        x |> apply "weight" (*) options.Weight |> apply "bias" (+) options.Bias

    /// The last axes, whose sizes are the given ones.
    let private lastAxes operation (shape: int[]) (x: Node) =
        let first = x.Rank - shape.Length

        if shape.Length = 0 then
            raise (ShapeException $"{operation}: no axis of {Axes.describe x} is named: the shape is empty")

        if first < 0 || shape <> Array.skip first (x.Shape.ToArray()) then
            let shape = shape |> Seq.map string |> String.concat ","
            raise (ShapeException $"{operation}: {Axes.describe x} does not end with the sizes [{shape}]")

        [| first .. x.Rank - 1 |]

    /// Each part of x over its last axes, which have the given sizes, with mean 0 and variance 1. Weight and bias have
    /// these sizes too.
    let layerNorm (options: Normalization) (shape: seq<int>) (x: Node) : Node =
        let x, shape = floating "layerNorm" options x, Array.ofSeq shape
        let axes = lastAxes "layerNorm" shape x
        standardized options axes x |> affine "layerNorm" options (Shapes.ofArray shape) shape

    /// Each part of x over its last axes, which have the given sizes, by the root of its mean square: Zhang and Sennrich,
    /// "Root mean square layer normalization", 2019. Weight and bias have these sizes too.
    let rmsNorm (options: Normalization) (shape: seq<int>) (x: Node) : Node =
        let x, shape = floating "rmsNorm" options x, Array.ofSeq shape
        let axes = lastAxes "rmsNorm" shape x
        scaled options axes x |> affine "rmsNorm" options (Shapes.ofArray shape) shape

    let private channels operation least (x: Node) =
        if x.Rank < least then
            raise (
                ShapeException
                    $"{operation}: {Axes.describe x} has {x.Rank} axes; it has a batch, channels and {least - 2} or more others"
            )

        if x.Shape[1] = -1 then
            raise (ShapeException $"{operation}: the number of channels, axis 1 of {Axes.describe x}, is not known yet")

        x.Shape[1]

    let private perChannel operation (options: Normalization) (x: Node) =
        let channels = Shapes.ofArray [| x.Shape[1] |]
        affine operation options channels (Array.append [| x.Shape[1] |] (Array.create (x.Rank - 2) 1)) x

    /// The channels, axis 1 of x, in so many groups, each with mean 0 and variance 1 in each example: Wu and He, "Group
    /// normalization", 2018. Weight and bias have a number for each channel.
    let groupNorm (options: Normalization) (groups: int) (x: Node) : Node =
        let x = floating "groupNorm" options x
        let count = channels "groupNorm" 2 x

        if groups < 1 || count % groups <> 0 then
            raise (
                ShapeException
                    $"groupNorm: axis 1 of {Axes.describe x} has {count} channels, which {groups} groups do not divide"
            )

        let grouped = Node.Reshape(Shapes.replaceAxis 1 [ groups; count / groups ] x.Shape, x)
        // All of it in one shape, and so in one loop.
        let seen = Array.append [| groups; count / groups |] (Array.create (x.Rank - 2) 1)

        standardized options [| 2 .. grouped.Rank - 1 |] grouped
        |> affine "groupNorm" options (Shapes.ofArray [| count |]) seen
        |> fun normal -> Node.Reshape(x.Shape, normal)

    /// Each channel of each example of x [batch, channels, spatial axes] with mean 0 and variance 1. Weight and bias have
    /// a number for each channel.
    let instanceNorm (options: Normalization) (x: Node) : Node =
        let x = floating "instanceNorm" options x
        channels "instanceNorm" 3 x |> ignore
        standardized options [| 2 .. x.Rank - 1 |] x |> perChannel "instanceNorm" options

    let private allButChannels (x: Node) = Array.except [ 1 ] [| 0 .. x.Rank - 1 |]

    /// Each channel, axis 1 of x, with mean 0 and variance 1 over the batch and all other axes, as in training; and these
    /// statistics. Weight and bias have a number for each channel. Ioffe and Szegedy, "Batch normalization", 2015. Throws
    /// ShapeException where a channel has fewer than two elements.
    let batchNorm (options: Normalization) (x: Node) : BatchNormalization =
        let x = floating "batchNorm" options x
        channels "batchNorm" 2 x |> ignore
        let axes = allButChannels x
        let sizes = axes |> Array.map (fun axis -> x.Shape[axis])

        if not (Array.contains -1 sizes) && Array.fold (fun n size -> n * int64 size) 1L sizes < 2L then
            raise (
                ShapeException
                    $"batchNorm: each channel of {Axes.describe x} has fewer than 2 elements: they have no variance"
            )

        {
            Value = standardized options axes x |> perChannel "batchNorm" options
            Mean = mean axes x
            Variance = varianceWith 1 axes x
        }

    /// Each channel, axis 1 of x, moved and scaled by a given mean and variance, which have a number for each channel, as
    /// in inference. Weight and bias have a number for each channel.
    let batchNormInference (options: Normalization) (mean: Node) (variance: Node) (x: Node) : Node =
        let x = floating "batchNormInference" options x
        let count = channels "batchNormInference" 2 x
        let shape = Shapes.ofArray [| count |]
        requireShape "batchNormInference" "mean" shape mean
        requireShape "batchNormInference" "variance" shape variance
        let seen = Array.append [| count |] (Array.create (x.Rank - 2) 1)
        let scale = rsqrt (reshape seen variance + scalar options.Epsilon)
        (x - reshape seen mean) * scale |> perChannel "batchNormInference" options
