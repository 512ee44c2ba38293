namespace Autodiff.FSharp

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Spatial

/// The options of a pooling. A list has a number for each spatial axis, or one for all of them, or none.
type Pooling =
    {
        /// The distance between two windows; their size if none is given.
        Stride: int list
        /// So many elements are added at both ends of each axis, which never are a maximum; 0 if none is given.
        Padding: int list
        /// The distance between two elements of a window; 1 if none is given.
        Dilation: int list
        /// Whether a last window counts that reaches beyond the end.
        CeilMode: bool
        /// Whether the padding counts in the divisor of a mean.
        CountIncludePad: bool
    }

    /// The windows side by side, no padding, dilation 1; a window that reaches beyond the end is left out.
    static member standard = { Stride = []; Padding = []; Dilation = []; CeilMode = false; CountIncludePad = true }

/// Maxima and means of windows, in PyTorch's layout: an argument [batch, channels, spatial axes], or the same without a
/// batch.
[<AutoOpen>]
module Poolings =

    /// How many elements at the end make room for a last window. It starts within the argument or the padding before it.
    let private ceiling (window: AxisWindow) size padding =
        let whole = int64 size + 2L * int64 padding
        let beyond = (whole - window.Extent) % int64 window.Stride
        let start = whole - window.Extent - beyond + int64 window.Stride

        if beyond = 0L || start >= int64 size + int64 padding then
            0
        else
            Checked.int (start + window.Extent - whole)

    /// The places of the elements of each window along an axis, the first element of the argument being at 0.
    let private taps (sliding: Sliding) i size =
        let window = (sliding.Windows 0).[i]

        Array.init (window.Count(sliding.Padded(i, size))) (fun k ->
            Array.init window.Size (fun e -> k * window.Stride + e * window.Dilation - sliding.Before[i]))

    let private requireElements operation (x: Node) (sliding: Sliding) =
        let first = x.Rank - sliding.Axes

        for i in 0 .. sliding.Axes - 1 do
            let size = x.Shape[first + i]

            if taps sliding i size |> Array.exists (Array.forall (fun place -> place < 0 || place >= size)) then
                raise (
                    ShapeException
                        $"{operation}: {describe 0 x}: a window of axis {first + i}, which has size {size}, lies in the padding alone"
                )

    let private windows operation axes (options: Pooling) (kernel: seq<int>) (x: Node) =
        requireRank operation 0 axes x
        let kernel = perAxis operation "kernel size" 1 (Array.create axes 0) kernel

        if Array.contains 0 kernel then
            raise (ShapeException $"{operation}: no kernel size is given")

        let stride = if options.Stride.IsEmpty then List.ofArray kernel else options.Stride
        let sliding = sliding operation kernel stride (Padding.By options.Padding) options.Dilation

        for i in 0 .. axes - 1 do
            if 2 * sliding.Before[i] > kernel[i] then
                raise (
                    ShapeException
                        $"{operation}: the padding of spatial axis {i} is {sliding.Before[i]}, more than half of the kernel size {kernel[i]}"
                )

        requireFit operation x sliding
        let first = x.Rank - axes

        let room (window: AxisWindow) =
            let i = window.Axis - first
            sliding.After[i] + ceiling window x.Shape[window.Axis] sliding.Before[i]

        let sliding =
            if options.CeilMode then
                { sliding with After = sliding.Windows first |> Array.map room }
            else
                sliding

        requireElements operation x sliding
        sliding

    /// The product, for each place of an array, of a number for its index along each axis.
    let private product (factors: int[][]) =
        let sizes = factors |> Array.map _.Length

        let element position =
            let mutable rest = position
            let mutable total = 1.0

            for axis in sizes.Length - 1 .. -1 .. 0 do
                let own = factors[axis]
                total <- total * float own[rest % own.Length]
                rest <- rest / sizes[axis]

            total

        NDArray.Create(Array.init (Array.fold (*) 1 sizes) element, sizes)

    /// The number below all others of an element type.
    let private lowest (dtype: DType) =
        match dtype with
        | DType.Int32 -> NDArray.Scalar System.Int32.MinValue
        | DType.Int64 -> NDArray.Scalar System.Int64.MinValue
        | DType.Bool -> NDArray.Scalar false
        | _ -> (NDArray.Scalar System.Double.NegativeInfinity).AsType dtype

    /// The last axes with padding that no element is smaller than.
    let private paddedLow (sliding: Sliding) (x: Node) =
        let y = padded sliding x

        if obj.ReferenceEquals(x, y) then
            x
        else
            let isInside i =
                let size = x.Shape[x.Rank - sliding.Axes + i]

                Array.init (sliding.Padded(i, size)) (fun place ->
                    if place >= sliding.Before[i] && place < sliding.Before[i] + size then 1 else 0)

            let inside = (product (Array.init sliding.Axes isInside)).AsType DType.Bool
            where (Node.Strong inside) y (Node.Strong(lowest x.DType))

    let private lastAxes count = [ for i in 1..count -> -i ]

    let private firstAxes count = [ 0 .. count - 1 ]

    /// The windows of the last axes with their elements' axes first. What is computed for each element then runs along
    /// places, of which there are many, and not along the few elements of a window.
    let private elementsFirst (sliding: Sliding) (x: Node) =
        windowed sliding x |> moveAxes (lastAxes sliding.Axes |> List.rev) (firstAxes sliding.Axes)

    let private maxima axes (options: Pooling) (kernel: seq<int>) (x: Node) : Node =
        let sliding = windows $"maxPool{axes}d" axes options kernel x
        x |> overBatch axes (fun x -> paddedLow sliding x |> elementsFirst sliding |> amax (firstAxes axes))

    /// How many elements each window's mean is over: those of the argument, or of the padding before `ceiling` too.
    let private divisor (options: Pooling) (sliding: Sliding) (sizes: int[]) : Node =
        let count i size =
            let padding = if options.CountIncludePad then sliding.Before[i] else 0
            let counts place = place >= -padding && place < size + padding
            taps sliding i size |> Array.map (Array.filter counts >> Array.length)

        let counts = Array.mapi count sizes

        if counts |> Array.forall (fun counts -> Array.forall ((=) counts[0]) counts) then
            scalar (counts |> Array.fold (fun total counts -> total * float counts[0]) 1.0)
        else
            Node.Weak(product counts)

    let private means axes (options: Pooling) (kernel: seq<int>) (x: Node) : Node =
        let sliding = windows $"avgPool{axes}d" axes options kernel x
        let x = if x.DType.IsFloat() then x else Node.Cast(DType.Float64, x)
        let divisor = divisor options sliding (Array.skip (x.Rank - axes) (x.Shape.ToArray()))
        let sums = overBatch axes (padded sliding >> windowed sliding >> sum (lastAxes axes)) x
        sums / Node.Cast(x.DType, divisor)

    let private whole size = { Start = 0; Step = 1; Count = size }

    /// Parts of the last axes, so many along each, as even as can be (part i of n begins at floor(i size / n) and ends at
    /// ceil((i + 1) size / n)), each reduced to one element.
    let private adaptive operation (reduce: seq<int> -> Node -> Node) axes (counts: seq<int>) (x: Node) : Node =
        requireRank operation 0 axes x
        let counts = perAxis operation "size of the result" 1 (Array.create axes 0) counts
        let first = x.Rank - axes

        if Array.contains 0 counts then
            raise (ShapeException $"{operation}: no size of the result is given")

        for axis in first .. x.Rank - 1 do
            if x.Shape[axis] = 0 then
                raise (ShapeException $"{operation}: axis {axis} of {describe 0 x} is empty")

        let rec parts i (x: Node) =
            if i = axes then
                reduce (lastAxes axes) x
            else
                let size, count = int64 x.Shape[first + i], int64 counts[i]

                let part k =
                    let start = int64 k * size / count
                    let stop = ((int64 k + 1L) * size + count - 1L) / count
                    let ranges = x.Shape |> Seq.map whole |> Array.ofSeq
                    ranges[first + i] <- { Start = int start; Step = 1; Count = int (stop - start) }
                    parts (i + 1) (Node.Make(Op.Slice(ranges, x)))

                stack first (Seq.init counts[i] part)

        let isEven = Seq.forall2 (fun size count -> size % count = 0) (Seq.skip first x.Shape) counts

        if isEven then
            let kernel = Seq.map2 (/) (Seq.skip first x.Shape) counts |> Array.ofSeq
            x |> elementsFirst (sliding operation kernel kernel Padding.Valid []) |> reduce (firstAxes axes)
        else
            parts 0 x

    /// The maxima of windows of a size over x [batch, channels, length]. Ties share the derivative evenly. Throws
    /// ShapeException where a window does not fit.
    let maxPool1d (options: Pooling) (kernel: seq<int>) (x: Node) : Node = maxima 1 options kernel x

    /// The maxima of windows of a size over x [batch, channels, height, width]. Ties share the derivative evenly. Throws
    /// ShapeException where a window does not fit.
    let maxPool2d (options: Pooling) (kernel: seq<int>) (x: Node) : Node = maxima 2 options kernel x

    /// The maxima of windows of a size over three spatial axes.
    let maxPool3d (options: Pooling) (kernel: seq<int>) (x: Node) : Node = maxima 3 options kernel x

    /// The means of windows of a size over x [batch, channels, length]. Throws ShapeException where a window does not fit.
    let avgPool1d (options: Pooling) (kernel: seq<int>) (x: Node) : Node = means 1 options kernel x

    /// The means of windows of a size over x [batch, channels, height, width]. Throws ShapeException where a window does
    /// not fit.
    let avgPool2d (options: Pooling) (kernel: seq<int>) (x: Node) : Node = means 2 options kernel x

    /// The means of windows of a size over three spatial axes.
    let avgPool3d (options: Pooling) (kernel: seq<int>) (x: Node) : Node = means 3 options kernel x

    /// The means of parts of x [batch, channels, length], so many along the length, as even as can be; of one part, the
    /// mean of all.
    let adaptiveAvgPool1d (size: seq<int>) (x: Node) : Node = adaptive "adaptiveAvgPool1d" mean 1 size x

    /// The means of parts of x [batch, channels, height, width], so many along height and width, as even as can be.
    let adaptiveAvgPool2d (size: seq<int>) (x: Node) : Node = adaptive "adaptiveAvgPool2d" mean 2 size x

    /// The means of parts of three spatial axes.
    let adaptiveAvgPool3d (size: seq<int>) (x: Node) : Node = adaptive "adaptiveAvgPool3d" mean 3 size x

    /// The maxima of parts of x [batch, channels, length], so many along the length, as even as can be; of one part, the
    /// maximum of all.
    let adaptiveMaxPool1d (size: seq<int>) (x: Node) : Node = adaptive "adaptiveMaxPool1d" amax 1 size x

    /// The maxima of parts of x [batch, channels, height, width], so many along height and width, as even as can be.
    let adaptiveMaxPool2d (size: seq<int>) (x: Node) : Node = adaptive "adaptiveMaxPool2d" amax 2 size x

    /// The maxima of parts of three spatial axes.
    let adaptiveMaxPool3d (size: seq<int>) (x: Node) : Node = adaptive "adaptiveMaxPool3d" amax 3 size x
