/// vmap: a graph over one example becomes the graph over a batch of them. Each node that depends on a batched one gets a
/// leading axis; every primitive takes leading axes, so that each is its own batched form.
module internal Autodiff.FSharp.Batching

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// A node as the batched graph sees it: with a leading axis of the batch's size, or as it was.
[<Struct; NoEquality; NoComparison>]
type Batched = { Node: Node; HasBatch: bool }

/// The node with the leading axis, repeated along it if it had none.
let private widen size (x: Batched) =
    if x.HasBatch then
        x.Node
    else
        Node.Broadcast(Shapes.prepend size x.Node.Shape, x.Node)

let private einsum size (subscripts: Subscripts) (operands: Batched[]) =
    let sizes = Array.append (Labels.sizes subscripts) [| size |]
    let batch = sizes.Length - 1

    let labels position (x: Batched) =
        let own = Labels.operand position subscripts
        if x.HasBatch then Array.append [| batch |] own else own

    let result = Array.append [| batch |] (Labels.result subscripts)
    contract (Array.mapi labels operands) result sizes (operands |> Array.map _.Node)

let private wholeRange size = { Start = 0; Step = 1; Count = size }

let private gather batch axis (source: Batched) (indices: Batched) =
    match source.HasBatch, indices.HasBatch with
    | true, true -> Node.Make(Op.Gather(batch + 1, axis + 1, source.Node, indices.Node))
    | true, false when batch = 0 -> Node.Make(Op.Gather(0, axis + 1, source.Node, indices.Node))
    | _ ->
        let size = if source.HasBatch then source.Node.Shape[0] else indices.Node.Shape[0]
        Node.Make(Op.Gather(batch + 1, axis + 1, widen size source, widen size indices))

let private shift (windows: AxisWindow[]) = windows |> Array.map (fun window -> window.At(window.Axis + 1))

/// A rule of derivatives for a batch of examples.
let private batchedRule (map: (Node[] -> Node[]) -> Node[] -> Node[]) (rule: GradientRule) =
    let push (operands: Node[]) (result: Node) (tangents: (Node | null)[]) =
        let given = tangents |> Array.choose Option.ofObj

        let example (parts: Node[]) =
            let count = operands.Length
            let mutable next = count

            let own: (Node | null)[] =
                tangents
                |> Array.map (fun t ->
                    if isNull t then
                        null
                    else
                        next <- next + 1
                        parts[next])

            [| rule.Push(parts[.. count - 1], parts[count], own) |]

        Array.head (map example (Array.concat [ operands; [| result |]; given ]))

    let pull (operands: Node[]) (result: Node) (cotangent: Node) =
        let count = operands.Length

        map
            (fun parts -> rule.Pull(parts[.. count - 1], parts[count], parts[count + 1]))
            (Array.append operands [| result; cotangent |])

    let formula: string | null =
        match rule.Formula with
        | null -> null
        | formula -> "batched " + formula

    GradientRule(formula, push, pull)

/// A batch of right-hand sides of the same systems is one side with more columns: the matrices are factorised once.
let private solve size (form: SolveForm) (a: Batched) (b: Batched) =
    if a.HasBatch || not b.Node.Shape.IsKnown then
        Node.Make(Op.Solve(form, widen size a, widen size b))
    else
        let last = b.Node.Rank - 1
        let columns = Array.concat [ [| 1 .. last - 1 |]; [| 0; last |] ]
        let moved = permute columns b.Node
        let sides = Array.append (Array.take (last - 1) (moved.Shape.ToArray())) [| size * moved.Shape[last] |]
        let solution = Node.Make(Op.Solve(form, a.Node, Node.Reshape(Shapes.ofArray sides, moved)))
        permute (Array.concat [ [| last - 1 |]; [| 0 .. last - 2 |]; [| last |] ]) (Node.Reshape(moved.Shape, solution))

