namespace Autodiff.FSharp

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel

/// The canonical form of a graph: its nodes in post-order, leaves by type and shape alone, in the order of their first
/// occurrence. Two graphs of one encoding are computed by one plan, given the values of their leaves and numbers.
[<Sealed>]
type internal Encoding(codes: int[], payloads: Op<int>[], leaves: Node[], numbers: Node[]) =

    let hash =
        let mutable hash = 0xCBF29CE484222325UL

        for code in codes do
            hash <- (hash ^^^ uint64 (uint32 code)) * 0x9E3779B97F4A7C15UL
            hash <- hash ^^^ (hash >>> 29)

        int (hash >>> 32)

    /// What is compared: for each node what it does and the positions of its operands.
    member _.Codes = codes

    /// The operations that a code does not say in full, each once.
    member _.Payloads = payloads

    /// The nodes whose values the plan is given.
    member _.Leaves = leaves

    /// The rank-0 constants, whose bits are no part of the encoding.
    member _.Numbers = numbers

    override _.GetHashCode() = hash

    override _.Equals other =
        match other with
        | :? Encoding as other -> codes.AsSpan().SequenceEqual(ReadOnlySpan other.Codes) && payloads = other.Payloads
        | _ -> false

/// Encodes graphs.
module internal Encode =

    // What a code begins with. A leaf's goes on with type and sizes, an operation's with its positions of operands.
    [<Literal>]
    let private LeafCode = -1

    [<Literal>]
    let private NumberCode = -2

    [<Literal>]
    let private ResultCode = -3

    let private unaryCode (f: Unary) = 0x1000 + f.GetHashCode()
    let private binaryCode (f: Binary) = 0x2000 + f.GetHashCode()
    let private comparisonCode (f: Comparison) = 0x3000 + f.GetHashCode()

    [<Literal>]
    let private PayloadCode = 0x10000

    /// What is under way.
    [<Sealed>]
    type private Encoder(positions: NodeTable<int>) =
        let codes = List<int>()
        let payloads = List<Op<int>>()
        let numberOf = Dictionary<Op<int>, int>(HashIdentity.Structural)
        let leaves = List<Node>()
        let numbers = List<Node>()

        let operands (op: Op<Node>) =
            for position in 0 .. Op.arity op - 1 do
                codes.Add positions[Op.child position op]

        let payload (op: Op<Node>) =
            let bare = Op.map (fun _ -> 0) op

            match numberOf.TryGetValue bare with
            | true, number -> number
            | false, _ ->
                numberOf[bare] <- payloads.Count
                payloads.Add bare
                payloads.Count - 1

        /// A node whose value is given.
        member _.Leaf(node: Node) =
            leaves.Add node
            codes.Add LeafCode
            codes.Add(int node.DType)
            codes.Add node.Rank

            for size in node.Shape.AsSpan() do
                codes.Add size

        member encoder.Node(node: Node) =
            match node.Op with
            | Op.Constant(value, _) when value.Rank = 0 ->
                numbers.Add node
                codes.Add NumberCode
                codes.Add(int node.DType)
            | Op.Constant _
            | Op.Variable _ -> encoder.Leaf node
            | Op.Input -> raise (UnboundInputException $"input '{node.Name}' {node.Shape} has no value")
            | Op.Unary(f, _) -> codes.Add(unaryCode f)
            | Op.Binary(f, _, _) -> codes.Add(binaryCode f)
            | Op.Compare(f, _, _) -> codes.Add(comparisonCode f)
            | op -> codes.Add(PayloadCode + payload op)

            operands node.Op

        member _.Finish(outputs: Node[]) =
            codes.Add ResultCode

            for output in outputs do
                codes.Add positions[output]

            Encoding(codes.ToArray(), payloads.ToArray(), leaves.ToArray(), numbers.ToArray())

    /// The encoding of the outputs, where the bound nodes are leaves. Throws UnboundInputException where an Input is not
    /// bound.
    let graph (bound: NodeTable<NDArray>) (outputs: Node[]) : Encoding =
        let struct (nodes, positions) = Traversal.walk bound outputs
        let encoder = Encoder positions

        for node in nodes do
            if bound.Count > 0 && bound.Contains node then
                encoder.Leaf node
            else
                encoder.Node node

        encoder.Finish outputs
