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

/// Whether what computes the node writes to any place that it is given.
let private isPlaceable (op: Op<Node>) = Regions.isElementwise op || op.IsEinsum || op.IsExtremum

/// The node whose elements in their order the part is.
let rec private source (tape: Tape) i =
    match tape.Nodes[i].Op with
    | Op.Reshape _ when not (tape.IsLeaf i) -> source tape ((tape.Children i)[0])
    | _ -> i

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
                    let node = source tape part

                    if isPlaceable tape.Nodes[node].Op && not (tape.IsLeaf node) then
                        homes.TryAdd(node, struct (i, position)) |> ignore)

    let temporary (builder: ProgramBuilder) i = builder.Temporary(tape.Nodes[i].DType, tape.Nodes[i].Shape)

    let join (builder: ProgramBuilder) i =
        match joins.TryGetValue i with
        | true, join -> join
        | false, _ ->
            let whole = temporary builder i

            let places =
                match tape.Nodes[i].Op with
                | Op.Concat(axis, _) ->
                    parts axis (tape.Children i |> Array.map (fun part -> tape.Nodes[part].Shape)) whole
                | _ -> invalidOp "the node is no join"

            joins[i] <- struct (whole, places)
            struct (whole, places)

    /// The room of a join and the places of its parts in it.
    member _.Join (builder: ProgramBuilder) i : struct (BufferView * BufferView[]) = join builder i

    /// The room of any other node.
    member _.Room (builder: ProgramBuilder) i : BufferView =
        match homes.TryGetValue i with
        | true, struct (home, position) ->
            let struct (_, places) = join builder home
            let place = places[position]

            match place.Layout.TryReshape tape.Nodes[i].Shape with
            | null -> temporary builder i
            | layout -> BufferView(place.Buffer, layout, place.DType)
        | false, _ -> temporary builder i
