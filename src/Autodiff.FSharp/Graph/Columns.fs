namespace Autodiff.FSharp

open Autodiff
open Autodiff.FSharp.Spatial

/// The options of windows that are columns. A list has a number for each spatial axis, or one for all of them, or none:
/// then it is 1.
type Unfolding =
    {
        /// The distance between two windows.
        Stride: int list
        /// The zeros around the argument.
        Padding: Padding
        /// The distance between two elements of a window.
        Dilation: int list
    }

    /// Stride 1, no padding, dilation 1.
    static member standard = { Stride = []; Padding = Padding.Valid; Dilation = [] }

/// Windows as columns, and back (im2col and col2im).
[<AutoOpen>]
module Columns =

    let private windows operation (options: Unfolding) (kernel: seq<int>) =
        let kernel = Array.ofSeq kernel

        if kernel.Length = 0 then
            raise (ShapeException $"{operation}: the kernel has no axes")

        let kernel = perAxis operation "kernel size" 1 kernel kernel
        sliding operation kernel options.Stride options.Padding options.Dilation

    let private product (sizes: seq<int>) = Seq.fold Checked.(*) 1 sizes

    /// The windows of x [batch, channels, spatial axes] as columns: [batch, channels * elements of a window, windows], as
    /// PyTorch's unfold. x may lack the batch; so does then the result.
    let unfold (options: Unfolding) (kernel: seq<int>) (x: Node) : Node =
        let sliding = windows "unfold" options kernel
        requireRank "unfold" 0 sliding.Axes x
        requireFit "unfold" x sliding

        x
        |> overBatch sliding.Axes (fun x ->
            let view = windowed sliding (padded sliding x)
            let places = [| 2 .. 1 + sliding.Axes |]
            let within = places |> Array.map ((+) sliding.Axes)
            let rows = x.Shape[1] * product sliding.Kernel
            let columns = product (Seq.take sliding.Axes (Seq.skip 2 view.Shape))

            view
            |> permute (Array.concat [ [| 0; 1 |]; within; places ])
            |> reshape [ view.Shape[0]; rows; columns ])

    /// The transpose of `unfold`: columns [batch, channels * elements of a window, windows] added up to [batch, channels,
    /// the given sizes], as PyTorch's fold. x may lack the batch; so does then the result.
    let fold (options: Unfolding) (kernel: seq<int>) (sizes: seq<int>) (x: Node) : Node =
        let sliding = windows "fold" options kernel
        let sizes = Array.ofSeq sizes

        if sizes.Length <> sliding.Axes then
            raise (ShapeException $"fold: {sizes.Length} sizes are given, but the kernel has {sliding.Axes} axes")

        let sizes = perAxis "fold" "size of the result" 0 sizes sizes
        requireRank "fold" 0 1 x
        let elements = product sliding.Kernel
        let rows = x.Shape[x.Rank - 2]

        if rows % elements <> 0 then
            raise (
                ShapeException
                    $"fold: axis {x.Rank - 2} of {describe 0 x} has size {rows}, no multiple of the {elements} elements of a window"
            )

        let counts =
            sliding.Windows 0
            |> Array.mapi (fun i window ->
                let whole = sliding.Padded(i, sizes[i])

                if window.Extent > int64 whole then
                    raise (
                        ShapeException
                            $"fold: a window reaches over {window.Extent} elements, but spatial axis {i} of the result has {whole} with its padding"
                    )

                window.Count whole)

        if product counts <> x.Shape[x.Rank - 1] then
            raise (
                ShapeException
                    $"fold: axis {x.Rank - 1} of {describe 0 x} has size {x.Shape[x.Rank - 1]}, but the result has {product counts} windows"
            )

        x
        |> overBatch 1 (fun x ->
            let within = [| 2 .. 1 + sliding.Axes |]
            let places = within |> Array.map ((+) sliding.Axes)
            let channels = rows / elements

            x
            |> reshape (Array.concat [ [| x.Shape[0]; channels |]; sliding.Kernel; counts ])
            |> permute (Array.concat [ [| 0; 1 |]; places; within ])
            |> gathered sliding [ x.Shape[0]; channels ] sizes)
