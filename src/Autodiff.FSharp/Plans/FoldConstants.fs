/// What depends on constants alone is computed when a plan is made, if it is small. Variables, inputs and the arrays that
/// a cached plan is given for each run are no constants of the plan.
module internal Autodiff.FSharp.FoldConstants

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
    let isRead = ChunkedList<bool>.Zeros tape.Length
    roots |> Array.iter (fun root -> isRead[root] <- true)

    for i in 0 .. tape.Length - 1 do
        let node, arity = tape.Nodes[i], tape.Arity i
        let mutable overConstants = not (tape.IsLeaf i)

        for position in 0 .. arity - 1 do
            overConstants <- overConstants && isConstant[tape.Child(i, position)]

        isConstant[i] <- overConstants && if arity = 0 then node.Op.IsConstant else isFoldable node

        if not isConstant[i] then
            for position in 0 .. arity - 1 do
                isRead[tape.Child(i, position)] <- true

    seq { 0 .. tape.Length - 1 }
    |> Seq.filter (fun i -> isConstant[i] && isRead[i])
    |> Seq.map (belowViews tape)
    |> Seq.filter (fun i -> tape.Arity i > 0)
    |> Seq.distinct
    |> Array.ofSeq

/// The outputs over constants that are as large as can be.
let run (inputs: Node[]) (outputs: Node[]) : Node[] =
    let tape = Tape(Seq.append outputs inputs, inputs)
    let nodes = find tape (outputs |> Array.map tape.Position) |> Array.map (fun i -> tape.Nodes[i])

    if nodes.Length = 0 then
        outputs
    else
        let values = Executor.Run(Lower.run [||] nodes, System.ReadOnlySpan<NDArray>.Empty)
        let constants = Seq.map2 (fun (node: Node) value -> node, Node.Strong value) nodes values
        let kept = inputs |> Seq.map (fun input -> input, input)
        Array.ofList (replace (Seq.append kept constants) outputs)
