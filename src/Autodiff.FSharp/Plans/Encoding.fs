namespace Autodiff.FSharp

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open Autodiff
open Autodiff.Kernel

/// The canonical form of a graph: its nodes in post-order, leaves by type and shape and by whether they are constants, in the
/// order of their first occurrence, numbers at each of their uses. Two graphs of one encoding are computed by one plan, given
/// the values of their leaves and numbers.
[<Sealed>]
type internal Encoding
    (codes: ChunkedList<int>, payloads: Op<int>[], leaves: Node[], numbers: ChunkedList<Node>, bits: ChunkedList<int64>)
    =

    static let mix (hash: uint64) (value: uint64) =
        let mixed = (hash ^^^ value) * 0x9E3779B97F4A7C15UL
        mixed ^^^ (mixed >>> 29)

    let hash =
        let mutable hash = 0xCBF29CE484222325UL

        for chunk in 0 .. codes.ChunkCount - 1 do
            let codes = codes.Chunk chunk

            // Two at a time: each step waits for the one before it.
            for pair in MemoryMarshal.Cast<int, uint64> codes do
                hash <- mix hash pair

            if codes.Length % 2 = 1 then
                hash <- mix hash (uint64 (uint32 codes[codes.Length - 1]))

        int (hash >>> 32)

    /// What is compared: for each node what it does and the positions of its operands.
    member _.Codes = codes

    /// The operations that a code does not say in full, each once.
    member _.Payloads = payloads

    /// The nodes whose values the plan is given.
    member _.Leaves = leaves

    /// The rank-0 constants, whose bits are no part of the encoding.
    member _.Numbers = numbers

    /// The bits of each of them.
    member _.Bits = bits

    /// The encoding without the nodes that it was found with, and so without what they hold.
    member _.Key = Encoding(codes, payloads, [||], ChunkedList<Node>(), bits)

    override _.GetHashCode() = hash

    override _.Equals other =
        match other with
        | :? Encoding as other -> ChunkedList.areEqual codes other.Codes && payloads = other.Payloads
        | _ -> false

/// Encodes graphs.
module internal Encode =

    // What a code begins with. A leaf's goes on with type and sizes, an operation's with its positions of operands. What
    // depends on constants alone is planned apart, so that a plan for them is none for variables.
    [<Literal>]
    let private LeafCode = -1

    [<Literal>]
    let private ConstantCode = -2

    [<Literal>]
    let private NumberCode = -3

    [<Literal>]
    let private ResultCode = -4

    let private unaryCode (f: Unary) = 0x1000 + f.GetHashCode()
    let private binaryCode (f: Binary) = 0x2000 + f.GetHashCode()
    let private comparisonCode (f: Comparison) = 0x3000 + f.GetHashCode()

    let private logicalCode (f: Logical) = 0x4000 + f.GetHashCode()

    [<Literal>]
    let private SelectCode = 0x5000

    [<Literal>]
    let private NotCode = 0x5001

    [<Literal>]
    let private CustomCode = 0x5002

    [<Literal>]
    let private PayloadCode = 0x10000

    /// What is under way: a code for each node that a walk finishes.
    [<Sealed>]
    type private Encoder() =
        let codes = ChunkedList<int>()
        let payloads = List<Op<int>>()
        let numberOf = Dictionary<Op<int>, int>(HashIdentity.Structural)
        let numberOfEinsum = Dictionary<Subscripts, int>()
        let numberOfReshape = Dictionary<Shape, int>()
        let leaves = List<Node>()
        let numbers = ChunkedList<Node>()
        let bits = ChunkedList<int64>()

        let numbered (op: Op<Node>) =
            let bare = Op.map (fun _ -> 0) op

            match numberOf.TryGetValue bare with
            | true, number -> number
            | false, _ ->
                numberOf[bare] <- payloads.Count
                payloads.Add bare
                payloads.Count - 1

        let known (numbers: Dictionary<'key, int>) key (op: Op<Node>) =
            match numbers.TryGetValue key with
            | true, number -> number
            | false, _ ->
                numbers[key] <- numbered op
                numbers[key]

        /// The number of an operation. Most that have one are einsums, of which the subscripts say all, and reshapes.
        let payload (op: Op<Node>) =
            match op with
            | Op.Einsum(subscripts, _) -> known numberOfEinsum subscripts op
            | Op.Reshape(shape, _) -> known numberOfReshape shape op
            | _ -> numbered op

        /// A node whose value is given.
        let leaf (node: Node) =
            leaves.Add node
            codes.Add(if node.Op.IsConstant then ConstantCode else LeafCode)
            codes.Add(int node.DType)
            codes.Add node.Rank

            for size in node.Shape.AsSpan() do
                codes.Add size

        let operation (node: Node) =
            match node.Op with
            | Op.Constant(value, _) when value.Rank = 0 ->
                numbers.Add node
                bits.Add(LeafValue.bits value)
                codes.Add NumberCode
                codes.Add(int node.DType)
            | Op.Constant _
            | Op.Variable _ -> leaf node
            | Op.Input -> raise (UnboundInputException $"input '{node.Name}' {node.Shape} has no value")
            | Op.Unary(f, _) -> codes.Add(unaryCode f)
            | Op.Binary(f, _, _) -> codes.Add(binaryCode f)
            | Op.Compare(f, _, _) -> codes.Add(comparisonCode f)
            | Op.Logical(f, _, _) -> codes.Add(logicalCode f)
            | Op.Select _ -> codes.Add SelectCode
            | Op.Not _ -> codes.Add NotCode
            // Values do not depend on the rule.
            | Op.Custom _ -> codes.Add CustomCode
            | op -> codes.Add(PayloadCode + payload op)

        interface Traversal.IVisitor with
            member _.Finish(node, isLeaf, arity, met) =
                if isLeaf then leaf node else operation node

                for i in met.Length - arity .. met.Length - 1 do
                    codes.Add met[i]

        member _.Finish(outputs: int[]) =
            codes.Add ResultCode
            outputs |> Array.iter codes.Add
            Encoding(codes, payloads.ToArray(), leaves.ToArray(), numbers, bits)

    /// The encoding of the outputs, where the bound nodes are leaves. Throws UnboundInputException where an Input is not
    /// bound.
    let graph (bound: seq<Node>) (outputs: Node[]) : Encoding =
        let encoder = Encoder()

        let positions = Traversal.Walk.Over(outputs, NodeTable.ofNodes bound, Traversal.Repeats.AtUses, encoder)

        encoder.Finish(outputs |> Array.map (fun output -> positions[output]))

    /// The same graph with a node of its own for each use of a number, so that each can be given its own value.
    let apart (bound: seq<Node>) (outputs: Node[]) : Node[] =
        let tape = Traversal.Tape(outputs, bound, Traversal.Repeats.AtUses)
        let made: Node[] = Array.zeroCreate tape.Length

        let remade i (node: Node) =
            let child position _ = made[tape.Child(i, position)]
            Node.Annotated(Op.mapi child node.Op, node.Annotation)

        for i in 0 .. tape.Length - 1 do
            let node = tape.Nodes[i]

            made[i] <-
                match node.Op with
                | _ when tape.IsLeaf i -> node
                | Op.Constant(value, _) when value.Rank = 0 -> remade i node
                | op when Op.arity op = 0 -> node
                | _ -> remade i node

        outputs |> Array.map (fun output -> made[tape.Position output])
