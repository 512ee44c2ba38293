/// Where values stand of which something else is made without work, if they are computed in their places there: the parts of
/// a join (a Concat), and products of which only a transpose is read, or that are added up where windows overlap.
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
        whole.Under layout

    Array.mapi place shapes

/// The axes of what is transposed, in the order in which the transpose has them.
let private axesOf (transpose: Subscripts) : int[] =
    let operand = Labels.operand 0 transpose
    Labels.result transpose |> Array.map (fun label -> Array.IndexOf(operand, label))

/// Whether the kernel, asked for a product in another order of its axes, would write it so.
let private suits (product: Subscripts) (axes: int[]) : bool =
    let result = Labels.result product
    let operands = Array.init product.OperandCount (fun position -> Labels.operand position product)

    let turned =
        Labels.create operands (axes |> Array.map (fun axis -> result[axis])) (Labels.sizes product)

    (EinsumPlan.For turned).Expansion.IsIdentity

/// Whether the first operand of a node is a product that nothing else reads, and that the kernel would write in an order of its axes.
let private isTurnable (tape: Tape) (readers: ChunkedList<int>) i (axes: int[]) : bool =
    let x = tape.Child(i, 0)

    match tape.Nodes[x].Op with
    | Op.Einsum(product, operands) -> readers[x] = 1 && operands.Length > 1 && not (tape.IsLeaf x) && suits product axes
    | _ -> false

/// The axes of a product in the order of a transpose that alone reads it; nothing for another node.
let private turning (tape: Tape) (readers: ChunkedList<int>) i : int[] voption =
    match tape.Nodes[i].Op with
    | Op.Einsum(transpose, [| x |]) when
        not (tape.IsLeaf i) && x.Rank = tape.Nodes[i].Rank && Labels.isExpansion transpose
        ->
        let axes = axesOf transpose
        if isTurnable tape readers i axes then ValueSome axes else ValueNone
    | _ -> ValueNone

/// The axes of windows that are added up, those within the windows first, at least where they are fewer than the windows: for each
/// place within, consecutive windows are added to the result.
let private insideOut (windows: AxisWindow[]) (x: Node) : int[] voption =
    let kept = x.Rank - windows.Length
    let first = windows |> Seq.map _.Axis |> Seq.min
    let count axes = axes |> Seq.fold (fun count (axis: int) -> count * int64 x.Shape[axis]) 1L

    if count (windows |> Seq.map _.Axis) < count (seq { kept .. x.Rank - 1 }) then
        ValueNone
    else
        ValueSome(Array.concat [ [| 0 .. first - 1 |]; [| kept .. x.Rank - 1 |]; [| first .. kept - 1 |] ])

/// The axes of a product in the order that an overlap-add which alone reads it goes through; nothing for another node.
let private spreading (tape: Tape) (readers: ChunkedList<int>) i : int[] voption =
    match tape.Nodes[i].Op with
    | Op.OverlapAdd(windows, _, x) when not (tape.IsLeaf i) ->
        match insideOut windows x with
        | ValueSome axes when isTurnable tape readers i axes -> ValueSome axes
        | _ -> ValueNone
    | _ -> ValueNone

/// The rooms of a graph's values, which are read so often.
[<Sealed>]
type Placement(tape: Tape, readers: ChunkedList<int>) =
    // For each node the join in which it has its place, and which part it is.
    let homes = Dictionary<int, struct (int * int)>()
    let joins = Dictionary<int, struct (BufferView * BufferView[])>()
    // For each product that is written in the order of its transpose, the transpose and the product's axes in that order.
    let transposes = Dictionary<int, struct (int * int[])>()
    // For each product that an overlap-add reads, its axes in the order of that.
    let spread = Dictionary<int, int[]>()

    do
        for i in 0 .. tape.Nodes.Length - 1 do
            match tape.Nodes[i].Op with
            | Op.Concat _ when not (tape.IsLeaf i) ->
                tape.Children i
                |> Array.iteri (fun position part ->
                    if Joins.isPlaceable tape part then
                        homes.TryAdd(Joins.source tape part, struct (i, position)) |> ignore)
            | _ ->
                match turning tape readers i, spreading tape readers i with
                | ValueSome axes, _ -> transposes[tape.Child(i, 0)] <- struct (i, axes)
                | _, ValueSome axes -> spread[tape.Child(i, 0)] <- axes
                | _ -> ()

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
        | layout -> place.Under layout

    /// The room of a node whose home, if it has one, has its room.
    let room (builder: ProgramBuilder) i =
        match homes.TryGetValue i with
        | true, struct (home, position) -> placed builder i home position
        | false, _ -> temporary builder i

    /// The room of a product in that of its transpose.
    let turned (axes: int[]) (whole: BufferView) =
        let back = [| 0 .. axes.Length - 1 |] |> Array.sortBy (fun axis -> axes[axis])
        whole.Under(whole.Layout.Permute(ReadOnlySpan back))

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
    member placement.Room (builder: ProgramBuilder) i : BufferView =
        match transposes.TryGetValue i, spread.TryGetValue i, homes.TryGetValue i with
        | (true, struct (transpose, axes)), _, _ -> turned axes (placement.Room builder transpose)
        | _, (true, axes), _ ->
            let shape = axes |> Array.map (fun axis -> tape.Nodes[i].Shape[axis])
            turned axes (builder.Temporary(tape.Nodes[i].DType, Shape.Create(ReadOnlySpan shape)))
        | _, _, (true, struct (home, _)) ->
            join builder home |> ignore
            room builder i
        | _ -> room builder i