/// The batched form of an operation of which some operands are batched. A rule of derivatives is a function over one
/// example: its batched form comes from `map`, which batches such a function.
let rule size (map: (Node[] -> Node[]) -> Node[] -> Node[]) (op: Op<Batched>) : Node =
    let widen = widen size

    match op with
    | Op.Constant _
    | Op.Variable _
    | Op.Input -> invalidOp "a leaf has no operands that could be batched"
    | Op.Unary _
    | Op.Binary _
    | Op.Compare _
    | Op.Test _
    | Op.Logical _
    | Op.Not _
    | Op.Select _
    | Op.Cast _
    | Op.Identity _
    | Op.StopGradient _ -> Node.Make(Op.map widen op)
    | Op.Einsum(subscripts, operands) -> einsum size subscripts operands
    | Op.Reshape(shape, x) -> reshape (Shapes.prepend size shape) x.Node
    | Op.Slice(ranges, x) -> Node.Make(Op.Slice(Array.append [| wholeRange size |] ranges, x.Node))
    | Op.Embed(ranges, shape, x) ->
        Node.Make(Op.Embed(Array.append [| wholeRange size |] ranges, Shapes.prepend size shape, x.Node))
    | Op.Window(windows, x) -> Node.Make(Op.Window(shift windows, x.Node))
    | Op.OverlapAdd(windows, shape, x) -> Node.Make(Op.OverlapAdd(shift windows, Shapes.prepend size shape, x.Node))
    | Op.Concat(axis, parts) -> Node.Make(Op.Concat(axis + 1, Array.map widen parts))
    | Op.Gather(batch, axis, source, indices) -> gather batch axis source indices
    | Op.ScatterAdd(batch, axis, shape, updates, indices) ->
        Node.Make(Op.ScatterAdd(batch + 1, axis + 1, Shapes.prepend size shape, widen updates, widen indices))
    | Op.Extremum(kind, axes, x) -> Node.Make(Op.Extremum(kind, Array.map ((+) 1) axes, x.Node))
    | Op.ArgExtremum(kind, axis, x) -> Node.Make(Op.ArgExtremum(kind, axis + 1, x.Node))
    | Op.Factor(part, x) -> Node.Make(Op.Factor(part, x.Node))
    | Op.Solve(form, a, b) -> solve size form a b
    | Op.Draw(draw, shape, keys) -> Node.Make(Op.Draw(draw, shape, keys.Node))
    | Op.KeyedMap(map, keys, x) -> Node.Make(Op.KeyedMap(map, widen keys, widen x))
    | Op.Custom(rule, value, operands) ->
        Node.Make(Op.Custom(batchedRule map (GradientRule.Of rule), widen value, Array.map widen operands))
    | Op.Checkpoint(value, operands) -> Node.Make(Op.Checkpoint(widen value, operands |> Array.map _.Node))
    | Op.Barrier(x, after) -> Node.Make(Op.Barrier(x.Node, after |> Array.map _.Node))
    | Op.Opaque(batch, f, operands) -> Node.Make(Op.Opaque(batch + 1, f, Array.map widen operands))
    | Op.Recurrence(axis, reverse, a, b) -> Node.Make(Op.Recurrence(axis + 1, reverse, widen a, widen b))
    | Op.RunningExtremum(kind, axis, reverse, x) -> Node.Make(Op.RunningExtremum(kind, axis + 1, reverse, x.Node))
    | Op.ArgSort(axis, descending, x) -> Node.Make(Op.ArgSort(axis + 1, descending, x.Node))

/// Whether a node has the batch of its operands: what a barrier waits for does not count.
let private hasBatch (op: Op<Node>) (children: int[]) (isBatched: int -> bool) =
    if op.IsBarrier then isBatched children[0] else Array.exists isBatched children

/// The outputs as functions of a batch: each x stands for one element of its batch, whose leading axis has the given
/// size. Every output has that leading axis.
let rec run (size: int) (xs: Node[]) (batches: Node[]) (outputs: Node[]) : Node[] =
    let tape = Tape(outputs, xs)
    let emitter = Emitter Rewrite.always
    let values: Batched[] = Array.zeroCreate tape.Nodes.Length
    let batchOf: (Node | null)[] = Array.create tape.Nodes.Length null

    // Of an x that is given twice the first batch counts.
    for k in xs.Length - 1 .. -1 .. 0 do
        match tape.Position xs[k] with
        | -1 -> ()
        | i -> batchOf[i] <- batches[k]

    // What the function takes from around it may depend on the batch too.
    let map (f: Node[] -> Node[]) (parts: Node[]) : Node[] =
        let example (part: Node) = Node.Leaf(Op.Input, "example", Shapes.without [| 0 |] part.Shape, part.DType)
        let examples = Array.map example parts
        run size (Array.append xs examples) (Array.append batches parts) (f examples)

    Annotation.Keeping(fun () ->
        for i in 0 .. tape.Nodes.Length - 1 do
            let node = tape.Nodes[i]
            let children = tape.Children i
            let isSame child = obj.ReferenceEquals(values[child].Node, tape.Nodes[child])
            let batched () = node.Op |> Op.map (fun child -> values[tape.Position child])

            values[i] <-
                match batchOf[i] with
                | NonNull batch -> { Node = batch; HasBatch = true }
                | _ when hasBatch node.Op children (fun child -> values[child].HasBatch) ->
                    emitter.Mark(node, "vmap")
                    { Node = emitter.Emit(rule size map (batched ())); HasBatch = true }
                | _ when Array.forall isSame children -> { Node = node; HasBatch = false }
                | _ ->
                    // Below it a barrier waits for what is batched now.
                    emitter.Mark(node, "vmap")
                    { Node = emitter.Emit(Node.Make(Op.map _.Node (batched ()))); HasBatch = false })

    outputs |> Array.map (fun output -> widen size values[tape.Position output])
