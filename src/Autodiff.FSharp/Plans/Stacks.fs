/// Which groups of operations are worth being one operation over stacked operands, and how their operands come to stand
/// one after the other: as a part of what another group makes, or placed there when they are computed.
module internal Autodiff.FSharp.Stacks

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// Nodes whose values stand one after the other in one array, from a time of the agenda on.
[<Sealed; AllowNullLiteral>]
type Stack(members: int[], isMade: bool, isRooted: bool, time: int) =
    /// The nodes in order.
    member val Members = members with get, set

    /// Whether one operation computes it; otherwise its members are computed one by one.
    member _.IsMade = isMade

    /// Whether a group of products makes it or reads it, or it is made from one that is: others only prepare operands.
    member _.IsRooted = isRooted

    /// When it is first read.
    member _.Time = time

    /// The array, once it has a node.
    member val Node: Node | null = null with get, set

/// Operations that become one.
[<Sealed; AllowNullLiteral>]
type Group(stack: Stack, sources: Stack[], sum: int) =
    /// What it computes.
    member _.Stack = stack

    member _.Members = stack.Members

    /// For each operand the stack in which those of the members follow each other; null where they share one.
    member _.Sources = sources

    /// The sum of which the members are terms and that alone reads them; -1 where there is none.
    member _.Sum = sum

// Rough costs in nanoseconds: what an instruction takes beside its work, a small product more than a loop; a copy, and
// the bytes that it moves in one.
let private productOverhead, private loopOverhead = 300.0, 150.0
let private copyOverhead, private bytesPerNanosecond = 30.0, 40.0

// Groups are for work so small that its beginnings and ends count, and for arrays that stay in the cache.
let private maxWork = 1e6
let private maxStackBytes, private maxTotalBytes = 1L <<< 20, 4L <<< 20
let private leastMembers = 3

let private bytes (node: Node) = int64 node.Shape.Size * int64 (node.DType.Size())

/// Whether an operation is an einsum of several operands.
let isProduct (op: Op<Node>) =
    match op with
    | Op.Einsum(_, operands) -> operands.Length > 1
    | _ -> false

/// The multiplications of an einsum in one loop over all its labels: no less than it takes.
let work (op: Op<Node>) =
    match op with
    | Op.Einsum(subscripts, _) -> subscripts.Sizes |> Seq.fold (fun product size -> product * float size) 1.0
    | _ -> 0.0

