/// Walks over graphs, with an explicit stack: a graph may be a million nodes deep.
module Autodiff.FSharp.Traversal

open Autodiff

/// How often numbers, and numbers in every place of a shape, stand on a tape.
[<RequireQualifiedAccess>]
type internal Repeats =
    /// Once, as every node.
    | Once
    /// At each of their uses: the tape does not tell whether equal numbers are one node.
    | AtUses

/// A walk on its way: what is still to be done, and what the tape is made of.
[<Sealed>]
type private Walk(leafTable: NodeTable<bool>, numbers: Repeats) =
    let positions = NodeTable<int>()
    let nodes = ChunkedList<Node>()
    let starts = ChunkedList<int>()
    let operands = ChunkedList<int>()

    // Nodes to be met.
    let waiting = ChunkedList<Node>()
    // Nodes that have been met, and how many nodes waited then: when no more wait, all of their operands are finished.
    let opened = ChunkedList<Node>()
    let waitedAt = ChunkedList<int>()
    // The positions of what is no node's operand yet. Those of a node that is to be finished are the last, in their order.
    let met = ChunkedList<int>()

    let finish (node: Node) arity =
        for i in met.Length - arity .. met.Length - 1 do
            operands.Add met[i]

        met.Shorten arity
        met.Add nodes.Length
        positions[node] <- nodes.Length
        nodes.Add node
        starts.Add operands.Length

    let await (node: Node) =
        opened.Add node
        waitedAt.Add waiting.Length

        match node.Op with
        | Op.Unary(_, x) -> waiting.Add x
        | Op.Binary(_, x, y) ->
            waiting.Add y
            waiting.Add x
        | op ->
            for position in Op.arity op - 1 .. -1 .. 0 do
                waiting.Add(Op.child position op)

    let isLeaf node = leafTable.Count > 0 && leafTable.Contains node

    let isApart = numbers = Repeats.AtUses

    let isNumber (node: Node) = node.Op.IsConstant && node.Rank = 0 && not (isLeaf node)

    let isSpread (node: Node) =
        match node.Op with
        | Op.Einsum(_, [| number |]) -> isNumber number && not (isLeaf node)
        | _ -> false

    let meet (node: Node) =
        if isApart && isNumber node then
            finish node 0
        else
            match positions.TryFind node with
            | ValueSome _ when isApart && isSpread node -> await node
            | ValueSome position -> met.Add position
            | ValueNone when isLeaf node -> finish node 0
            | ValueNone -> await node

    let isFinished () = opened.Length > 0 && waitedAt.Peek() = waiting.Length

    do starts.Add 0

    member _.Positions = positions
    member _.Nodes = nodes

    /// The operands of node i are those from the start of i on, up to the start of i + 1.
    member _.Starts = starts

    member _.Operands = operands

    /// Walks all that a root depends on.
    member _.From(root: Node) =
        waiting.Add root

        while waiting.Length > 0 || opened.Length > 0 do
            if isFinished () then
                waitedAt.Shorten 1
                let node = opened.Pop()
                finish node (Op.arity node.Op)
            else
                meet (waiting.Pop())

        met.Shorten 1

/// A graph in dense form: every node that the roots depend on, once, each after its operands (post-order, left to
/// right), and for each the positions of its operands. The graph ends at the given leaves, whatever they are.
[<Sealed>]
type internal Tape private (roots: seq<Node>, leafTable: NodeTable<bool>, numbers: Repeats) =
    let walk = Walk(leafTable, numbers)
    do roots |> Seq.iter walk.From
    let positions, nodes, starts, operands = walk.Positions, walk.Nodes, walk.Starts, walk.Operands

    new(roots: seq<Node>, leaves: seq<Node>, numbers: Repeats) =
        let table = NodeTable<bool>()
        leaves |> Seq.iter (fun leaf -> table[leaf] <- true)
        Tape(roots, table, numbers)

    new(roots: seq<Node>, leaves: seq<Node>) = Tape(roots, leaves, Repeats.Once)

    new(roots: seq<Node>) = Tape(roots, [])

    /// The nodes, each after its operands.
    member _.Nodes = nodes

    /// How many nodes there are.
    member _.Length = nodes.Length

    /// How many operands node i has.
    member _.Arity(i: int) = starts[i + 1] - starts[i]

    /// The position of an operand of node i.
    member _.Child(i: int, position: int) = operands[starts[i] + position]

    /// The positions of the operands of node i.
    member tape.Children(i: int) = Array.init (tape.Arity i) (fun position -> tape.Child(i, position))

    /// Whether node i is one of the given leaves.
    member _.IsLeaf(i: int) = leafTable.Count > 0 && leafTable.Contains nodes[i]

    /// The position of a node that the roots depend on, or -1.
    member _.Position(node: Node) =
        match positions.TryFind node with
        | ValueSome i -> i
        | ValueNone -> -1

/// Every node that the roots depend on, once, each after its operands.
let order (roots: seq<Node>) : Node[] = (Tape roots).Nodes.ToArray()

/// The graphs of the roots with nodes replaced by others of the same shape and type. What lies above a replaced node is
/// made anew, what does not depend on one stays the same node. Throws ShapeException or DTypeException where a
/// replacement does not fit.
let replace (replacements: seq<Node * Node>) (roots: seq<Node>) : Node list =
    let table = NodeTable<Node>()

    for node, replacement in replacements do
        if node.Shape <> replacement.Shape then
            raise (ShapeException $"replace: the node has shape {node.Shape}, its replacement {replacement.Shape}")

        if node.DType <> replacement.DType then
            raise (DTypeException $"replace: the node is {node.DType}, its replacement {replacement.DType}")

        table[node] <- replacement

    for node in order roots do
        if not (table.Contains node) then
            let isSame (child: Node) = obj.ReferenceEquals(table[child], child)

            table[node] <-
                if Op.forall isSame node.Op then
                    node
                else
                    Node.Annotated(Op.map (fun child -> table[child]) node.Op, node.Annotation)

    [ for root in roots -> table[root] ]
