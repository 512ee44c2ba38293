/// Axes as users give them: counted from the end when negative, in any order; an empty list means all.
module internal Autodiff.FSharp.Axes

open Autodiff

/// A node as a message names it.
let describe (x: Node) =
    match (Node.Given x).Name with
    | null -> $"shape {x.Shape}"
    | name -> $"'{name}' {x.Shape}"

/// The axis counted from the start.
let normaliseIn (rank: int) (operation: string) (x: Node) (axis: int) : int =
    if axis >= -rank && axis < rank then
        if axis < 0 then axis + rank else axis
    else
        raise (ShapeException $"{operation}: axis {axis} is out of range for {describe x}, which has {x.Rank} axes")

/// The axis of the node counted from the start.
let normalise (operation: string) (x: Node) (axis: int) = normaliseIn (Node.Given x).Rank operation x axis

/// The axes of the node, ascending and counted from the start; all of them where the list is empty.
let many (operation: string) (x: Node) (axes: seq<int>) : int[] =
    let axes = Array.ofSeq axes

    if axes.Length = 0 then
        Array.init (Node.Given x).Rank id
    else
        for i in 0 .. axes.Length - 1 do
            axes[i] <- normalise operation x axes[i]

        System.Array.Sort axes

        for i in 1 .. axes.Length - 1 do
            if axes[i] = axes[i - 1] then
                raise (ShapeException $"{operation}: axis {axes[i]} is named twice for {describe x}")

        axes

/// A permutation of all axes of the node.
let permutation (operation: string) (x: Node) (order: seq<int>) : int[] =
    let order = order |> Seq.map (normalise operation x) |> Array.ofSeq

    if Array.sort order = [| 0 .. x.Rank - 1 |] then
        order
    else
        let shown = order |> Seq.map string |> String.concat ","
        raise (ShapeException $"{operation}: [{shown}] is no permutation of the {x.Rank} axes of {describe x}")

/// The size of an axis that is counted from the start. An operation that makes another size of it needs to know it.
let size (operation: string) (x: Node) (axis: int) : int =
    match x.Shape[axis] with
    | -1 -> raise (ShapeException $"{operation}: the size of axis {axis} of {describe x} is not known yet")
    | size -> size

/// Axes in the order in which they were given, counted from the start and each named once.
let ordered (operation: string) (x: Node) (axes: seq<int>) : int[] =
    let axes = axes |> Seq.map (normalise operation x) |> Array.ofSeq

    match axes |> Seq.countBy id |> Seq.tryFind (fun (_, count) -> count > 1) with
    | Some(axis, _) -> raise (ShapeException $"{operation}: axis {axis} is named twice for {describe x}")
    | None -> axes

/// Refuses a value of fewer axes than the operation works on.
let require (rank: int) (operation: string) (x: Node) =
    if (Node.Given x).Rank < rank then
        raise (ShapeException $"{operation}: {describe x} has {x.Rank} axes; at least {rank} are needed")

/// A size that an axis of the result would have, as long as an array can hold it.
let sized (operation: string) (x: Node) (size: int64) : int =
    if size <= int64 System.Array.MaxLength then
        int size
    else
        raise (
            ShapeException
                $"{operation}: an axis of {size} elements, made of {describe x}, is more than an array can hold"
        )
