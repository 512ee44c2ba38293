/// Einsum of einsum is einsum: an operand that is itself an einsum of one operand (a transpose, a broadcast, a sum, a
/// diagonal) is replaced by that operand under other labels.
module internal Autodiff.FSharp.MergeEinsum

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel

/// The einsum in an operand's place, where it can be merged: its result names no axis twice.
let private inner (node: Node) =
    match node.Op with
    | Op.Einsum(subscripts, [| x |]) when Labels.hasDistinctResult subscripts -> ValueSome struct (subscripts, x)
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

/// Merged subscripts, and the factor that is lost in them.
[<Sealed>]
type private Merged(subscripts: Subscripts, factor: float) =
    member _.Subscripts = subscripts
    member _.Factor = factor

let private make (key: KnownSubscripts.ListKey<Subscripts, Subscripts | null>) =
    let subscripts = key.Head
    let sizes = List<int>(subscripts.Sizes)

    let fresh size =
        sizes.Add size
        sizes.Count - 1

    let labels =
        key.List
        |> Array.mapi (fun position inner ->
            let labels = Labels.operand position subscripts

            match inner with
            | null -> labels
            | inner -> relabel inner labels fresh)

    Merged(Labels.create labels (Labels.result subscripts) (sizes.ToArray()), lostFactor subscripts labels)

let private known = BoundedCache<KnownSubscripts.ListKey<Subscripts, Subscripts | null>, Merged>(4096)
let private makeNew = System.Func<_, _> make

let private merge (subscripts: Subscripts) (operands: Node[]) =
    let inners, nodes = Array.zeroCreate operands.Length, Array.zeroCreate operands.Length

    for position in 0 .. operands.Length - 1 do
        match inner operands[position] with
        | ValueSome(inner, x) ->
            inners[position] <- inner
            nodes[position] <- x
        | ValueNone -> nodes[position] <- operands[position]

    let merged = known.GetOrAdd({ Head = subscripts; List = inners }, makeNew)
    scale merged.Factor (Node.Make(Op.Einsum(merged.Subscripts, nodes)))

/// The rule.
let apply (op: Op<Node>) : Node voption =
    match op with
    | Op.Einsum(subscripts, operands) when
        // A size that is not known yet cannot become a factor.
        subscripts.Sizes.IndexOf -1 < 0 && operands |> Array.exists (fun operand -> (inner operand).IsSome)
        ->
        ValueSome(merge subscripts operands)
    | _ -> ValueNone
