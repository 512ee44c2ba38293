/// Which operations of one form can be computed together. The graph is walked as if it ran: of all forms of which a node is
/// ready, the one farthest from the results comes first, and all its nodes that are ready then are a group. So what a
/// recurrence needs for its next step goes before what its steps only leave behind, and that is found together at the end
/// (after the batching on the fly of Neubig, Goldberg and Dyer, 2017). The groups in this order are a graph without cycles.
module internal Autodiff.FSharp.Agenda

open System.Collections.Generic

/// For each node the longest way from it to a result.
let private heights (operands: int[][]) =
    let height = Array.zeroCreate operands.Length

    for i in operands.Length - 1 .. -1 .. 0 do
        for operand in operands[i] do
            height[operand] <- max height[operand] (height[i] + 1)

    height

let private readers (operands: int[][]) =
    let readers = Array.init operands.Length (fun _ -> List<int>())
    operands |> Array.iteri (fun i own -> own |> Array.iter (fun operand -> readers[operand].Add i))
    readers

/// The mean over the nodes of each form of their distance from the results. What is given goes before everything.
let private distances (operands: int[][]) (forms: int[]) (count: int) =
    let height = heights operands
    let total, members = Array.zeroCreate count, Array.zeroCreate count

    for i in 0 .. forms.Length - 1 do
        if forms[i] >= 0 then
            let distance = if operands[i].Length = 0 then infinity else float height[i]
            total[forms[i]] <- total[forms[i]] + distance
            members[forms[i]] <- members[forms[i]] + 1

    Array.map2 (fun total members -> total / float (max 1 members)) total members

/// The groups in an order in which each comes after what it reads. `operands` names for each node, all of which come later
/// than their operands, what it reads; `forms` the number of its form, -1 where the node is left out.
let run (operands: int[][]) (forms: int[]) (count: int) : int[][] =
    let distance = distances operands forms count
    let readers = readers operands
    let waiting = operands |> Array.map _.Length
    let ready = Array.init count (fun _ -> List<int>())
    let agenda = PriorityQueue<int, struct (float * int)>()
    let groups = List<int[]>()

    let makeReady i =
        let form = forms[i]

        if ready[form].Count = 0 then
            agenda.Enqueue(form, struct (-distance[form], form))

        ready[form].Add i

    for i in 0 .. operands.Length - 1 do
        if forms[i] >= 0 && waiting[i] = 0 then
            makeReady i

    while agenda.Count > 0 do
        let form = agenda.Dequeue()
        let group = ready[form].ToArray()
        ready[form].Clear()
        groups.Add group

        for i in group do
            for reader in readers[i] do
                waiting[reader] <- waiting[reader] - 1

                if waiting[reader] = 0 then
                    makeReady reader

    groups.ToArray()
