/// The form of a node: what it does to operands of which shapes, what these do, and which of them it shares with the others
/// of its form.
module internal Autodiff.FSharp.Forms

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// Whether several of an operation are worth being one over stacked operands.
let private isStackable (op: Op<Node>) = Regions.isElementwise op || op.IsEinsum || op.IsReshape || op.IsExtremum

/// Nodes that do the same to operands of the same shapes have one class; those that may not be stacked have none (-1).
/// Operands that may be exchanged are brought into the order of their classes.
let private classes (tape: Tape) (operands: int[][]) (mayStack: int -> bool) : struct (int[] * int) =
    let numbers =
        Dictionary<struct (Op<int> * Shape * struct (DType * Shape * DType)), int>(HashIdentity.Structural)

    let classes = Array.create tape.Nodes.Length -1

    for i in 0 .. classes.Length - 1 do
        let node = tape.Nodes[i]

        if mayStack i && isStackable node.Op then
            if Op.commutes node.Op && classes[operands[i][0]] > classes[operands[i][1]] then
                operands[i] <- Array.rev operands[i]

            let first = tape.Nodes[operands[i][0]]
            let bare = Op.map (fun _ -> 0) node.Op
            let key = struct (bare, node.Shape, struct (node.DType, first.Shape, first.DType))

            if not (numbers.ContainsKey key) then
                numbers[key] <- numbers.Count

            classes[i] <- numbers[key]

    struct (classes, numbers.Count)

// An operand is shared where so many nodes of a class, on average, have the same. Each step of a recurrence may use what it
// has computed a few times in loops of one class: that is not meant.
let private sharersOfProduct, private sharersOfLoop = 3, 8

/// For each class and position of operand whether its nodes share operands there.
let private shared (tape: Tape) (operands: int[][]) (classes: int[]) (count: int) : bool[][] =
    let nodes, sharers = Array.zeroCreate count, Array.zeroCreate count
    let distinct = HashSet<struct (int * int * int)>()
    let differing = Array.init count (fun _ -> List<int>())

    for i in 0 .. classes.Length - 1 do
        if classes[i] >= 0 then
            let counts = differing[classes[i]]
            nodes[classes[i]] <- nodes[classes[i]] + 1
            sharers[classes[i]] <- if tape.Nodes[i].Op.IsEinsum then sharersOfProduct else sharersOfLoop

            operands[i]
            |> Array.iteri (fun position operand ->
                if counts.Count = position then
                    counts.Add 0

                if distinct.Add(struct (classes[i], position, operand)) then
                    counts[position] <- counts[position] + 1)

    let isShared number (differing: int) = sharers[number] * differing <= nodes[number]
    differing |> Array.mapi (fun number counts -> counts |> Seq.map (isShared number) |> Array.ofSeq)

/// For each node the number of its form, and how many forms there are. A node that cannot be stacked has a form of its
/// own; one that is left out has none (-1).
let assign (tape: Tape) (operands: int[][]) (isLeftOut: bool[]) (mayStack: int -> bool) : struct (int[] * int) =
    let struct (classes, classCount) = classes tape operands mayStack
    let shared = shared tape operands classes classCount
    let numbers = Dictionary<int[], int>(HashIdentity.Structural)
    let mutable count = 0

    let next () =
        count <- count + 1
        count - 1

    let form i =
        if isLeftOut[i] then
            -1
        elif classes[i] < 0 then
            next ()
        else
            let anchor position operand = if shared[classes[i]][position] then operand else -1
            let below = operands[i] |> Array.map (fun operand -> classes[operand])
            let key = Array.concat [ [| classes[i] |]; below; Array.mapi anchor operands[i] ]

            match numbers.TryGetValue key with
            | true, number -> number
            | false, _ ->
                numbers[key] <- next ()
                count - 1

    let result = Array.init tape.Nodes.Length form
    struct (result, count)
