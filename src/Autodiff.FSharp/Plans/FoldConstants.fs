/// What depends on constants alone is computed when a plan is made, if it is small. Variables, inputs and the arrays that
/// a cached plan is given for each run are no constants of the plan.
module internal Autodiff.FSharp.FoldConstants

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

// In elements of an array, and in multiply-adds of a product.
let private maxSize = 1 <<< 16
let private maxWork = 1e7

/// Whether strides alone say what the operation does, so that its value needs no memory.
let private isView (op: Op<Node>) =
    match op with
    | Op.Einsum(subscripts, [| _ |]) -> Labels.isExpansion subscripts
    | _ -> op.IsReshape || op.IsSlice || op.IsWindow

/// Whether the operation can be computed beforehand: it throws for no values, and is no user's.
let private isFoldable (node: Node) =
    let op = node.Op

    (Regions.isElementwise op || op.IsEinsum || op.IsConcat || op.IsEmbed || op.IsExtremum || isView op)
    && (isView op || node.Shape.Size <= maxSize)
    && Stacks.work op <= maxWork

let rec private belowViews (tape: Tape) i =
    if isView tape.Nodes[i].Op && not (tape.IsLeaf i) then
        belowViews tape (tape.Child(i, 0))
    else
        i

/// The nodes to compute: constant ones that others read, or views of them.
let private find (tape: Tape) (roots: int[]) : int[] =
    let isConstant = ChunkedList<bool>.Zeros tape.Length
    let found = List<int>()

    let read i =
        if isConstant[i] && tape.Arity i > 0 then
            found.Add(belowViews tape i)

    for i in 0 .. tape.Length - 1 do
        let arity = tape.Arity i
        let mutable constants = 0

        for position in 0 .. arity - 1 do
            if isConstant[tape.Child(i, position)] then
                constants <- constants + 1

        isConstant[i] <-
            constants = arity
            && if arity > 0 then
                   isFoldable tape.Nodes[i]
               else
                   tape.Nodes[i].Op.IsConstant && not (tape.IsLeaf i)

        if constants > 0 && not isConstant[i] then
            for position in 0 .. arity - 1 do
                read (tape.Child(i, position))

    Array.iter read roots
    found |> Seq.filter (fun i -> tape.Arity i > 0) |> Seq.distinct |> Array.ofSeq

/// The formula over constants that are as large as can be.
let run (formula: Formula) : Formula =
    let nodes = find formula.Tape formula.Roots |> Array.map (fun i -> formula.Tape.Nodes[i])

    if nodes.Length = 0 then
        formula
    else
        let values = Executor.Run(Lower.run (Formula([||], nodes)), System.ReadOnlySpan<NDArray>.Empty)
        let constants = Seq.map2 (fun (node: Node) value -> node, Node.Strong value) nodes values
        let kept = formula.Inputs |> Seq.map (fun input -> input, input)
        formula.With(Array.ofList (replace (Seq.append kept constants) formula.Outputs))
