namespace Autodiff.FSharp

open Autodiff
open Autodiff.FSharp.Spatial

/// The options of a convolution. A list has a number for each spatial axis, or one for all of them, or none: then it is 1.
type Convolution =
    {
        /// The distance between two windows.
        Stride: int list
        /// The zeros around the argument.
        Padding: Padding
        /// The distance between two elements of a window.
        Dilation: int list
        /// Into how many groups the channels are divided, each of which has its own outputs.
        Groups: int
        /// What is added to each output channel.
        Bias: Node option
    }

    /// Stride 1, no padding, dilation 1, one group, no bias.
    static member standard = { Stride = []; Padding = Padding.Valid; Dilation = []; Groups = 1; Bias = None }

/// The options of a transposed convolution. A list has a number for each spatial axis, or one for all of them, or none.
type ConvolutionTranspose =
    {
        /// The distance between two windows of the result; 1 if none is given.
        Stride: int list
        /// So many elements are dropped at both ends of each axis of the result; 0 if none is given.
        Padding: int list
        /// So many elements that the padding dropped stay at the end of each axis; 0 if none is given.
        OutputPadding: int list
        /// The distance between two elements of a window; 1 if none is given.
        Dilation: int list
        /// Into how many groups the channels are divided.
        Groups: int
        /// What is added to each output channel.
        Bias: Node option
    }

    /// Stride 1, no padding, dilation 1, one group, no bias.
    static member standard = { Stride = []; Padding = []; OutputPadding = []; Dilation = []; Groups = 1; Bias = None }

