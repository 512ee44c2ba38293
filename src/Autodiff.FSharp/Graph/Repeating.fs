namespace Autodiff

/// What stands around a value that is padded with its own elements, as NumPy's `pad` has it.
type PadMode =
    /// The elements at the edges: a a | a b c | c c.
    | Edge = 0
    /// The elements mirrored at the edges, which are not repeated: c b | a b c | b a.
    | Reflect = 1
    /// The elements mirrored together with the edges: b a | a b c | c b.
    | Symmetric = 2
    /// The elements from the other end: b c | a b c | a b.
    | Wrap = 3

namespace Autodiff.FSharp

open System
open Autodiff

/// Values repeated, and values with something around them.
[<AutoOpen>]
module Repeating =

    let private counts operation (counts: seq<int>) (x: Node) =
        let counts = Array.ofSeq counts

        match counts |> Seq.tryFind (fun count -> count < 0) with
        | Some count ->
            raise (ShapeException $"{operation}: {count} repetitions of {Axes.describe x}; there are 0 or more")
        | None -> counts

    /// Each axis of the result is one of x repeated as a whole, so many times; the shorter of shape and list gets ones in
    /// front.
    let tile (repetitions: seq<int>) (x: Node) : Node =
        let repetitions = counts "tile" repetitions x
        let rank = max (Node.Given x).Rank repetitions.Length
        let repetitions = Array.append (Array.create (rank - repetitions.Length) 1) repetitions
        let x = reshape (Seq.append (Seq.replicate (rank - x.Rank) 1) x.Shape) x

        if Array.forall ((=) 1) repetitions then
            x
        else
            // Each repeated axis of size n becomes the last of two, (1, n), of which the first grows.
            let grown axis = repetitions[axis] <> 1
            let sizes = Array.init rank (fun axis -> if grown axis then Axes.size "tile" x axis else x.Shape[axis])
            let pair first axis = if grown axis then [ first; sizes[axis] ] else [ sizes[axis] ]

            reshape
                [
                    for axis in 0 .. rank - 1 do
                        yield! pair 1 axis
                ]
                x
            |> broadcastTo
                [
                    for axis in 0 .. rank - 1 do
                        yield! pair repetitions[axis] axis
                ]
            |> reshape
                [
                    for axis in 0 .. rank - 1 ->
                        if grown axis then Checked.(*) repetitions[axis] sizes[axis] else sizes[axis]
                ]

    let private repeatAll count axis (x: Node) =
        let size = Axes.size "repeat" x axis
        let sizes = x.Shape.ToArray()

        reshape (Array.insertAt (axis + 1) 1 sizes) x
        |> broadcastTo (Array.insertAt (axis + 1) count sizes)
        |> reshape (Array.updateAt axis (Checked.(*) size count) sizes)

    /// Each slice along an axis repeated in its place: so many times each, or each as often as the list says for it.
    let repeat (repetitions: seq<int>) (axis: int) (x: Node) : Node =
        let repetitions = counts "repeat" repetitions x
        let axis = Axes.normalise "repeat" x axis

        if repetitions.Length = 1 then
            if repetitions[0] = 1 then x else repeatAll repetitions[0] axis x
        elif repetitions.Length = Axes.size "repeat" x axis then
            let positions = repetitions |> Array.mapi (fun i count -> Array.create count i) |> Array.concat
            Node.Make(Op.Gather(0, axis, x, Node.Strong(NDArray.Create positions)))
        else
            raise (
                ShapeException
                    $"repeat: {repetitions.Length} counts for axis {axis} of {Axes.describe x}, which has size {x.Shape[axis]}"
            )

    /// The value with a number around it: along each axis, so many before and so many after.
    let padWith (value: Node) (widths: seq<struct (int * int)>) (x: Node) : Node =
        if (Node.Given value).Rank <> 0 then
            raise (ShapeException $"pad: the value {Axes.describe value} is no single number")

        let widths = Array.ofSeq widths
        let struct (x, value) = Node.Promote(x, value)
        let inside = Node.Broadcast(x.Shape, Node.Strong(NDArray.Scalar true))
        where (pad widths inside) (pad widths x) value

    /// The position, inside an axis of a size, of the element that stands at a position before, in or after it. Mirrors
    /// have a period: twice the size, less the two edges where these are not repeated.
    let private source mode size position =
        let modulo period = ((position % period) + period) % period

        match mode with
        | PadMode.Edge -> Math.Clamp(position, 0, size - 1)
        | PadMode.Reflect when size = 1 -> 0
        | PadMode.Reflect ->
            let place = modulo (2 * (size - 1))
            if place < size then place else 2 * (size - 1) - place
        | PadMode.Symmetric ->
            let place = modulo (2 * size)
            if place < size then place else 2 * size - 1 - place
        | PadMode.Wrap -> modulo size
        | _ -> raise (ArgumentOutOfRangeException(nameof mode, $"pad: {mode} is no way to pad"))

    let private padAxis mode (x: Node) struct (axis, before, after) =
        if before = 0 && after = 0 then
            x
        else
            let size = Axes.size "pad" x axis

            if size = 0 then
                raise (ShapeException $"pad: axis {axis} of {Axes.describe x} is empty; it has nothing to pad with")

            let count = Axes.sized "pad" x (int64 before + int64 size + int64 after)
            let positions = Array.init count (fun i -> source mode size (i - before))
            Node.Make(Op.Gather(0, axis, x, Node.Strong(NDArray.Create positions)))

    /// The value with its own elements around it, as the mode says: along each axis, so many before and so many after.
    let padMode (mode: PadMode) (widths: seq<struct (int * int)>) (x: Node) : Node =
        let widths = padWidths widths x

        widths
        |> Seq.mapi (fun axis (struct (before, after)) -> struct (axis, before, after))
        |> Seq.fold (padAxis mode) x
