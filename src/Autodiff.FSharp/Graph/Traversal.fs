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

/// A node that was met: its operands are met one after the other, and then it is finished.
[<Struct; NoEquality; NoComparison>]
type private Visit = { Node: Node; Arity: int; mutable Next: int }

/// What comes of a walk.
type internal IVisitor =
    /// Takes a node that is finished, and whether it is one of the given leaves. Its operands' positions are the last of
    /// those that were met.
    abstract Finish: node: Node * isLeaf: bool * arity: int * met: ChunkedList<int> -> unit

/// A walk over graphs, which end at the given leaves: it finishes every node that the roots depend on, once, each after its
/// operands (post-order, left to right).
[<Sealed>]
type internal Walk(leafTable: NodeTable<bool>, numbers: Repeats, visitor: IVisitor) =
    let positions = NodeTable<int>()
    let visits = ChunkedList<Visit>()
    // The positions of what is no node's operand yet. Those of a node that is to be finished are the last, in their order.
    let met = ChunkedList<int>()
    let mutable finished = 0

    let isLeaf node = not leafTable.IsEmpty && leafTable.Contains node

    let isApart = numbers = Repeats.AtUses

    let isNumber (node: Node) = node.Op.IsConstant && node.Rank = 0 && not (isLeaf node)

    let isSpread (node: Node) =
        match node.Op with
        | Op.Einsum(_, [| number |]) -> isNumber number && not (isLeaf node)
        | _ -> false

    let visit (node: Node) = visits.Add { Node = node; Arity = Op.arity node.Op; Next = 0 }

    let operand (node: Node) position =
        match node.Op with
        // Most nodes, without the general way's call.
        | Op.Unary(_, x) -> x
        | Op.Binary(_, x, y) -> if position = 0 then x else y
        | op -> Op.child position op

    let finish (node: Node) isLeaf arity =
        visitor.Finish(node, isLeaf, arity, met)
        met.Shorten arity
        met.Add finished
        positions[node] <- finished
        finished <- finished + 1

    let meet (node: Node) =
        if isApart && isNumber node then
            finish node false 0
        else
            match positions.TryFind node with
            | ValueSome _ when isApart && isSpread node -> visit node
            | ValueSome position -> met.Add position
            | ValueNone when isLeaf node -> finish node true 0
            | ValueNone -> visit node

    /// Walks all that a root depends on and that is not finished yet.
    member private _.From(root: Node) =
        meet root

        while visits.Length > 0 do
            let visit = &visits.Last
            let node, arity, next = visit.Node, visit.Arity, visit.Next

            if next < arity then
                visit.Next <- next + 1
                meet (operand node next)
            else
                visits.Shorten 1
                finish node false arity

        met.Shorten 1

    member private _.Positions = positions

    /// Walks all that the roots depend on, and gives the positions of all nodes in the order in which they are finished.
    static member Over
        (roots: seq<Node>, leaves: NodeTable<bool>, numbers: Repeats, visitor: IVisitor)
        : NodeTable<int> =
        let walk = Walk(leaves, numbers, visitor)
        roots |> Seq.iter walk.From
        walk.Positions

/// Where a node's operands are: the positions of one or two, of more the place of the first in a list. A given leaf has none.
[<Struct; NoEquality; NoComparison>]
type private Operands = { Count: int; First: int; Second: int; IsLeaf: bool }

/// Keeps what a walk finishes.
[<Sealed>]
type private Record() =
    let nodes = ChunkedList<Node>()
    let operands = ChunkedList<Operands>()
    let many = ChunkedList<int>()

    let keep (positions: ChunkedList<int>) count =
        let first = many.Length

        for i in positions.Length - count .. positions.Length - 1 do
            many.Add positions[i]

        first

    member _.Nodes = nodes

    member _.Operands = operands

    member _.Many = many

    interface IVisitor with
        member _.Finish(node, isLeaf, arity, met) =
            let first =
                match arity with
                | 0 -> -1
                | 1
                | 2 -> met[met.Length - arity]
                | _ -> keep met arity

            let second = if arity = 2 then met.Peek() else -1
            nodes.Add node
            operands.Add { Count = arity; First = first; Second = second; IsLeaf = isLeaf }

/// A graph in dense form: every node that the roots depend on, once, each after its operands (post-order, left to
/// right), and for each the positions of its operands. The graph ends at the given leaves, whatever they are.
[<Sealed>]
type internal Tape(roots: seq<Node>, leaves: seq<Node>, numbers: Repeats) =
    let record = Record()
    let positions = Walk.Over(roots, NodeTable.ofNodes leaves, numbers, record)
    let nodes, operands, many = record.Nodes, record.Operands, record.Many

    new(roots: seq<Node>, leaves: seq<Node>) = Tape(roots, leaves, Repeats.Once)

    new(roots: seq<Node>) = Tape(roots, [])

    /// The nodes, each after its operands.
    member _.Nodes = nodes

    /// How many nodes there are.
    member _.Length = nodes.Length

    /// How many operands node i has.
    member _.Arity(i: int) = operands.At(i).Count

    /// The position of an operand of node i.
    member _.Child(i: int, position: int) =
        let own = &operands.At i

        if own.Count > 2 then many[own.First + position]
        elif position = 0 then own.First
        else own.Second

    /// The positions of the operands of node i.
    member tape.Children(i: int) = Array.init (tape.Arity i) (fun position -> tape.Child(i, position))

    /// Whether node i is one of the given leaves.
    member _.IsLeaf(i: int) = operands.At(i).IsLeaf

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
