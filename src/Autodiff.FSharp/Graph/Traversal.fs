/// Walks over graphs, with an explicit stack: a graph may be a million nodes deep.
module Autodiff.FSharp.Traversal

open Autodiff

/// A graph in dense form: every node that the roots depend on, once, each after its operands (post-order, left to
/// right), and for each the positions of its operands. The graph ends at the given leaves, whatever they are.
[<Sealed>]
type internal Tape private (roots: seq<Node>, leafTable: NodeTable<bool>) =
    let positions = NodeTable<int>()
    let nodes = ChunkedList<Node>()
    // The operands of node i are those from the start of i on, up to the start of i + 1.
    let starts = ChunkedList<int>()
    let operands = ChunkedList<int>()

    let isLeaf (node: Node) = leafTable.Count > 0 && leafTable.Contains node

    let finish (node: Node) arity =
        for position in 0 .. arity - 1 do
            operands.Add positions[Op.child position node.Op]

        positions[node] <- nodes.Length
        nodes.Add node
        starts.Add operands.Length

    do
        // A node that waits for its operands has the position -1. It may stand on the stack several times: the first time
        // that it is met counts.
        let stack = ChunkedList<Node>()
        starts.Add 0

        for root in roots do
            stack.Add root

            while stack.Length > 0 do
                let node = stack.Peek()

                match positions.TryFind node with
                | ValueNone when isLeaf node || Op.arity node.Op = 0 -> finish (stack.Pop()) 0
                | ValueNone ->
                    positions[node] <- -1

                    for position in Op.arity node.Op - 1 .. -1 .. 0 do
                        stack.Add(Op.child position node.Op)
                | ValueSome -1 -> finish (stack.Pop()) (Op.arity node.Op)
                | ValueSome _ -> stack.Pop() |> ignore

    new(roots: seq<Node>, leaves: seq<Node>) =
        let table = NodeTable<bool>()
        leaves |> Seq.iter (fun leaf -> table[leaf] <- true)
        Tape(roots, table)

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
    member _.IsLeaf(i: int) = isLeaf nodes[i]

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
