/// Walks over graphs, with an explicit stack: a graph may be a million nodes deep.
module Autodiff.FSharp.Traversal

open System.Collections.Generic
open Autodiff

/// Every node that the roots depend on, once, each after its operands (post-order, left to right), and the position of
/// each. The leaves' operands are not looked at, whatever the leaves are.
let internal walk (leaves: NodeTable<'leaf>) (roots: seq<Node>) : struct (Node[] * NodeTable<int>) =
    let positions = NodeTable<int>()
    let result = List<Node>()
    let stack = Stack<struct (Node * int)>()
    let arity (node: Node) = if leaves.Count > 0 && leaves.Contains node then 0 else Op.arity node.Op

    let enter (node: Node) =
        if not (positions.Contains node) then
            positions[node] <- -1
            stack.Push(struct (node, 0))

    for root in roots do
        enter root

        while stack.Count > 0 do
            let struct (node, next) = stack.Pop()

            if next = arity node then
                positions[node] <- result.Count
                result.Add node
            else
                stack.Push(struct (node, next + 1))
                enter (Op.child next node.Op)

    struct (result.ToArray(), positions)

/// Every node that the roots depend on, once, each after its operands (post-order, left to right). The leaves' operands
/// are not looked at, whatever the leaves are.
let internal orderAbove (leaves: NodeTable<bool>) (roots: seq<Node>) : Node[] =
    let struct (nodes, _) = walk leaves roots
    nodes

/// Every node that the roots depend on, once, each after its operands.
let order (roots: seq<Node>) : Node[] = orderAbove (NodeTable()) roots

/// A graph in dense form: its nodes in post-order, and for each the positions of its operands. The graph ends at the
/// given leaves.
[<Sealed>]
type internal Tape(roots: seq<Node>, leaves: seq<Node>) =
    static let none: int[] = [||]

    let leafTable =
        let table = NodeTable<bool>()
        leaves |> Seq.iter (fun leaf -> table[leaf] <- true)
        table

    let struct (nodes, positions) = walk leafTable roots

    let childrenOf (node: Node) =
        let arity = if leafTable.Contains node then 0 else Op.arity node.Op

        if arity = 0 then
            none
        else
            Array.init arity (fun position -> positions[Op.child position node.Op])

    let children = Array.map childrenOf nodes

    new(roots: seq<Node>) = Tape(roots, [])

    /// The nodes, each after its operands.
    member _.Nodes = nodes

    /// The positions of the operands of node i.
    member _.Children(i: int) = children[i]

    /// Whether node i is one of the given leaves.
    member _.IsLeaf(i: int) = leafTable.Contains nodes[i]

    /// The position of a node that the roots depend on, or -1.
    member _.Position(node: Node) =
        match positions.TryFind node with
        | ValueSome i -> i
        | ValueNone -> -1

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
            let children = Op.children node.Op
            let isSame = children |> Array.forall (fun child -> obj.ReferenceEquals(table[child], child))

            table[node] <-
                if isSame then
                    node
                else
                    Node.Annotated(Op.map (fun child -> table[child]) node.Op, node.Annotation)

    [ for root in roots -> table[root] ]
