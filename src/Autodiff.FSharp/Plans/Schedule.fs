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

/// For each node the unit it belongs to (a region's number, or its own), and the members of each unit in order.
let private units (tape: Tape) (regions: int[]) =
    let unitOf = regions |> Array.mapi (fun i region -> if region < 0 then i else region)
    let members = Array.init tape.Nodes.Length (fun _ -> null: List<int> | null)

    for i in 0 .. tape.Nodes.Length - 1 do
        match members[unitOf[i]] with
        | null -> members[unitOf[i]] <- List<int>([ i ])
        | known -> known.Add i

    struct (unitOf, members)

let private pieces (tape: Tape) region (members: int[]) =
    let limit = if tape.Nodes[members[0]].Rank = 0 then System.Int32.MaxValue else maxLoop
    members |> Array.chunkBySize limit |> Array.map (fun piece -> { Region = region; Members = piece })

/// The steps, depth first from the results: what a step needs is computed shortly before it.
let steps (tape: Tape) (regions: int[]) (roots: int[]) : Step[] =
    let struct (unitOf, members) = units tape regions
    let result = List<Step>()
    let entered = Array.zeroCreate tape.Nodes.Length
    let stack = Stack<struct (int * IEnumerator<int>)>()

    let membersOf unit =
        match members[unit] with
        | null -> [||]
        | known -> known.ToArray()

    let needs (unit: int) (nodes: int[]) =
        (nodes
         |> Seq.collect tape.Children
         |> Seq.map (fun child -> unitOf[child])
         |> Seq.filter (fun u -> u <> unit))
            .GetEnumerator()

    let enter unit =
        if not entered[unit] then
            entered[unit] <- true
            stack.Push(struct (unit, needs unit (membersOf unit)))

    for root in roots do
        enter unitOf[root]

        while stack.Count > 0 do
            let struct (unit, pending) = stack.Peek()

            if pending.MoveNext() then
                enter pending.Current
            else
                stack.Pop() |> ignore
                result.AddRange(pieces tape regions[unit] (membersOf unit))

    result.ToArray()
