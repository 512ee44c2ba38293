namespace Autodiff.FSharp

open Autodiff

/// Windows that slide along axes, and their transpose.
[<AutoOpen>]
module Windows =

    let private checkWindow operation (x: string) (shape: Shape) (window: AxisWindow) =
        let fail reason = raise (ShapeException $"{operation}: {x}: {reason}")
        let size = shape[window.Axis]

        if window.Size < 1 || window.Stride < 1 || window.Dilation < 1 then
            fail
                $"the window of axis {window.Axis} has size {window.Size}, stride {window.Stride} and dilation {window.Dilation}; each is 1 or more"

        if size = -1 then
            fail $"the size of axis {window.Axis} is not known yet"

        if window.Extent > int64 size then
            fail $"a window reaches over {window.Extent} elements, but axis {window.Axis} has {size}"

    /// The windows with axes counted from the start, each axis once.
    let private normalise operation (x: Node) (shape: Shape) (windows: seq<AxisWindow>) =
        let normal (window: AxisWindow) =
            if window.Axis >= -shape.Rank && window.Axis < shape.Rank then
                window.At(if window.Axis < 0 then window.Axis + shape.Rank else window.Axis)
            else
                raise (
                    ShapeException
                        $"{operation}: axis {window.Axis} is out of range for {Axes.describe x}: there are {shape.Rank} axes"
                )

        let windows = windows |> Seq.map normal |> Array.ofSeq

        match windows |> Array.countBy _.Axis |> Array.tryFind (fun (_, count) -> count > 1) with
        | Some(axis, _) -> raise (ShapeException $"{operation}: axis {axis} is named twice for {Axes.describe x}")
        | None -> windows

    /// The windows that slide along the axes they name, as NumPy's sliding_window_view has them, with strides and
    /// dilations: such an axis counts the windows from here on, and for each there is a new axis at the end, of the
    /// elements within a window. Throws ShapeException where an axis is no axis, or too short for one window.
    let slidingWindowView (windows: seq<AxisWindow>) (x: Node) : Node =
        let windows = normalise "slidingWindowView" x (Node.Given x).Shape windows
        windows |> Array.iter (checkWindow "slidingWindowView" (Axes.describe x) x.Shape)
        if windows.Length = 0 then x else Node.Make(Op.Window(windows, x))

    /// Zeros of a shape to which the elements of windows are added where `slidingWindowView` reads them: its transpose.
    /// Windows that overlap add up. Throws ShapeException where x has another shape than the windows of the result.
    let overlapAdd (windows: seq<AxisWindow>) (shape: seq<int>) (x: Node) : Node =
        let shape = Shapes.ofSeq shape
        let windows = normalise "overlapAdd" x shape windows
        windows |> Array.iter (checkWindow "overlapAdd" $"the result {shape}" shape)
        let x = if x.DType = DType.Bool then Node.Cast(DType.Int64, x) else x
        let expected = Shapes.windowed windows shape

        if x.Shape <> expected then
            raise (ShapeException $"overlapAdd: {Axes.describe x} is not {expected}, the windows of the result {shape}")

        if windows.Length = 0 then x else Node.Make(Op.OverlapAdd(windows, shape, x))
