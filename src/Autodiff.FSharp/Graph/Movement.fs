namespace Autodiff.FSharp

open System
open Autodiff

/// Operations that move elements without changing them: reshapes, slices, padding, joins.
[<AutoOpen>]
module Movement =

    /// The product of the sizes that are known.
    let private product (sizes: ReadOnlySpan<int>) =
        let mutable product = 1L

        for size in sizes do
            if size <> -1 then
                product <- product * int64 size

        product

    let private unknown (sizes: ReadOnlySpan<int>) = sizes.Count -1

    /// The sizes with -1 replaced by what fills the shape. Where the shape has a size that is not known yet, -1 can only
    /// stand for that one.
    let private inferSize (sizes: int[]) (x: Node) =
        let rest = product (ReadOnlySpan sizes)

        if
            unknown (ReadOnlySpan sizes) <> 1
            || rest <= 0L
            || not (Node.Given x).Shape.IsKnown
            || int64 x.Shape.Size % rest <> 0L
        then
            sizes
        else
            sizes |> Array.map (fun size -> if size = -1 then int (int64 x.Shape.Size / rest) else size)

    /// Whether sizes say as many elements as the shape has; one size that is not known stays as it is.
    let private fills (sizes: int[]) (shape: Shape) =
        Array.forall (fun size -> size >= -1) sizes
        && unknown (ReadOnlySpan sizes) = unknown (shape.AsSpan())
        && product (ReadOnlySpan sizes) = product (shape.AsSpan())

    let private show (sizes: seq<int>) = sizes |> Seq.map string |> String.concat "," |> sprintf "[%s]"

    /// The elements in row-major order under another shape of the same size; one size may be -1 and is then found.
    let reshape (shape: seq<int>) (x: Node) : Node =
        let asked = Array.ofSeq shape
        let sizes = inferSize asked x

        if not (fills sizes (Node.Given x).Shape) then
            let elements = if x.Shape.IsKnown then $"{x.Shape.Size}" else "an unknown number of"
            raise (ShapeException $"reshape: {Axes.describe x} with {elements} elements does not fill {show asked}")

        Node.Reshape(Shapes.ofArray sizes, x)

    /// All elements as one axis.
    let flatten (x: Node) : Node = reshape [ -1 ] x

    /// A new axis of size 1 at the given place of the result.
    let unsqueeze (axis: int) (x: Node) : Node =
        let axis = Axes.normaliseIn ((Node.Given x).Rank + 1) "unsqueeze" x axis
        reshape (Array.insertAt axis 1 (x.Shape.ToArray())) x

    /// The value without the given axes, which have size 1; without all axes of size 1 where the list is empty.
    let squeeze (axes: seq<int>) (x: Node) : Node =
        let named = Axes.many "squeeze" x axes

        match named |> Seq.tryFind (fun axis -> x.Shape[axis] <> 1) with
        | Some axis when not (Seq.isEmpty axes) ->
            raise (ShapeException $"squeeze: axis {axis} of {Axes.describe x} has size {x.Shape[axis]}, not 1")
        | Some _
        | None ->
            let isKept axis = x.Shape[axis] <> 1 || System.Array.IndexOf(named, axis) < 0

            reshape
                [
                    for axis in 0 .. x.Rank - 1 do
                        if isKept axis then
                            x.Shape[axis]
                ]
                x

    /// A part of the value, as NumPy slices: a whole number drops its axis, a range keeps it; steps, negative ones too,
    /// new axes and an ellipsis are made by `Slice`.
    let slice (slices: seq<Slice>) (x: Node) : Node = x[Array.ofSeq slices]

    /// The widths of a padding, one pair for each axis.
    let internal padWidths (widths: seq<struct (int * int)>) (x: Node) =
        let widths = Array.ofSeq widths

        if widths.Length <> x.Rank then
            raise (
                ShapeException $"pad: {widths.Length} pairs of widths for {Axes.describe x}, which has {x.Rank} axes"
            )

        widths
        |> Array.iteri (fun axis (struct (before, after)) ->
            if before < 0 || after < 0 then
                raise (ShapeException $"pad: widths of axis {axis} are ({before}, {after}); they are 0 or more"))

        widths

    /// The value with zeros around it: along each axis, so many before and so many after.
    let pad (widths: seq<struct (int * int)>) (x: Node) : Node =
        let widths = padWidths widths x

        if widths |> Array.forall (fun (struct (before, after)) -> before = 0 && after = 0) then
            x
        else
            let range axis (struct (before, _)) = { Start = before; Step = 1; Count = x.Shape[axis] }

            let size axis (struct (before, after)) =
                if before = 0 && after = 0 then
                    x.Shape[axis]
                else
                    Axes.sized "pad" x (int64 before + int64 (Axes.size "pad" x axis) + int64 after)

            Node.Make(Op.Embed(Array.mapi range widths, Shapes.ofArray (Array.mapi size widths), x))

    let private checkJoin operation axis difference (parts: Node[]) =
        let first = parts[0]

        for position in 1 .. parts.Length - 1 do
            let part = parts[position]
            let differs i = i <> axis && part.Shape[i] <> first.Shape[i]

            if part.Rank <> first.Rank || Seq.exists differs [ 0 .. first.Rank - 1 ] then
                let a = Broadcasting.describe 0 first.Name first.Shape
                let b = Broadcasting.describe position part.Name part.Shape
                raise (ShapeException $"{operation}: {a} and {b} differ in {difference}")

    /// The parts joined along an axis that they already have; their other sizes are the same.
    let concat (axis: int) (parts: seq<Node>) : Node =
        let parts = Array.ofSeq parts

        if parts.Length = 0 then
            raise (ShapeException "concat: there is nothing to join")

        let axis = Axes.normalise "concat" parts[0] axis

        match parts |> Seq.tryFind (fun part -> axis < part.Rank && part.Shape[axis] = -1) with
        | Some part ->
            raise (ShapeException $"concat: the size of axis {axis} of {Axes.describe part} is not known yet")
        | None -> ()

        checkJoin "concat" axis $"more than axis {axis}" parts
        let parts = Node.PromoteAll parts
        if parts.Length = 1 then parts[0] else Node.Make(Op.Concat(axis, parts))

    /// Parts of the same shape joined along a new axis.
    let stack (axis: int) (parts: seq<Node>) : Node =
        let parts = Array.ofSeq parts

        if parts.Length = 0 then
            raise (ShapeException "stack: there is nothing to join")

        let axis = Axes.normaliseIn (parts[0].Rank + 1) "stack" parts[0] axis
        checkJoin "stack" -1 "shape" parts
        parts |> Seq.map (unsqueeze axis) |> concat axis

    /// Indices are whole numbers; where they are known they are checked against the axis at once.
    let internal checkIndices operation (indices: Node) (axis: int) (x: Node) =
        if (Node.Given indices).DType <> DType.Int32 && indices.DType <> DType.Int64 then
            raise (
                DTypeException $"{operation}: the indices are {indices.DType}; whole numbers (Int32, Int64) are needed"
            )

        match indices.Op with
        | Op.Constant(value, _) when x.Shape[axis] >= 0 ->
            let size = int64 x.Shape[axis]

            match (value.AsType DType.Int64).ToArray<int64>() |> Seq.tryFind (fun i -> i < -size || i >= size) with
            | Some index ->
                raise (
                    ShapeException
                        $"{operation}: index {index} is out of range for axis {axis} of {Axes.describe x}, which has size {size}"
                )
            | None -> ()
        | _ -> ()

    /// Slices of x along an axis, picked by an array of whole numbers, whose axes take the place of that axis. A
    /// negative index counts from the end.
    let take (axis: int) (indices: Node) (x: Node) : Node =
        let axis = Axes.normalise "take" x axis
        checkIndices "take" indices axis x
        Node.Make(Op.Gather(0, axis, x, indices))
