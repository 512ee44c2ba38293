namespace Autodiff.FSharp

open System
open System.Collections.Generic
open System.Numerics
open Autodiff
open Autodiff.Kernel

/// Where an operation is looked for: its hash, and a place near those of its newest operand.
[<Struct>]
type internal OpKey = { Hash: int; Place: int }

/// The equality by which shared subexpressions are found: of operations and, by reference, of the nodes they are over;
/// x y is y x where an operation commutes, as einsums do. Of the operations that graphs are mostly made of it is written out:
/// the generic equality of unions takes several times as long.
module internal OpEquality =
    let private structural: IEqualityComparer<Op<Node>> = HashIdentity.Structural

    let private isSame (x: Node) (y: Node) = Object.ReferenceEquals(x, y)

    let private areSame commutes (x0: Node) (x1: Node) (y0: Node) (y1: Node) =
        isSame x0 y0 && isSame x1 y1 || commutes && isSame x0 y1 && isSame x1 y0

    /// The operation with operands that commute in the order of their creation.
    let ordered (op: Op<Node>) : Op<Node> =
        match op with
        | Op.Binary(f, x, y) when x.Id > y.Id && f.Commutes -> Op.Binary(f, y, x)
        | Op.Compare(f, x, y) when x.Id > y.Id && f.Commutes -> Op.Compare(f, y, x)
        | Op.Logical(f, x, y) when x.Id > y.Id -> Op.Logical(f, y, x)
        | _ -> op

    let private permuted (subscripts: Subscripts) (order: int[]) =
        let labels = order |> Array.map (fun position -> Labels.operand position subscripts)
        Labels.create labels (Labels.result subscripts) (Labels.sizes subscripts)

    // An operand may stand several times, and each of these in the place of each other: more are not looked through.
    let private mostPermuted = 8

    /// Whether the operands of the one einsum, in some order, are those of the other with the labels that they have there.
    /// Labels are numbered by first occurrence, so that their names make no difference.
    let private areSamePermuted (s: Subscripts) (xs: Node[]) (t: Subscripts) (ys: Node[]) =
        let rec fits (order: int list) =
            if order.Length = xs.Length then
                s.Equals(permuted t (order |> List.rev |> Array.ofList))
            else
                let x = xs[order.Length]

                seq { 0 .. ys.Length - 1 }
                |> Seq.exists (fun i -> isSame x ys[i] && not (List.contains i order) && fits (i :: order))

        fits []

    /// Whether two einsums are one, in whatever order their operands stand.
    let private areSameEinsums (s: Subscripts) (xs: Node[]) (t: Subscripts) (ys: Node[]) =
        xs.Length = ys.Length
        && (s.Equals t && Array.forall2 isSame xs ys
            || xs.Length > 1 && xs.Length <= mostPermuted && s.Result = t.Result && areSamePermuted s xs t ys)

    let private mix (hash: uint64) (value: int64) =
        let mixed = (hash ^^^ uint64 value) * 0x9E3779B97F4A7C15UL
        mixed ^^^ (mixed >>> 32)

    let private pair (tag: int) (x: Node) (y: Node) = mix (mix (uint64 tag) (x.Id + y.Id)) (x.Id * y.Id)

    let private keyed (hash: uint64) (newest: int64) : OpKey =
        let hash = int hash
        { Hash = hash; Place = 4 * int newest + (hash &&& 3) }

    let private ofTwo tag (x: Node) (y: Node) = keyed (pair tag x y) (max x.Id y.Id)

    let private newest (op: Op<Node>) : int64 =
        let mutable newest = 0L

        for position in 0 .. Op.arity op - 1 do
            newest <- max newest (Op.child position op).Id

        newest

    let private ofEinsum (subscripts: Subscripts) (operands: Node[]) =
        let mutable sum, newest = 0UL, 0L

        for operand in operands do
            sum <- sum + mix 0x500UL operand.Id
            newest <- max newest operand.Id

        keyed (mix sum (int64 (subscripts.Result.GetHashCode()))) newest

    /// Where an operation is looked for, which does not depend on the order of operands that commute.
    let key (op: Op<Node>) : OpKey =
        match op with
        | Op.Unary(f, x) -> keyed (mix (uint64 (int f.Opcode)) x.Id) x.Id
        | Op.Binary(f, x, y) -> ofTwo (0x100 + int f.Opcode) x y
        | Op.Compare(f, x, y) -> ofTwo (0x200 + int f.Opcode) x y
        | Op.Select(condition, x, y) -> keyed (mix (pair 0x300 x y) condition.Id) (newest op)
        | Op.Logical(f, x, y) -> ofTwo (0x400 + int f.Opcode) x y
        | Op.Einsum(subscripts, operands) -> ofEinsum subscripts operands
        | other -> keyed (uint64 (structural.GetHashCode other)) (newest op)

    let equals (a: Op<Node>) (b: Op<Node>) : bool =
        match a, b with
        | Op.Unary(f, x), Op.Unary(g, y) -> isSame x y && Object.ReferenceEquals(f, g)
        | Op.Binary(f, x0, x1), Op.Binary(g, y0, y1) -> Object.ReferenceEquals(f, g) && areSame f.Commutes x0 x1 y0 y1
        | Op.Compare(f, x0, x1), Op.Compare(g, y0, y1) -> Object.ReferenceEquals(f, g) && areSame f.Commutes x0 x1 y0 y1
        | Op.Logical(f, x0, x1), Op.Logical(g, y0, y1) -> Object.ReferenceEquals(f, g) && areSame true x0 x1 y0 y1
        | Op.Einsum(s, xs), Op.Einsum(t, ys) -> areSameEinsums s xs t ys
        | _ -> structural.Equals(a, b)

