/// Tangents that a choice has masked: t where a condition holds, 0 elsewhere. Of a branch that is not taken the partial
/// derivative may be infinite, and 0 times infinity is NaN. So a linear map that works element by element is applied below
/// the mask, f(where c t 0) = where c (f t) 0, and the mask stays outermost as long as elements keep apart.
module internal Autodiff.FSharp.Masks

open Autodiff
open Autodiff.Kernel

/// The tangent where the condition holds, 0 elsewhere.
let only (condition: Node) (t: Node) : Node = where condition t (zerosLike t)

/// A masked tangent: its condition, what it is where that holds, and the zeros elsewhere.
let (|Masked|_|) (t: Node) : struct (Node * Node * Node) voption =
    match t.Op with
    | Op.Select(condition, inside, zeros) when Literals.isZero zeros -> ValueSome struct (condition, inside, zeros)
    | _ -> ValueNone

/// The tangent where the condition holds; elsewhere the zeros of another mask, if they fit.
let again (condition: Node) (zeros: Node) (t: Node) : Node =
    if zeros.Shape.Equals t.Shape && zeros.DType = t.DType then
        where condition t zeros
    else
        only condition t

/// What a tangent is made of: where it is masked, the condition and what that lets pass.
let pieces (t: Node) : Node[] =
    match t with
    | Masked(condition, inside, _) -> [| condition; inside |]
    | _ -> [| t |]

/// A map of single elements, below the mask.
let elementwise (f: Node -> Node) (t: Node) : Node =
    match t with
    | Masked(condition, inside, zeros) ->
        let mapped = f inside
        if Literals.isSame mapped inside then t else again condition zeros mapped
    | _ -> f t

/// The tangent where one more condition holds.
let narrowed (condition: Node) (t: Node) : Node =
    match t with
    | Masked(outer, _, _) when Literals.isSame outer condition -> t
    | Masked(outer, inside, zeros) when outer.Shape.Equals condition.Shape ->
        where (logicalAnd outer condition) inside zeros
    | _ -> only condition t

/// A map that carries elements to other places, and the same for the mask.
let moving (move: Node -> Node) (f: Node -> Node) (t: Node) : Node =
    match t with
    | Masked(condition, inside, zeros) -> again (move condition) zeros (f inside)
    | _ -> f t

/// What a condition depends on, under the labels that its axes have: axes along which it is only repeated do not count.
let private origin (condition: Node) (labels: int[]) (fresh: int) : struct (Node * int[]) =
    match condition.Op with
    | Op.Einsum(subscripts, [| inner |]) ->
        let own, result = Labels.operand 0 subscripts, Labels.result subscripts
        let place label = System.Array.IndexOf(result, label)
        let isRepetition label = place label >= 0 || subscripts.Sizes[label] = 1

        if Labels.areDistinct own && Labels.areDistinct result && Array.forall isRepetition own then
            struct (inner,
                    own |> Array.map (fun label -> if place label >= 0 then labels[place label] else fresh + label))
        else
            struct (condition, labels)
    | _ -> struct (condition, labels)

/// The mask of an einsum's result, if every element of the result has factors of one value of the condition alone: what it
/// depends on is not summed over, and no label stands twice.
let private carried (subscripts: Subscripts) position (condition: Node) : Node voption =
    let operand, result = Labels.operand position subscripts, Labels.result subscripts
    let sizes = Labels.sizes subscripts
    let struct (source, labels) = origin condition operand sizes.Length
    let isKept label = label >= sizes.Length || System.Array.IndexOf(result, label) >= 0

    if Labels.areDistinct operand && Labels.areDistinct result && Array.forall isKept labels then
        let count = 1 + Array.fold max (sizes.Length - 1) labels
        let sizes = Array.append sizes (Array.create (count - sizes.Length) 1)
        ValueSome(Node.Make(Op.Einsum(Labels.create [| labels |] result sizes, [| source |])))
    else
        ValueNone

/// An einsum as a map of one of its operands.
let einsum (subscripts: Subscripts) (position: int) (f: Node -> Node) (t: Node) : Node =
    match t with
    | Masked(condition, inside, zeros) ->
        match carried subscripts position condition with
        | ValueSome mask -> again mask zeros (f inside)
        | ValueNone -> f t
    | _ -> f t
