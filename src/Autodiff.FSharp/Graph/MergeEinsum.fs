/// Einsum of einsum is einsum: an operand that is itself an einsum of one operand (a transpose, a broadcast, a sum, a
/// diagonal) is replaced by that operand under other labels.
module internal Autodiff.FSharp.MergeEinsum

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel

/// The einsum in an operand's place, where it can be merged: its result names no axis twice.
let private inner (node: Node) =
    match node.Op with
    | Op.Einsum(subscripts, [| x |]) ->
        if Labels.areDistinct (Labels.result subscripts) then
            ValueSome struct (subscripts, x)
        else
            ValueNone
    | _ -> ValueNone

/// The labels of x, when the result of the inner einsum carries the given labels of the outer one. Labels that the
/// inner einsum sums over become new labels.
let private relabel (inner: Subscripts) (outer: int[]) (fresh: int -> int) : int[] =
    let names = Dictionary<int, int>()
    Labels.result inner |> Array.iteri (fun position label -> names[label] <- outer[position])

    let rename label =
        match names.TryGetValue label with
        | true, name -> name
        | false, _ ->
            names[label] <- fresh inner.Sizes[label]
            names[label]

    Array.map rename (Labels.operand 0 inner)

/// A result axis that no operand has keeps its size; an axis that was summed although no operand has it any more has
/// counted equal terms, so their number becomes a factor.
let private lostFactor (subscripts: Subscripts) (operands: int[][]) =
    let kept = HashSet<int>(Seq.append (Seq.concat operands) (Labels.result subscripts))

    Seq.init subscripts.LabelCount id
    |> Seq.filter (fun label -> not (kept.Contains label))
    |> Seq.fold (fun factor label -> factor * float subscripts.Sizes[label]) 1.0

let private scale (factor: float) (node: Node) =
    if factor = 1.0 then
        node
    else
        node * Node.Cast(node.DType, Node.op_Implicit factor)

let private merge (subscripts: Subscripts) (operands: Node[]) =
    let sizes = List<int>(subscripts.Sizes)

    let fresh size =
        sizes.Add size
        sizes.Count - 1

    let replace position (node: Node) =
        let labels = Labels.operand position subscripts

        match inner node with
        | ValueSome(inner, x) -> struct (relabel inner labels fresh, x)
        | ValueNone -> struct (labels, node)

    let replaced = Array.mapi replace operands
    let labels = replaced |> Array.map (fun (struct (labels, _)) -> labels)
    let nodes = replaced |> Array.map (fun (struct (_, node)) -> node)
    let merged = Labels.create labels (Labels.result subscripts) (sizes.ToArray())
    scale (lostFactor subscripts labels) (Node.Make(Op.Einsum(merged, nodes)))

/// The rule.
let apply (op: Op<Node>) : Node voption =
    match op with
    | Op.Einsum(subscripts, operands) when
        // A size that is not known yet cannot become a factor.
        not (Seq.contains -1 subscripts.Sizes)
        && operands |> Array.exists (fun operand -> (inner operand).IsSome)
        ->
        ValueSome(merge subscripts operands)
    | _ -> ValueNone
