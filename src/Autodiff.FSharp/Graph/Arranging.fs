namespace Autodiff.FSharp

open System
open Autodiff

/// Axes and elements in another order, and a value in parts.
[<AutoOpen>]
module Arranging =

    /// Axes moved to other places of the result; the others stay in their order.
    let moveAxes (source: seq<int>) (destination: seq<int>) (x: Node) : Node =
        let from, target = Axes.ordered "moveAxis" x source, Axes.ordered "moveAxis" x destination

        if from.Length <> target.Length then
            raise (
                ShapeException
                    $"moveAxis: {from.Length} axes of {Axes.describe x} to move, but {target.Length} places for them"
            )

        let rest = Array.except from [| 0 .. x.Rank - 1 |]
        let order = Array.create x.Rank -1
        Array.iter2 (fun place axis -> order[place] <- axis) target from
        let free = [| 0 .. x.Rank - 1 |] |> Array.except target
        Array.iter2 (fun place axis -> order[place] <- axis) free rest
        permute order x

    /// An axis moved to another place of the result; the others stay in their order.
    let moveAxis (source: int) (destination: int) (x: Node) : Node = moveAxes [ source ] [ destination ] x

    /// New axes of size 1 at the given places of the result.
    let expandDims (axes: seq<int>) (x: Node) : Node =
        let axes = Array.ofSeq axes
        let rank = (Node.Given x).Rank + axes.Length
        let places = axes |> Array.map (Axes.normaliseIn rank "expandDims" x)

        match places |> Seq.countBy id |> Seq.tryFind (fun (_, count) -> count > 1) with
        | Some(axis, _) -> raise (ShapeException $"expandDims: axis {axis} is named twice for {Axes.describe x}")
        | None ->
            let sizes = Collections.Generic.Queue<int>(x.Shape)

            reshape [| for axis in 0 .. rank - 1 -> if Array.contains axis places then 1 else sizes.Dequeue() |] x

    /// The elements start, start + step, ... (count of them) along one axis.
    let internal along (axis: int) (start: int) (step: int) (count: int) (x: Node) : Node =
        if start = 0 && count = x.Shape[axis] && (step = 1 || count < 2) then
            x
        else
            let whole size = { Start = 0; Step = 1; Count = size }
            let ranges = x.Shape |> Seq.map whole |> Array.ofSeq

            ranges[axis] <-
                { Start = (if count = 0 then 0 else start); Step = (if count < 2 then 1 else step); Count = count }

            Node.Make(Op.Slice(ranges, x))

    /// The elements in reverse order along axes; along all of them where the list is empty.
    let flip (axes: seq<int>) (x: Node) : Node =
        let reverse x axis =
            let size = Axes.size "flip" x axis
            along axis (size - 1) -1 size x

        Array.fold reverse x (Axes.many "flip" x axes)

    let private rollOne (x: Node) struct (axis, shift: int) =
        let size = Axes.size "roll" x axis
        let start = if size = 0 then 0 else (size - shift % size) % size

        if start = 0 then
            x
        else
            concat axis [ along axis start 1 (size - start) x; along axis 0 1 start x ]

    /// The elements moved on along axes, so that what leaves at the end comes in at the start. One shift serves all the
    /// axes; where no axis is named, the elements are moved as if they stood in one row.
    let roll (shifts: seq<int>) (axes: seq<int>) (x: Node) : Node =
        let shifts, axes = Array.ofSeq shifts, axes |> Seq.map (Axes.normalise "roll" x) |> Array.ofSeq

        match shifts.Length, axes.Length with
        | 1, 0 -> rollOne (flatten x) (struct (0, shifts[0])) |> reshape x.Shape
        | 1, _ -> axes |> Seq.map (fun axis -> struct (axis, shifts[0])) |> Seq.fold rollOne x
        | s, a when s = a -> Array.map2 (fun axis shift -> struct (axis, shift)) axes shifts |> Array.fold rollOne x
        | s, a -> raise (ShapeException $"roll: {s} shifts for {a} axes of {Axes.describe x}")

    /// Quarter turns in the plane of two axes, from the first of them towards the second.
    let internal rot90With (turns: int) (axis0: int) (axis1: int) (x: Node) : Node =
        Axes.require 2 "rot90" x
        let axes = Axes.ordered "rot90" x [ axis0; axis1 ]

        match ((turns % 4) + 4) % 4 with
        | 0 -> x
        | 1 -> flip [ axes[1] ] x |> swapAxes axes[0] axes[1]
        | 2 -> flip axes x
        | _ -> swapAxes axes[0] axes[1] x |> flip [ axes[1] ]

    /// A quarter turn in the plane of the first two axes, from the first towards the second.
    let rot90 (x: Node) : Node = rot90With 1 0 1 x

    let private pieces axis (ends: seq<int>) (x: Node) : Node list =
        ends
        |> Seq.pairwise
        |> Seq.map (fun (start, stop) -> along axis start 1 (max 0 (stop - start)) x)
        |> List.ofSeq

    let private positive operation (what: string) (count: int) (x: Node) =
        if count < 1 then
            raise (ShapeException $"{operation}: {count} {what} of {Axes.describe x}; there is at least 1")

    /// The value in so many parts of equal size along an axis.
    let split (sections: int) (axis: int) (x: Node) : Node list =
        let axis = Axes.normalise "split" x axis
        let size = Axes.size "split" x axis
        positive "split" "parts" sections x

        if size % sections <> 0 then
            raise (
                ShapeException
                    $"split: axis {axis} of {Axes.describe x} has size {size}, which {sections} equal parts do not fill"
            )

        pieces axis (Seq.init (sections + 1) (fun i -> i * (size / sections))) x

    /// The value cut along an axis before each of the given positions, which are read as the ends of slices are: negative
    /// ones count from the end, and those outside are moved to the ends.
    let splitAt (positions: seq<int>) (axis: int) (x: Node) : Node list =
        let axis = Axes.normalise "split" x axis
        let size = Axes.size "split" x axis
        let clamp position = Math.Clamp((if position < 0 then position + size else position), 0, size)
        let cuts = positions |> Seq.map clamp |> List.ofSeq
        pieces axis (0 :: cuts @ [ size ]) x

    /// The value in at most so many parts along an axis, all of one size but for a smaller last one.
    let chunk (count: int) (axis: int) (x: Node) : Node list =
        let axis = Axes.normalise "chunk" x axis
        let size = Axes.size "chunk" x axis
        positive "chunk" "parts" count x
        let length = max 1 ((size + count - 1) / count)
        let ends = [ for start in 0..length .. max 0 (size - 1) -> min size (start + length) ]
        pieces axis (0 :: ends) x
