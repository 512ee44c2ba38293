namespace Autodiff.FSharp

open System
open Autodiff

/// The values of 256 nodes with consecutive numbers, and which of them there are.
[<Sealed>]
type internal Block<'T>(key: int64, size: int) =
    /// The nodes' numbers without their last eight bits.
    member val Key = key
    member val Present: uint64[] = Array.zeroCreate 4
    member val Values: 'T[] = Array.zeroCreate size

/// A map from nodes to values. The numbers of one graph's nodes are mostly consecutive, so values stand in blocks by
/// number, and only the blocks are looked for, by open addressing: walks in order of creation stay in the cache.
[<Sealed>]
type internal NodeTable<'T>() =
    let mutable blocks: Block<'T>[] = Array.zeroCreate 8
    let mutable used = 0
    let mutable latest: Block<'T> = Block<'T>(-1L, 0)

    let slotOf (key: int64) =
        let scattered = (uint64 key * 0x9E3779B97F4A7C15UL) >>> 32
        let mutable slot = int scattered &&& (blocks.Length - 1)

        while not (isNull (box blocks[slot])) && blocks[slot].Key <> key do
            slot <- (slot + 1) &&& (blocks.Length - 1)

        slot

    let grow () =
        let old = blocks
        blocks <- Array.zeroCreate (2 * old.Length)

        for block in old do
            if not (isNull (box block)) then
                blocks[slotOf block.Key] <- block

    /// The block of a node; where there is none, the latest, whose key is another.
    let find (key: int64) =
        if latest.Key <> key then
            let block = blocks[slotOf key]

            if not (isNull (box block)) then
                latest <- block

        latest

    let make (key: int64) =
        if 2 * (used + 1) > blocks.Length then
            grow ()

        latest <- Block<'T>(key, 256)
        blocks[slotOf key] <- latest
        used <- used + 1
        latest

    static member private Has(block: Block<'T>, place: int) =
        block.Present[place >>> 6] &&& (1UL <<< (place &&& 63)) <> 0UL

    /// Whether no node has a value.
    member _.IsEmpty = used = 0

    member _.Contains(node: Node) =
        let key = node.Id >>> 8
        let block = find key
        block.Key = key && NodeTable<'T>.Has(block, int node.Id &&& 255)

    /// The value of a node, if it has one.
    member table.TryFind(node: Node) : 'T voption =
        if table.Contains node then
            ValueSome latest.Values[int node.Id &&& 255]
        else
            ValueNone

    /// The value of a node that has one.
    member table.Item
        with get (node: Node): 'T =
            if table.Contains node then
                latest.Values[int node.Id &&& 255]
            else
                invalidOp "the node is not in the table"
        and set (node: Node) (value: 'T) =
            let key, place = node.Id >>> 8, int node.Id &&& 255
            let known = find key
            let block = if known.Key = key then known else make key
            block.Present[place >>> 6] <- block.Present[place >>> 6] ||| (1UL <<< (place &&& 63))
            block.Values[place] <- value

module internal NodeTable =

    /// The table that nodes are in, and no others.
    let ofNodes (nodes: seq<Node>) : NodeTable<bool> =
        let table = NodeTable<bool>()

        for node in nodes do
            table[node] <- true

        table
