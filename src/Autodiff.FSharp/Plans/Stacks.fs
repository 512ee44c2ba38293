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

// How many loops over what is given may be stacked for the sake of a group that reads what comes of them.
let private maxPreparation = 4

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
type Planner(tape: Tape, operands: int[][], readers: int[][], isResult: bool[], forms: int[], times: int[]) =
    let stackOf: Stack[] = Array.zeroCreate tape.Nodes.Length
    let slot: int[] = Array.zeroCreate tape.Nodes.Length
    let groups = List<Group>()
    let mutable totalBytes = 0L

    let isLeaf i = tape.IsLeaf i || operands[i].Length = 0

    let isRun (list: int[]) =
        let stack = stackOf[list[0]]

        not (isNull stack)
        && (Seq.forall
                id
                (list |> Seq.mapi (fun k i -> obj.ReferenceEquals(stackOf[i], stack) && slot[i] = slot[list[0]] + k)))

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

    let isSameEverywhere (group: int[]) position =
        group |> Array.forall (fun i -> operands[i][position] = operands[group[0]][position])

    let ofPosition (group: int[]) position = group |> Array.map (fun i -> operands[i][position])

    let varying (group: int[]) =
        [| 0 .. operands[group[0]].Length - 1 |] |> Array.filter (isSameEverywhere group >> not)

    let costOfCopies (list: int[]) =
        let isCopied i = isLeaf i || not (isNull stackOf[i])
        let copy i = copyOverhead + float (bytes tape.Nodes[i]) / bytesPerNanosecond

        if list |> Array.forall (fun i -> tape.Nodes[i].Op.IsConstant) then
            0.0
        else
            list |> Seq.filter isCopied |> Seq.sumBy copy

    /// What it takes to compute loops over what is given as one, if the list is of such.
    let rec preparation depth (list: int[]) : float voption =
        let isAlike i = isNull stackOf[i] && not (isLeaf i) && forms[i] = forms[list[0]]

        if
            depth > 0
            && Array.forall isAlike list
            && Regions.isElementwise tape.Nodes[list[0]].Op
            && (Array.distinct list).Length = list.Length
        then
            let add (total: float voption) position =
                let below = ofPosition list position

                let cost =
                    if Array.forall isLeaf below then
                        ValueSome(costOfCopies below)
                    else
                        preparation (depth - 1) below

                ValueOption.map2 (+) total cost

            varying list |> Array.fold add (ValueSome 0.0)
        else
            ValueNone

    /// What it takes beyond computing the nodes to have them one after the other.
    let costOf (list: int[]) =
        if isRun list || not (isNull (extensible list)) then
            0.0
        else
            match preparation maxPreparation list with
            | ValueSome cost -> cost
            | ValueNone -> costOfCopies list

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

    let rec source isRooted now (list: int[]) : Stack =
        if isRun list then
            stackOf[list[0]]
        elif (preparation maxPreparation list).IsSome then
            group false now list -1
        else
            let stack =
                match extensible list with
                | null -> Stack(list, false, isRooted, now)
                | known ->
                    known.Members <- list
                    known

            register stack
            stack

    /// Makes the members a group, in their order.
    and group isRooted now (members: int[]) sum : Stack =
        let stackFor position =
            if isSameEverywhere members position then
                null
            else
                source isRooted now (ofPosition members position)

        let sources = Array.init operands[members[0]].Length stackFor
        let stack = Stack(members, true, isRooted, now)
        register stack
        totalBytes <- totalBytes + (if sum >= 0 then 0L else int64 members.Length * bytes tape.Nodes[members[0]])
        groups.Add(Group(stack, sources, sum))
        stack

    /// The members in the order of a stack of their operands, or else in that in which they are needed.
    let ordered (group: int[]) (varying: int[]) =
        let lists = varying |> Array.map (ofPosition group)

        let isIn (list: int[]) =
            not (isNull stackOf[list[0]])
            && list |> Array.forall (fun i -> obj.ReferenceEquals(stackOf[i], stackOf[list[0]]))

        let isInRooted (list: int[]) = isIn list && stackOf[list[0]].IsRooted
        let known = Array.tryFind isInRooted lists |> Option.orElse (Array.tryFind isIn lists)

        let key =
            match known, Array.tryFind (Array.forall (isLeaf >> not)) lists with
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
        let perMember = if isProduct op then productOverhead else loopOverhead
        let made = if sum >= 0 then 0L else int64 group.Length * bytes node
        let sizeOf (list: int[]) = if isRun list then 0L else list |> Array.sumBy (fun i -> bytes tape.Nodes[i])
        let sizes = Array.append [| made |] (Array.map sizeOf lists)

        (isProduct op || Array.exists isRun lists)
        && work op <= maxWork
        && Array.forall (fun size -> size <= maxStackBytes) sizes
        && totalBytes + Array.sum sizes <= maxTotalBytes
        && Array.sumBy costOf lists + costOfResults group < perMember * float (group.Length - 1)

    let decide (isSum: int -> bool) (now: int) (members: int[]) =
        let op, varying = tape.Nodes[members[0]].Op, varying members

        if members.Length >= leastMembers && varying.Length > 0 then
            let members = ordered members varying
            let lists = varying |> Array.map (ofPosition members)
            let sum = sumOf isSum members

            let isRooted =
                isProduct op || lists |> Array.exists (fun list -> isRun list && stackOf[list[0]].IsRooted)

            if isWorthIt op sum members lists then
                group isRooted now members sum |> ignore

    /// What those that may go together have in common: the stacks of their operands.
    let kinship i =
        operands[i]
        |> Array.map (fun operand ->
            if not (isNull stackOf[operand]) then stackOf[operand].Members[0]
            elif isLeaf operand then -1
            else -2)

    /// Takes the nodes that the agenda has together at a time: those that are better one operation become groups.
    member _.Decide(isSum: int -> bool, now: int, members: int[]) =
        if members.Length >= leastMembers then
            for _, kin in Array.groupBy kinship members do
                decide isSum now kin

    /// The groups, each after those that it reads.
    member _.Groups: Group[] = groups.ToArray()
