/// An order of nodes that depends on what they compute and not on how the graph was built: where operands commute, graphs of
/// one meaning hold them in any order, and choices among equals must not follow it.
module internal Autodiff.FSharp.Ranks

open System.Collections.Immutable
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// A leaf, in the order in which the graph as it was written first reads them, and whether it is a constant there: a plan
/// that is made once for all values has an argument in its place.
[<Struct; NoEquality; NoComparison>]
type Leaf = { Node: Node; IsConstant: bool }

let private mix (hash: uint64) (value: uint64) =
    let mixed = (hash ^^^ value) * 0x9E3779B97F4A7C15UL
    mixed ^^^ (mixed >>> 32)

/// The same in every process, unlike the hash of a string.
let private ofText (text: string) =
    let mutable hash = 1UL

    for letter in text do
        hash <- mix hash (uint64 letter)

    hash

let private ofLabels (hash: uint64) (labels: ImmutableArray<int>) =
    let mutable hash = mix hash 4UL

    for label in labels do
        hash <- mix hash (uint64 label)

    hash

let private ofEinsum (subscripts: Subscripts) =
    let mutable hash = ofLabels 5UL subscripts.ResultLabels

    for position in 0 .. subscripts.OperandCount - 1 do
        hash <- ofLabels hash (subscripts.OperandLabels position)

    hash

/// What the operation is, without its operands. Of those that graphs are mostly made of names are not asked for.
let private ofOperation (op: Op<Node>) =
    match op with
    | Op.Unary(f, _) -> mix 0x100UL (uint64 f.Opcode)
    | Op.Binary(f, _, _) -> mix 0x200UL (uint64 f.Opcode)
    | Op.Compare(f, _, _) -> mix 0x300UL (uint64 f.Opcode)
    | Op.Logical(f, _, _) -> mix 0x400UL (uint64 f.Opcode)
    | Op.Einsum(subscripts, _) -> ofEinsum subscripts
    | op -> ofText (Op.name op)

let private ofLeaf (leaves: NodeTable<int>) (node: Node) =
    match leaves.TryFind node, node.Op with
    | ValueSome number, _ -> mix 2UL (uint64 number)
    | ValueNone, Op.Constant(value, _) when value.Rank = 0 -> mix 3UL (uint64 (LeafValue.bits value))
    | ValueNone, op -> ofOperation op

/// For each node whether it depends on constants alone, so that it may be computed beforehand.
let constants (tape: Tape) (leaves: Leaf[]) : bool[] =
    let known = NodeTable<bool>()
    leaves |> Array.iter (fun leaf -> known[leaf.Node] <- leaf.IsConstant)
    let isConstant: bool[] = Array.zeroCreate tape.Length

    for i in 0 .. tape.Length - 1 do
        isConstant[i] <-
            match known.TryFind tape.Nodes[i] with
            | ValueSome known -> known
            | ValueNone when tape.Arity i = 0 -> tape.Nodes[i].Op.IsConstant && not (tape.IsLeaf i)
            | ValueNone -> tape.Children i |> Array.forall (fun child -> isConstant[child])

    isConstant

/// For each node its place in the order: those farther from the leaves come later, equals as the tape has them.
let ofTape (tape: Tape) (leaves: Leaf[]) : int[] =
    let numbers = NodeTable<int>()
    leaves |> Array.iteri (fun number leaf -> numbers[leaf.Node] <- number)
    let hashes: uint64[] = Array.zeroCreate tape.Length
    let depths: int[] = Array.zeroCreate tape.Length

    for i in 0 .. tape.Length - 1 do
        let node = tape.Nodes[i]
        let isOrdered = not (Op.commutes node.Op)
        let mutable hash = if tape.Arity i = 0 then ofLeaf numbers node else ofOperation node.Op
        let mutable sum = 0UL

        for position in 0 .. tape.Arity i - 1 do
            let child = tape.Child(i, position)
            depths[i] <- max depths[i] (depths[child] + 1)

            if isOrdered then
                hash <- mix hash hashes[child]
            else
                sum <- sum + mix 5UL hashes[child]

        hashes[i] <- mix hash sum

    let ranks: int[] = Array.zeroCreate tape.Length

    let compare (i: int) (j: int) =
        match depths[i].CompareTo depths[j] with
        | 0 ->
            match hashes[i].CompareTo hashes[j] with
            | 0 -> i.CompareTo j
            | order -> order
        | order -> order

    [| 0 .. tape.Length - 1 |] |> Array.sortWith compare |> Array.iteri (fun rank i -> ranks[i] <- rank)

    ranks

/// The formula as it would have been written with operands that commute in the order of their ranks, and each operation after
/// those of lower rank: what is decided about it by the order of its nodes does not depend on how it was written.
let ordered (leaves: Leaf[]) (formula: Formula) : Formula =
    let tape = formula.Tape
    let ranks = ofTape tape leaves
    let made = Array.init tape.Length (fun i -> tape.Nodes[i])

    for i in Array.sortBy (fun i -> ranks[i]) [| 0 .. tape.Length - 1 |] do
        if tape.Arity i > 0 then
            let isTurned = Op.commutes made[i].Op && ranks[tape.Child(i, 0)] > ranks[tape.Child(i, 1)]
            let operand position _ = made[tape.Child(i, (if isTurned then 1 - position else position))]
            made[i] <- Node.Annotated(Op.mapi operand made[i].Op, made[i].Annotation)

    formula.With(formula.Roots |> Array.map (fun root -> made[root]))