/// Decides about the groups of an agenda, in its order.
[<Sealed>]
type Planner(tape: Tape, operands: int[][], readers: int[][], isResult: bool[], times: int[]) =
    let stackOf: Stack[] = Array.zeroCreate tape.Nodes.Length
    let slot: int[] = Array.zeroCreate tape.Nodes.Length
    let mutable totalBytes = 0L

    let isLeaf i = tape.IsLeaf i || operands[i].Length = 0

    let isRun (list: int[]) =
        let stack = stackOf[list[0]]

        not (isNull stack)
        && (Seq.forall id (list |> Seq.mapi (fun k i -> obj.ReferenceEquals(stackOf[i], stack) && slot[i] = slot[list[0]] + k)))

    /// A stack of nodes that are computed one by one, if the list only adds to it what is known before it is read.
    let extensible (list: int[]) : Stack =
        match list |> Array.tryFind (fun i -> not (isNull stackOf[i])) with
        | Some known when not stackOf[known].IsMade ->
            let stack = stackOf[known]
            let start = Array.IndexOf(list, stack.Members[0])
            let fits = start >= 0 && start + stack.Members.Length <= list.Length
            let holds k = obj.ReferenceEquals(stackOf[list[k]], stack)

            let isKept k =
                if k >= start && k < start + stack.Members.Length then
                    list[k] = stack.Members[k - start]
                else
                    not (holds k) && isNull stackOf[list[k]] && times[list[k]] < stack.Time

            if fits && Seq.forall isKept (seq { 0 .. list.Length - 1 }) then stack else null
        | _ -> null

    /// What it takes beyond computing the nodes to have them one after the other.
    let costOf (list: int[]) =
        let isFolded = list |> Array.forall (fun i -> tape.Nodes[i].Op.IsConstant)
        let isCopied i = isLeaf i || not (isNull stackOf[i])
        let copy i = copyOverhead + float (bytes tape.Nodes[i]) / bytesPerNanosecond

        if isFolded || isRun list || not (isNull (extensible list)) then
            0.0
        else
            list |> Seq.filter isCopied |> Seq.sumBy copy

    /// What copying the members that are results takes.
    let costOfResults (group: int[]) =
        group
        |> Seq.filter (fun i -> isResult[i])
        |> Seq.sumBy (fun i -> copyOverhead + float (bytes tape.Nodes[i]) / bytesPerNanosecond)

    let register (stack: Stack) =
        stack.Members
        |> Array.iteri (fun k i ->
            if isNull stackOf[i] || obj.ReferenceEquals(stackOf[i], stack) then
                stackOf[i] <- stack
                slot[i] <- k)

    let source isRooted now (list: int[]) : Stack =
        if isRun list then
            stackOf[list[0]]
        else
            let stack =
                match extensible list with
                | null -> Stack(list, false, isRooted, now)
                | known ->
                    known.Members <- list
                    known

            register stack
            stack

    let isSameEverywhere (group: int[]) position =
        group |> Array.forall (fun i -> operands[i][position] = operands[group[0]][position])

    let ofPosition (group: int[]) position = group |> Array.map (fun i -> operands[i][position])

    /// The members in the order of a stack of their operands, or else in that in which they are needed.
    let ordered (group: int[]) (varying: int[]) =
        let lists = varying |> Array.map (ofPosition group)

        let isIn (list: int[]) =
            not (isNull stackOf[list[0]])
            && list |> Array.forall (fun i -> obj.ReferenceEquals(stackOf[i], stackOf[list[0]]))

        let key =
            match Array.tryFind isIn lists, Array.tryFind (Array.forall (isLeaf >> not)) lists with
            | Some list, _ -> list |> Array.map (fun i -> slot[i])
            | None, Some list -> list
            | None, None -> group |> Array.map (fun i -> if readers[i].Length > 0 then readers[i][0] else i)

        Array.zip key group |> Array.sort |> Array.map snd

    /// The sum that alone reads the members, each as one of its terms.
    let sumOf (isSum: int -> bool) (group: int[]) =
        let reader = if readers[group[0]].Length = 1 then readers[group[0]][0] else -1
        let isTerm i = readers[i].Length = 1 && readers[i][0] = reader && not isResult[i]
        if reader >= 0 && isSum reader && Array.forall isTerm group then reader else -1

    let isWorthIt (op: Op<Node>) sum (group: int[]) (lists: int[][]) =
        let node = tape.Nodes[group[0]]
        let isReady (list: int[]) = isRun list || (Regions.isElementwise op && Array.forall isLeaf list)
        let perMember = if isProduct op then productOverhead else loopOverhead
        let made = if sum >= 0 then 0L else int64 group.Length * bytes node
        let sizeOf (list: int[]) = if isRun list then 0L else list |> Array.sumBy (fun i -> bytes tape.Nodes[i])
        let sizes = Array.append [| made |] (Array.map sizeOf lists)

        (isProduct op || Array.exists isRun lists || Array.forall isReady lists)
        && work op <= maxWork
        && Array.forall (fun size -> size <= maxStackBytes) sizes
        && totalBytes + Array.sum sizes <= maxTotalBytes
        && Array.sumBy costOf lists + costOfResults group < perMember * float (group.Length - 1)

    /// The group as one operation, or null where it is better as it is.
    let decide (isSum: int -> bool) (now: int) (group: int[]) : Group =
        let op = tape.Nodes[group[0]].Op

        if group.Length < leastMembers then
            null
        else
            let positions = [| 0 .. operands[group[0]].Length - 1 |]
            let varying = positions |> Array.filter (isSameEverywhere group >> not)
            let group = ordered group varying
            let sum = sumOf isSum group

            if varying.Length > 0 && isWorthIt op sum group (varying |> Array.map (ofPosition group)) then
                let isRootedRun list = isRun list && stackOf[list[0]].IsRooted
                let isRooted = isProduct op || (varying |> Array.exists (ofPosition group >> isRootedRun))

                let sourceOf position =
                    if Array.contains position varying then
                        source isRooted now (ofPosition group position)
                    else
                        null

                let sources = Array.map sourceOf positions
                let stack = Stack(group, true, isRooted, now)
                register stack
                totalBytes <- totalBytes + (if sum >= 0 then 0L else int64 group.Length * bytes tape.Nodes[group[0]])
                Group(stack, sources, sum)
            else
                null

    /// What those that may go together have in common: the stacks of their operands.
    let kinship i =
        operands[i]
        |> Array.map (fun operand ->
            if not (isNull stackOf[operand]) then stackOf[operand].Members[0]
            elif isLeaf operand then -1
            else -2)

    /// The parts of a group of the agenda that are better one operation each.
    member _.Decide(isSum: int -> bool, now: int, members: int[]) : Group[] =
        if members.Length < leastMembers then
            [||]
        else
            members
            |> Array.groupBy kinship
            |> Array.map (fun (_, group) -> decide isSum now group)
            |> Array.filter (isNull >> not)
