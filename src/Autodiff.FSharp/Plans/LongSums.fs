/// Sums of products that together are not to be kept, as the gradient of a weight that many layers share. They are added up
/// one by one, each product as it comes.
module internal Autodiff.FSharp.LongSums

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

let private isProduct (tape: Tape) i =
    match tape.Nodes[i].Op with
    | Op.Einsum(_, operands) -> operands.Length > 1 && not (tape.IsLeaf i)
    | _ -> false

let private isAddition (tape: Tape) i =
    match tape.Nodes[i].Op with
    | Op.Binary(Binary.Add, _, _) -> not (tape.IsLeaf i)
    | _ -> false

let private bytesOf (node: Node) = int64 node.Shape.Size * int64 (node.DType.Size())

/// For each node whether it is an addition of a sum of at least so many bytes, in a graph that has products.
let private among leastBytes (tape: Tape) : ChunkedList<bool> =
    // The bytes of the products that an addition and those before it add up.
    let bytes = ChunkedList<int64>.Zeros tape.Length

    for i in 0 .. tape.Length - 1 do
        if isAddition tape i then
            for position in 0 .. tape.Arity i - 1 do
                let child = tape.Child(i, position)
                bytes[i] <- bytes[i] + if isProduct tape child then bytesOf tape.Nodes[i] else bytes[child]

    // Then those of the whole sum.
    for i in tape.Length - 1 .. -1 .. 0 do
        if bytes[i] > 0L then
            for position in 0 .. tape.Arity i - 1 do
                let child = tape.Child(i, position)

                if bytes[child] > 0L then
                    bytes[child] <- max bytes[child] bytes[i]

    let isLong = ChunkedList<bool>.Zeros tape.Length

    for i in 0 .. tape.Length - 1 do
        isLong[i] <- bytes[i] >= leastBytes

    isLong

/// For each node whether it is an addition of a long sum, where the plan keeps within a number of bytes.
let find (budget: int64) (tape: Tape) : ChunkedList<bool> =
    let mutable i = 0

    while i < tape.Length && not (isProduct tape i) do
        i <- i + 1

    if i < tape.Length then
        among (Accumulation.LeastBytes budget) tape
    else
        ChunkedList<bool>.Zeros tape.Length
