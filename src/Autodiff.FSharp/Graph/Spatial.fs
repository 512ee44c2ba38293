namespace Autodiff.FSharp

/// The zeros around the spatial axes of a convolution.
[<RequireQualifiedAccess>]
type Padding =
    /// None: windows lie within the argument.
    | Valid
    /// As many as give the result the argument's size; if their number is odd, one more at the end. The stride is 1.
    | Same
    /// So many at both ends of each spatial axis; one number stands for all axes.
    | By of int list

/// Windows over the spatial axes, which follow the axes of batch and channels: what convolutions and poolings share.
module internal Spatial =

    open Autodiff

    /// Windows with a number for each spatial axis: elements in a window, the distances between windows and between
    /// elements, and the padding.
    type Sliding =
        {
            Kernel: int[]
            Stride: int[]
            Dilation: int[]
            Before: int[]
            After: int[]
        }

        member sliding.Axes = sliding.Kernel.Length

        /// The windows along the axes from the given one on.
        member sliding.Windows(first: int) =
            Array.init sliding.Axes (fun i ->
                AxisWindow(first + i, sliding.Kernel[i], sliding.Stride[i], sliding.Dilation[i]))

        /// The size of an axis with its padding.
        member sliding.Padded(i: int, size: int) = Checked.(+) (Checked.(+) sliding.Before[i] size) sliding.After[i]

    let describe position (x: Node) = Broadcasting.describe position x.Name x.Shape

    /// A number for each spatial axis: the given ones, one for all, or those that hold where none is given.
    let perAxis operation (what: string) (least: int) (otherwise: int[]) (given: seq<int>) : int[] =
        let given = Array.ofSeq given

        match given |> Array.tryFind (fun value -> value < least) with
        | Some value -> raise (ShapeException $"{operation}: a {what} is {value}; it is {least} or more")
        | None -> ()

        match given.Length with
        | 0 -> otherwise
        | 1 -> Array.map (fun _ -> given[0]) otherwise
        | n when n = otherwise.Length -> given
        | n ->
            raise (
                ShapeException
                    $"{operation}: {n} numbers are given as {what}, but there are {otherwise.Length} spatial axes"
            )

    let private evenPadding operation (kernel: int[]) (given: seq<int>) =
        let widths = perAxis operation "padding" 0 (Array.map (fun _ -> 0) kernel) given
        struct (widths, widths)

    let private padding operation (kernel: int[]) (stride: int[]) (dilation: int[]) (padding: Padding) =
        match padding with
        | Padding.Valid -> evenPadding operation kernel []
        | Padding.By given -> evenPadding operation kernel given
        | Padding.Same when stride |> Array.exists (fun stride -> stride <> 1) ->
            raise (ShapeException $"{operation}: a stride is {Array.max stride}; with padding Same it is 1")
        | Padding.Same ->
            let total = Array.map2 (fun size dilation -> Checked.(*) (size - 1) dilation) kernel dilation
            let before = total |> Array.map (fun total -> total / 2)
            struct (before, Array.map2 (-) total before)

    /// Windows of a size over every spatial axis, as the options of an operation say.
    let sliding operation (kernel: int[]) stride paddingOf dilation : Sliding =
        let ones = Array.map (fun _ -> 1) kernel
        let stride = perAxis operation "stride" 1 ones stride
        let dilation = perAxis operation "dilation" 1 ones dilation
        let struct (before, after) = padding operation kernel stride dilation paddingOf

        { Kernel = kernel; Stride = stride; Dilation = dilation; Before = before; After = after }

    /// Refuses what is no array of a batch, channels and so many spatial axes, nor such an array without a batch.
    let requireRank operation position (axes: int) (x: Node) =
        if (Node.Given x).Rank <> axes + 2 && x.Rank <> axes + 1 then
            raise (
                ShapeException
                    $"{operation}: {describe position x} has {x.Rank} axes, not those of a batch, channels and {axes} spatial axes, nor the latter alone"
            )

        for axis in x.Rank - axes .. x.Rank - 1 do
            if x.Shape[axis] = -1 then
                raise (ShapeException $"{operation}: the size of axis {axis} of {describe position x} is not known yet")

        if x.Shape[x.Rank - axes - 1] = -1 then
            raise (
                ShapeException
                    $"{operation}: the number of channels, axis {x.Rank - axes - 1} of {describe position x}, is not known yet"
            )

    /// Applies a function of a batch, channels and spatial axes; an argument without a batch has a result without one.
    let overBatch (axes: int) (f: Node -> Node) (x: Node) : Node =
        if x.Rank = axes + 2 then
            f x
        else
            let y = f (Node.Reshape(Shapes.prepend 1 x.Shape, x))
            Node.Reshape(Shapes.without [| 0 |] y.Shape, y)

    /// Refuses spatial axes, the last ones of x, that do not hold one window.
    let requireFit operation (x: Node) (sliding: Sliding) =
        let first = x.Rank - sliding.Axes

        for window in sliding.Windows first do
            let i = window.Axis - first
            let size = sliding.Padded(i, x.Shape[window.Axis])

            if window.Extent > int64 size then
                raise (
                    ShapeException
                        $"{operation}: {describe 0 x}: a window reaches over {window.Extent} elements, but axis {window.Axis} has {size} with its padding"
                )

    /// The last axes with zeros around them.
    let padded (sliding: Sliding) (x: Node) : Node =
        let first = x.Rank - sliding.Axes

        x
        |> pad
            [
                for axis in 0 .. x.Rank - 1 do
                    if axis < first then
                        struct (0, 0)
                    else
                        struct (sliding.Before[axis - first], sliding.After[axis - first])
            ]

    /// The windows of the last axes.
    let windowed (sliding: Sliding) (x: Node) : Node = Node.Make(Op.Window(sliding.Windows(x.Rank - sliding.Axes), x))

    /// Windows added up to last axes of the given sizes, padding included, of which the padding is dropped again: the
    /// transpose of padding and windows. `lead` are the sizes of the axes before them.
    let gathered (sliding: Sliding) (lead: seq<int>) (sizes: int[]) (windows: Node) : Node =
        let lead = Array.ofSeq lead
        let whole = sizes |> Array.mapi (fun i size -> sliding.Padded(i, size))
        let shape = Shapes.ofArray (Array.append lead whole)
        let sum = Node.Make(Op.OverlapAdd(sliding.Windows lead.Length, shape, windows))

        if whole = sizes then
            sum
        else
            let batches = lead |> Array.map (fun size -> { Start = 0; Step = 1; Count = size })

            let places = sizes |> Array.mapi (fun i size -> { Start = sliding.Before[i]; Step = 1; Count = size })

            Node.Make(Op.Slice(Array.append batches places, sum))