/// A node, the hash of its operation, and the next entry of the same bucket.
[<Struct>]
type internal OpEntry = { Node: Node; Hash: int; Next: int }

/// Nodes by their operations: chained hashing, in chunks. An operation's bucket is near those of its newest operand: most
/// nodes of a graph are made from its newest nodes, so that the table of a large graph is walked in order, in the cache. Where
/// too many operations share their newest operand, they are scattered by their hashes alone.
[<Sealed>]
type internal OpTable() =
    // More entries than this are not looked through in a bucket before all are scattered.
    let longest = 32

    let mutable entries = ChunkedList<OpEntry>()
    // For each bucket one more than the number of its first entry.
    let mutable buckets = ChunkedList<int>.Zeros 64
    let mutable isScattered = false

    let bucketOf (key: OpKey) = (if isScattered then key.Hash else key.Place) &&& (buckets.Length - 1)

    let link i (node: Node) (key: OpKey) =
        let bucket = bucketOf key
        entries[i] <- { Node = node; Hash = key.Hash; Next = buckets[bucket] - 1 }
        buckets[bucket] <- i + 1

    let rebuild (length: int) =
        buckets <- ChunkedList<int>.Zeros length

        for i in 0 .. entries.Length - 1 do
            link i entries[i].Node (OpEquality.key entries[i].Node.Op)

    let scatter () =
        isScattered <- true
        rebuild buckets.Length

    /// Makes room, where there are no nodes yet.
    member _.Reserve(count: int) =
        if entries.Length = 0 then
            entries <- ChunkedList<OpEntry> count
            buckets <- ChunkedList<int>.Zeros(max 64 (int (BitOperations.RoundUpToPowerOf2(uint32 count))))

    /// The node of an operation whose key is given, or null.
    member _.Find(op: Op<Node>, key: OpKey) : Node | null =
        let mutable i = buckets[bucketOf key] - 1
        let mutable found: Node | null = null
        let mutable seen = 0

        while i >= 0 do
            let entry = entries[i]
            seen <- seen + 1

            if entry.Hash = key.Hash && OpEquality.equals entry.Node.Op op then
                found <- entry.Node
                i <- -1
            else
                i <- entry.Next

        if seen > longest && not isScattered then
            scatter ()

        found

    /// Whether some operation here is such a one.
    member _.Exists(predicate: Op<Node> -> bool) : bool =
        let mutable i = 0

        while i < entries.Length && not (predicate entries[i].Node.Op) do
            i <- i + 1

        i < entries.Length

    /// Adds a node whose operation, with the given key, no other node here has.
    member _.Add(key: OpKey, node: Node) =
        if entries.Length >= buckets.Length then
            rebuild (4 * buckets.Length)

        entries.Add Unchecked.defaultof<OpEntry>
        link (entries.Length - 1) node key