/// Convolutions in PyTorch's layout: an argument [batch, channels, spatial axes], or the same without a batch.
[<AutoOpen>]
module Convolutions =

    /// Both operands in one element type that has sums and products.
    let private promote (x: Node) (w: Node) =
        let struct (x, w) = Node.Promote(x, w)

        if x.DType = DType.Bool then
            struct (Node.Cast(DType.Int64, x), Node.Cast(DType.Int64, w))
        else
            struct (x, w)

    let private requireKernel operation axes (w: Node) =
        if (Node.Given w).Rank <> axes + 2 then
            raise (
                ShapeException
                    $"{operation}: {describe 1 w} has {w.Rank} axes, not those of two kinds of channels and {axes} spatial axes"
            )

        for axis in 0 .. w.Rank - 1 do
            if w.Shape[axis] = -1 then
                raise (ShapeException $"{operation}: the size of axis {axis} of {describe 1 w} is not known yet")

            if axis >= 2 && w.Shape[axis] = 0 then
                raise (
                    ShapeException $"{operation}: axis {axis} of {describe 1 w} has size 0: windows have no elements"
                )

    let private requireGroups operation groups =
        if groups < 1 then
            raise (ShapeException $"{operation}: the number of groups is {groups}; it is 1 or more")

    let private requireDivided operation groups position axis (operand: Node) =
        if operand.Shape[axis] % groups <> 0 then
            raise (
                ShapeException
                    $"{operation}: axis {axis} of {describe position operand} has {operand.Shape[axis]} channels, which {groups} groups do not divide"
            )

    let private addBias operation axes (outputs: int) (bias: Node option) (y: Node) =
        match bias with
        | None -> y
        | Some bias when bias.Shape <> Shapes.ofArray [| outputs |] ->
            raise (
                ShapeException
                    $"{operation}: the bias {describe 2 bias} has another shape than [{outputs}]: a number for each output channel"
            )
        | Some bias -> y + reshape (Array.append [| outputs |] (Array.create axes 1)) bias

    /// The labels of an einsum over groups: batch, group, channel within it, output within it, place of the window (one
    /// for each axis), place in the window.
    let private labels (axes: int) =
        let places = [| 4 .. 3 + axes |]
        struct (places, Array.map ((+) axes) places)

    let private contractGroups left right result (x: Node) (w: Node) =
        let subscripts = [| left; right |]
        let sizes = Array.create (1 + Array.max (Array.concat [ left; right ])) 1
        Array.iteri (fun axis label -> sizes[label] <- x.Shape[axis]) left
        Array.iteri (fun axis label -> sizes[label] <- w.Shape[axis]) right
        contract subscripts result sizes [| x; w |]

    /// The channels of an axis as two axes: groups, and channels within a group.
    let private grouped (groups: int) (axis: int) (x: Node) =
        Node.Reshape(Shapes.replaceAxis axis [ groups; x.Shape[axis] / groups ] x.Shape, x)

    let private convolution (axes: int) (options: Convolution) (x: Node) (w: Node) : Node =
        let operation = $"conv{axes}d"
        requireRank operation 0 axes x
        requireKernel operation axes w
        requireGroups operation options.Groups
        let channels, outputs = x.Rank - axes - 1, w.Shape[0]
        requireDivided operation options.Groups 0 channels x
        requireDivided operation options.Groups 1 0 w

        if x.Shape[channels] / options.Groups <> w.Shape[1] then
            raise (
                ShapeException
                    $"{operation}: axis {channels} of {describe 0 x} has {x.Shape[channels]} channels in {options.Groups} groups, but axis 1 of {describe 1 w} takes {w.Shape[1]} in each"
            )

        let sliding =
            sliding operation (Array.skip 2 (w.Shape.ToArray())) options.Stride options.Padding options.Dilation

        requireFit operation x sliding
        let struct (x, w) = promote x w
        let struct (places, within) = labels axes

        x
        |> overBatch axes (fun x ->
            let windows = grouped options.Groups 1 x |> padded sliding |> windowed sliding
            let left = Array.concat [ [| 0; 1; 2 |]; places; within ]
            let right = Array.append [| 1; 3; 2 |] within
            let result = Array.append [| 0; 1; 3 |] places
            let y = contractGroups left right result windows (grouped options.Groups 0 w)
            Node.Reshape(Shapes.ofSeq (Seq.append [ y.Shape[0]; outputs ] (Seq.skip 3 y.Shape)), y))
        |> addBias operation axes outputs options.Bias

    /// The sizes of the result of a transposed convolution, before its padding is dropped and after.
    let private transposedSizes operation (x: Node) (sliding: Sliding) (outputPadding: int[]) =
        let first = x.Rank - sliding.Axes

        [|
            for window in sliding.Windows first do
                let i = window.Axis - first
                let size = x.Shape[window.Axis]

                if size = 0 then
                    raise (ShapeException $"{operation}: axis {window.Axis} of {describe 0 x} is empty")

                if outputPadding[i] >= max window.Stride window.Dilation then
                    raise (
                        ShapeException
                            $"{operation}: the output padding of axis {window.Axis} is {outputPadding[i]}; it is less than the stride {window.Stride} or the dilation {window.Dilation}"
                    )

                let whole = int64 (size - 1) * int64 window.Stride + window.Extent
                let left = whole - 2L * int64 sliding.Before[i] + int64 outputPadding[i]

                if left < 1L then
                    raise (
                        ShapeException
                            $"{operation}: {describe 0 x}: of the {whole} elements of axis {window.Axis} of the result a padding of {sliding.Before[i]} leaves {left}"
                    )

                struct (Checked.int whole, Checked.int left)
        |]

    /// Of each of the last axes the elements from a place on, so many; beyond its end they are zero.
    let private cut (starts: int[]) (sizes: int[]) (x: Node) =
        let lead = x.Rank - sizes.Length

        let kept axis =
            if axis < lead then
                { Start = 0; Step = 1; Count = x.Shape[axis] }
            else
                let start = min starts[axis - lead] x.Shape[axis]
                { Start = start; Step = 1; Count = min (x.Shape[axis] - start) sizes[axis - lead] }

        let part = Node.Make(Op.Slice(Array.init x.Rank kept, x))

        part
        |> pad
            [
                for axis in 0 .. x.Rank - 1 do
                    struct (0, (if axis < lead then 0 else sizes[axis - lead] - part.Shape[axis]))
            ]

    let private transposed (axes: int) (options: ConvolutionTranspose) (x: Node) (w: Node) : Node =
        let operation = $"convTranspose{axes}d"
        requireRank operation 0 axes x
        requireKernel operation axes w
        requireGroups operation options.Groups
        let channels = x.Rank - axes - 1
        requireDivided operation options.Groups 0 channels x

        if x.Shape[channels] <> w.Shape[0] then
            raise (
                ShapeException
                    $"{operation}: axis {channels} of {describe 0 x} has {x.Shape[channels]} channels, but axis 0 of {describe 1 w} takes {w.Shape[0]}"
            )

        let kernel = Array.skip 2 (w.Shape.ToArray())
        let sliding = sliding operation kernel options.Stride (Padding.By options.Padding) options.Dilation
        let zeros = Array.map (fun _ -> 0) kernel
        let outputPadding = perAxis operation "output padding" 0 zeros options.OutputPadding
        let sizes = transposedSizes operation x sliding outputPadding
        let outputs = Checked.(*) w.Shape[1] options.Groups
        let struct (x, w) = promote x w
        let struct (places, within) = labels axes

        x
        |> overBatch axes (fun x ->
            let left = Array.append [| 0; 1; 2 |] places
            let right = Array.append [| 1; 2; 3 |] within
            let result = Array.concat [ [| 0; 1; 3 |]; places; within ]
            let windows = contractGroups left right result (grouped options.Groups 1 x) (grouped options.Groups 0 w)
            let whole = sizes |> Array.map (fun (struct (whole, _)) -> whole)
            let plain = { sliding with Before = zeros; After = zeros }
            let sum = gathered plain (Seq.take 3 windows.Shape) whole windows

            let y = cut sliding.Before (sizes |> Array.map (fun (struct (_, left)) -> left)) sum
            Node.Reshape(Shapes.ofSeq (Seq.append [ y.Shape[0]; outputs ] (Seq.skip 3 y.Shape)), y))
        |> addBias operation axes outputs options.Bias

    /// The convolution of x [batch, channels, length] with kernels w [outputs, channels / groups, size]: sums of products,
    /// as PyTorch's conv1d. x may lack the batch; so does then the result. Throws ShapeException where they do not fit.
    let conv1d (options: Convolution) (x: Node) (w: Node) : Node = convolution 1 options x w

    /// The convolution of x [batch, channels, height, width] with kernels w [outputs, channels / groups, height, width]:
    /// sums of products, as PyTorch's conv2d. x may lack the batch; so does then the result. Throws ShapeException where
    /// they do not fit.
    let conv2d (options: Convolution) (x: Node) (w: Node) : Node = convolution 2 options x w

    /// The convolution over three spatial axes.
    let conv3d (options: Convolution) (x: Node) (w: Node) : Node = convolution 3 options x w

    /// The transpose of `conv1d` for x of the same stride, padding, dilation and groups, as PyTorch's conv_transpose1d: x
    /// [batch, channels, length] with kernels w [channels, outputs / groups, size]. Output padding tells the sizes apart
    /// from which the convolution comes to the same one.
    let convTranspose1d (options: ConvolutionTranspose) (x: Node) (w: Node) : Node = transposed 1 options x w

    /// The transpose of `conv2d`: x [batch, channels, height, width] with kernels w [channels, outputs / groups, height,
    /// width].
    let convTranspose2d (options: ConvolutionTranspose) (x: Node) (w: Node) : Node = transposed 2 options x w

    /// The transpose of `conv3d`.
    let convTranspose3d (options: ConvolutionTranspose) (x: Node) (w: Node) : Node = transposed 3 options x w
