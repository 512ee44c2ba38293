/// An order of nodes that depends on what they compute and not on how the graph was built: where operands commute, graphs of
/// one meaning hold them in any order, and choices among equals must not follow it.
module internal Autodiff.FSharp.Ranks

open Autodiff
open Autodiff.FSharp.Traversal

let private mix (hash: uint64) (value: uint64) =
    let mixed = (hash ^^^ value) * 0x9E3779B97F4A7C15UL
    mixed ^^^ (mixed >>> 32)

/// The same in every process, unlike the hash of a string.
let private ofText (text: string) = text |> Seq.fold (fun hash letter -> mix hash (uint64 letter)) 1UL

let private ofLeaf (leaves: NodeTable<int>) (node: Node) =
    match leaves.TryFind node, node.Op with
    | ValueSome number, _ -> mix 2UL (uint64 number)
    | ValueNone, Op.Constant(value, _) when value.Rank = 0 -> mix 3UL (uint64 (LeafValue.bits value))
    | ValueNone, op -> ofText (Op.name op)

/// For each node its place in the order: those farther from the leaves come later, equals as the tape has them. Leaves are
/// numbered by the given list.
let ofTape (tape: Tape) (leaves: Node[]) : int[] =
    let numbers = NodeTable<int>()
    leaves |> Array.iteri (fun number leaf -> numbers[leaf] <- number)
    let hashes: uint64[] = Array.zeroCreate tape.Length
    let depths: int[] = Array.zeroCreate tape.Length

    for i in 0 .. tape.Length - 1 do
        let node = tape.Nodes[i]
        let isOrdered = not (node.Op.IsBinary || node.Op.IsCompare)
        let mutable hash = if tape.Arity i = 0 then ofLeaf numbers node else ofText (Op.name node.Op)
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

    [| 0 .. tape.Length - 1 |]
    |> Array.sortBy (fun i -> struct (depths[i], hashes[i], i))
    |> Array.iteri (fun rank i -> ranks[i] <- rank)

    ranks
