/// Where values stand that are parts of a join (a Concat): each is computed in its place in the whole, if it can be, and
/// joining them is no work then.
module internal Autodiff.FSharp.Placement

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// The places of parts of given shapes one after the other along an axis of the whole.
let private parts axis (shapes: Shape[]) (whole: BufferView) : BufferView[] =
    let offsets = shapes |> Array.scan (fun start shape -> start + shape[axis]) 0

    let place position (shape: Shape) =
        let starts, steps = Array.zeroCreate shape.Rank, Array.create shape.Rank 1
        starts[axis] <- offsets[position]
        let layout = whole.Layout.Slice(ReadOnlySpan starts, ReadOnlySpan steps, shape.AsSpan())
        BufferView(whole.Buffer, layout, whole.DType)

    Array.mapi place shapes

/// The rooms of a graph's values.
[<Sealed>]
type Placement(tape: Tape) =
    // For each node the join in which it has its place, and which part it is.
    let homes = Dictionary<int, struct (int * int)>()
    let joins = Dictionary<int, struct (BufferView * BufferView[])>()

    do
        for i in 0 .. tape.Nodes.Length - 1 do
            if tape.Nodes[i].Op.IsConcat && not (tape.IsLeaf i) then
                tape.Children i
                |> Array.iteri (fun position part ->
                    if Joins.isPlaceable tape part then
                        homes.TryAdd(Joins.source tape part, struct (i, position)) |> ignore)

    let temporary (builder: ProgramBuilder) i = builder.Temporary(tape.Nodes[i].DType, tape.Nodes[i].Shape)

    let partsOf i (whole: BufferView) =
        match tape.Nodes[i].Op with
        | Op.Concat(axis, _) -> parts axis (tape.Children i |> Array.map (fun part -> tape.Nodes[part].Shape)) whole
        | _ -> invalidOp "the node is no join"

    /// The place of a part of a join that has its room, if its layout can be that of the part's source.
    let placed (builder: ProgramBuilder) i (home: int) position =
        let struct (_, places) = joins[home]
        let place = places[position]

        match place.Layout.TryReshape tape.Nodes[i].Shape with
        | null -> temporary builder i
        | layout -> BufferView(place.Buffer, layout, place.DType)

    /// The room of a node whose home, if it has one, has its room.
    let room (builder: ProgramBuilder) i =
        match homes.TryGetValue i with
        | true, struct (home, position) -> placed builder i home position
        | false, _ -> temporary builder i

    /// Gives a join its room, after the joins in which it stands.
    let settle (builder: ProgramBuilder) i =
        let pending = Stack [ i ]

        let homeless () =
            match homes.TryGetValue(pending.Peek()) with
            | true, struct (home, _) when not (joins.ContainsKey home) -> ValueSome home
            | _ -> ValueNone

        let mutable next = homeless ()

        while next.IsSome do
            pending.Push next.Value
            next <- homeless ()

        for join in pending do
            let whole = room builder join
            joins[join] <- struct (whole, partsOf join whole)

    let join (builder: ProgramBuilder) i =
        if not (joins.ContainsKey i) then
            settle builder i

        joins[i]

    /// The room of a join and the places of its parts in it.
    member _.Join (builder: ProgramBuilder) i : struct (BufferView * BufferView[]) = join builder i

    /// The room of any other node.
    member _.Room (builder: ProgramBuilder) i : BufferView =
        match homes.TryGetValue i with
        | true, struct (home, _) -> join builder home |> ignore
        | false, _ -> ()

        room builder i
