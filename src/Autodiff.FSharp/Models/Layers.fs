namespace Autodiff.FSharp

open Autodiff

/// Layers that are bound once, as functions from node to node, so that their weights are shared.
module Layer =

    /// A layer whose parameters are made for its first argument, whose sizes say how many there are.
    let private fromFirst (make: Node -> Model<Node -> 'result>) : Model<Node -> 'result> =
        Model(fun context ->
            let path = Scope.Path
            let mutable layer: (Node -> 'result) voption = ValueNone

            fun x ->
                match layer with
                | ValueSome f -> f x
                | ValueNone ->
                    let f = Scope.At(path, fun () -> (make x).Run context)
                    layer <- ValueSome f
                    f x)

    /// The function, whose nodes stand in the scope that is open now.
    let private here (f: Node -> 'result) : Node -> 'result =
        let path = Scope.Path
        fun x -> Scope.At(path, fun () -> f x)

    /// x w + b with weights for so many outputs. The number of inputs is that of the first argument, whose last axis every
    /// later one must share.
    let dense (outputs: int) : Model<Node -> Node> =
        fromFirst (fun first ->
            scope "dense" {
                let! w = Model.parameter "w" [ first.Shape[first.Rank - 1]; outputs ] Initial.glorot
                let! b = Model.parameter "b" [ outputs ] Initial.zeros
                return here (fun x -> x *@ w + b)
            })

    /// Glorot and Bengio's uniform start for kernels [outputs, inputs, window].
    let private glorotKernels (random: RandomSource) (shape: Shape) =
        let window = shape |> Seq.skip 2 |> Seq.fold (fun product size -> product * float size) 1.0
        Initial.uniform (sqrt (6.0 / (window * float (max 1 (shape[0] + shape[1]))))) random shape

    let private convolution axes convolve (options: Convolution) (outputs: int) (kernel: seq<int>) =
        let operation = $"conv{axes}d"

        fromFirst (fun first ->
            Spatial.requireRank operation 0 axes first
            let kernel = Spatial.perAxis operation "kernel size" 1 (Array.create axes 1) kernel
            let inputs = first.Shape[first.Rank - axes - 1] / max 1 options.Groups

            scope operation {
                let! w = Model.parameter "w" (Array.append [| outputs; inputs |] kernel) glorotKernels
                let! b = Model.parameter "b" [ outputs ] Initial.zeros
                let options = { options with Convolution.Bias = Some b }
                return here (fun x -> convolve options x w)
            })

    /// A convolution with new kernels of a size and a bias, for so many outputs. The number of channels is that of the
    /// first argument. A bias in the options is not looked at.
    let conv1d (options: Convolution) (outputs: int) (kernel: seq<int>) : Model<Node -> Node> =
        convolution 1 conv1d options outputs kernel

    /// A convolution with new kernels of a size and a bias, for so many outputs. The number of channels is that of the
    /// first argument. A bias in the options is not looked at.
    let conv2d (options: Convolution) (outputs: int) (kernel: seq<int>) : Model<Node -> Node> =
        convolution 2 conv2d options outputs kernel

    /// A convolution with new kernels of a size and a bias, for so many outputs. The number of channels is that of the
    /// first argument. A bias in the options is not looked at.
    let conv3d (options: Convolution) (outputs: int) (kernel: seq<int>) : Model<Node -> Node> =
        convolution 3 conv3d options outputs kernel

    let private normalization name (shapeOf: Node -> int list) (normalize: Normalization -> Node -> 'result) =
        fromFirst (fun first ->
            scope name {
                let! w = Model.parameter "w" (shapeOf first) Initial.ones
                let! b = Model.parameter "b" (shapeOf first) Initial.zeros
                let options = { Normalization.standard with Weight = Some w; Bias = Some b }
                return here (normalize options)
            })

    let private channels (x: Node) =
        if x.Rank < 2 then
            raise (ShapeException $"{Axes.describe x} has no axis of channels")

        [ x.Shape[1] ]

    /// Each part over the last axes, of the given sizes, with mean 0 and variance 1, times a new weight plus a new bias.
    /// Epsilon is 1e-5.
    let layerNorm (shape: seq<int>) : Model<Node -> Node> =
        let shape = List.ofSeq shape
        normalization "layerNorm" (fun _ -> shape) (fun options -> layerNorm options shape)

    /// The channels in so many groups, each with mean 0 and variance 1, times a new weight plus a new bias. Epsilon is 1e-5.
    let groupNorm (groups: int) : Model<Node -> Node> =
        normalization "groupNorm" channels (fun options -> groupNorm options groups)

    /// Each channel over the batch with mean 0 and variance 1, times a new weight plus a new bias; and the statistics of
    /// the batch, of which running averages are made. Epsilon is 1e-5.
    let batchNorm: Model<Node -> BatchNormalization> = normalization "batchNorm" channels batchNorm

    /// Each part over the last axes, of the given sizes, by the root of its mean square, times a new weight. Epsilon is that
    /// of `Normalization.machine`.
    let rmsNorm (shape: seq<int>) : Model<Node -> Node> =
        let shape = List.ofSeq shape

        scope "rmsNorm" {
            let! w = Model.parameter "w" shape Initial.ones
            return here (fun x -> rmsNorm { Normalization.machine x.DType with Weight = Some w } shape x)
        }

    /// Dropout with a rate, while the flag says that this is training. The layer folds its path into the key, so that layers in
    /// different places see different noise; one that is applied twice drops the same elements both times.
    let dropout (rate: float) (isTraining: bool) (key: Node) : Model<Node -> Node> =
        Model(fun context ->
            let path = context.Claim "dropout"
            let own = Random.foldInText key path
            fun x -> Scope.At(path, fun () -> Regularisation.dropout rate isTraining own x))

/// Layers applied where they are made.
[<AutoOpen>]
module Layers =

    /// x w + b over the last axis of x, with new weights.
    let dense (outputs: int) (x: Node) : Model<Node> = Layer.dense outputs |> Model.map (fun layer -> layer x)
