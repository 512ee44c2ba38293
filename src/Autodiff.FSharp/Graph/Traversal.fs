/// Walks over graphs, with an explicit stack: a graph may be a million nodes deep.
module Autodiff.FSharp.Traversal

open System.Collections.Generic
open Autodiff

/// Every node that the roots depend on, once, each after its operands (post-order, left to right). The leaves' operands
/// are not looked at, whatever the leaves are.
let internal orderAbove (leaves: NodeTable<bool>) (roots: seq<Node>) : Node[] =
    let seen = NodeTable<bool>()
    let result = List<Node>()
    let stack = Stack<struct (Node * Node[] * int)>()

    let enter (node: Node) =
        if not (seen.Contains node) then
            seen[node] <- true
            let children = if leaves.Count > 0 && leaves.Contains node then [||] else Op.children node.Op
            stack.Push(struct (node, children, 0))

    for root in roots do
        enter root

        while stack.Count > 0 do
            let struct (node, children, next) = stack.Pop()

            if next = children.Length then
                result.Add node
            else
                stack.Push(struct (node, children, next + 1))
                enter children[next]

    result.ToArray()

/// Every node that the roots depend on, once, each after its operands.
let order (roots: seq<Node>) : Node[] = orderAbove (NodeTable()) roots

/// A graph in dense form: its nodes in post-order, and for each the positions of its operands. The graph ends at the
/// given leaves.
[<Sealed>]
type internal Tape(roots: seq<Node>, leaves: seq<Node>) =
    let leafTable =
        let table = NodeTable<bool>()
        leaves |> Seq.iter (fun leaf -> table[leaf] <- true)
        table

    let nodes = orderAbove leafTable roots

    let positions =
        let table = NodeTable<int>(nodes.Length)
        nodes |> Array.iteri (fun i node -> table[node] <- i)
        table

    let children =
        nodes
        |> Array.map (fun node ->
            if leafTable.Contains node then
                [||]
            else
                Op.children node.Op |> Array.map (fun child -> positions[child]))

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
