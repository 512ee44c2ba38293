namespace Autodiff.FSharp

open System
open Autodiff

/// A map from nodes to values by open addressing over their numbers. Numbers of one graph are mostly consecutive, so
/// blocks of 64 of them stay together and only the blocks are scattered: walks in order of creation stay in the cache.
[<Sealed>]
type internal NodeTable<'T>(capacity: int) =
    let size capacity = int (Numerics.BitOperations.RoundUpToPowerOf2(uint32 (max 64 (2 * capacity))))
    let mutable keys: Node[] = Array.zeroCreate (size capacity)
    let mutable values: 'T[] = Array.zeroCreate keys.Length
    let mutable count = 0

    let slotOf (node: Node) =
        let block = uint64 node.Id >>> 6
        let scattered = (block * 0x9E3779B97F4A7C15UL) >>> 20
        let mutable slot = int ((scattered <<< 6) ||| (uint64 node.Id &&& 63UL)) &&& (keys.Length - 1)

        while not (isNull (box keys[slot])) && not (Object.ReferenceEquals(keys[slot], node)) do
            slot <- (slot + 1) &&& (keys.Length - 1)

        slot

    let grow () =
        let oldKeys, oldValues = keys, values
        keys <- Array.zeroCreate (2 * oldKeys.Length)
        values <- Array.zeroCreate keys.Length

        for i in 0 .. oldKeys.Length - 1 do
            if not (isNull (box oldKeys[i])) then
                let slot = slotOf oldKeys[i]
                keys[slot] <- oldKeys[i]
                values[slot] <- oldValues[i]

    new() = NodeTable 32

    member _.Count = count

    /// The value of a node, if it has one.
    member _.TryFind(node: Node) : 'T voption =
        let slot = slotOf node
        if isNull (box keys[slot]) then ValueNone else ValueSome values[slot]

    member _.Contains(node: Node) = not (isNull (box keys[slotOf node]))

    /// The value of a node that has one.
    member _.Item
        with get (node: Node): 'T =
            let slot = slotOf node

            if isNull (box keys[slot]) then
                invalidOp "the node is not in the table"
            else
                values[slot]
        and set (node: Node) (value: 'T) =
            let slot = slotOf node

            if isNull (box keys[slot]) then
                keys[slot] <- node
                values[slot] <- value
                count <- count + 1

                if 2 * count > keys.Length then
                    grow ()
            else
                values[slot] <- value
