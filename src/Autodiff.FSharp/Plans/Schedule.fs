/// The order in which a graph is computed: regions and single nodes, each after what it reads.
module internal Autodiff.FSharp.Schedule

open System.Collections.Generic
open Autodiff
open Autodiff.FSharp.Traversal

/// A step: the positions of the nodes that are computed together, in order.
[<Struct>]
type Step = { Region: int; Members: int[] }

/// Loops are cut where they become longer than this: beyond it their registers spill.
let private maxLoop = 200

/// The members of each unit (a region, or a single node) in order: a chain of nodes from each unit's first on.
[<Sealed>]
type private Units(tape: Tape, regions: ChunkedList<int>) =
    let firsts = ChunkedList<int>.Filled(tape.Length, -1)
    let nexts = ChunkedList<int>.Zeros tape.Length
    let counts = ChunkedList<int>.Zeros tape.Length

    let unitOf i = if regions[i] < 0 then i else regions[i]

    do
        for i in tape.Length - 1 .. -1 .. 0 do
            let unit = unitOf i
            nexts[i] <- firsts[unit]
            firsts[unit] <- i
            counts[unit] <- counts[unit] + 1

    /// The unit of a node: a region's number, or the node's own.
    member _.Of(i: int) = unitOf i

    /// The first member of a unit.
    member _.First(unit: int) = firsts[unit]

    /// The member of the same unit after node i; -1 after the last.
    member _.Next(i: int) = nexts[i]

    /// The members of a unit.
    member _.Members(unit: int) : int[] =
        let members = Array.zeroCreate counts[unit]
        let mutable i = firsts[unit]

        for place in 0 .. members.Length - 1 do
            members[place] <- i
            i <- nexts[i]

        members

let private pieces (tape: Tape) region (members: int[]) =
    if members.Length <= maxLoop || tape.Nodes[members[0]].Rank = 0 then
        [| { Region = region; Members = members } |]
    else
        members
        |> Array.chunkBySize maxLoop
        |> Array.map (fun piece -> { Region = region; Members = piece })

/// A unit whose needs are being looked at: the next operand of one of its members.
[<Struct>]
type private Visit = { Unit: int; mutable Member: int; mutable Position: int }

/// The steps, depth first from the results: what a step needs is computed shortly before it.
let steps (tape: Tape) (regions: ChunkedList<int>) (roots: int[]) : Step[] =
    let units = Units(tape, regions)
    let result = List<Step>()
    let entered = ChunkedList<bool>.Zeros tape.Length
    let stack = ChunkedList<Visit>()

    let enter unit =
        if not entered[unit] then
            entered[unit] <- true

            stack.Add { Unit = unit; Member = units.First unit; Position = 0 }

    for root in roots do
        enter (units.Of root)

        while stack.Length > 0 do
            let visit = &stack.Last

            if visit.Member < 0 then
                let unit = visit.Unit
                stack.Shorten 1
                result.AddRange(pieces tape regions[unit] (units.Members unit))
            elif visit.Position = tape.Arity visit.Member then
                visit.Member <- units.Next visit.Member
                visit.Position <- 0
            else
                let child = tape.Child(visit.Member, visit.Position)
                visit.Position <- visit.Position + 1
                enter (units.Of child)

    result.ToArray()
