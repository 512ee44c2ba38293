/// How tangents pass each operation: for an operand of a node, the linear map from its tangent to the node's tangent,
/// and the transpose of that map, from the node's cotangent to the operand's. Forward mode uses the one, reverse mode the
/// other; they are duals, <A t, c> = <t, A' c>.
module internal Autodiff.FSharp.Linear

open System
open Autodiff
open Autodiff.Kernel

/// A linear map and its transpose.
[<NoEquality; NoComparison>]
type LinearMap = { Apply: Node -> Node; Transpose: Node -> Node }

let private both apply transpose = ValueSome { Apply = apply; Transpose = transpose }

/// A map that is its own transpose.
let private symmetric f = both f f

/// One that multiplies elementwise.
let private diagonal f = symmetric (Masks.elementwise f)

/// The einsum with a (co)tangent in the place of one operand.
let private along (subscripts: Subscripts) (operands: Node[]) position (t: Node) =
    let put (t: Node) =
        let operands = Array.copy operands
        operands[position] <- t
        Node.Make(Op.Einsum(subscripts, operands))

    match t with
    | Masks.Masked _ -> Masks.einsum subscripts position put t
    | _ -> put t

let private einsum (subscripts: Subscripts) (operands: Node[]) position =
    both (along subscripts operands position) (along (subscripts.Transpose position) operands position)

let private wholeRange (size: int) = { Start = 0; Step = 1; Count = size }

/// Where a part of a join stands in the result.
let private partRanges (join: Node) (axis: int) (parts: Node[]) position =
    let ranges = parts[position].Shape.ToArray() |> Array.map wholeRange
    ranges[axis] <- { ranges[axis] with Start = JoinStarts.Of(join, axis, parts, position) }
    ranges

let private slicing ranges (shape: Shape) =
    let slice x = Node.Make(Op.Slice(ranges, x))
    let embed x = Node.Make(Op.Embed(ranges, shape, x))
    struct (Masks.moving slice slice, Masks.moving embed embed)

let private windowing windows (shape: Shape) =
    let window x = Node.Make(Op.Window(windows, x))
    struct (Masks.moving window window, (fun x -> Node.Make(Op.OverlapAdd(windows, shape, x))))

/// The tangent of an extremum is the mean of the tangents of the elements that attain it. The transpose multiplies element
/// by element, where an einsum would: the loop that finds those elements does it too.
let private meanOfExtrema (axes: int[]) (x: Node) (result: Node) =
    let kept = reshape (keepAxes axes x)
    let attained = Node.Cast(x.DType, x .= kept result)
    let count = sum axes attained
    let share = Masks.elementwise (fun t -> t / count)
    let labels = [| 0 .. x.Rank - 1 |]
    let subscripts = Labels.create [| labels; labels |] (Array.except axes labels) (x.Shape.ToArray())

    let spread (map: LinearMap) c =
        match c with
        | Masks.Masked _ -> map.Transpose c
        | _ -> attained * kept c

    einsum subscripts [| attained; x |] 1
    |> ValueOption.map (fun map -> { Apply = map.Apply >> share; Transpose = share >> spread map })

/// The extremum of a single element is that element.
let private extremum (axes: int[]) (x: Node) (result: Node) =
    if axes |> Array.forall (fun axis -> x.Shape[axis] = 1) then
        let reshaped shape = Masks.moving (fun t -> Node.Reshape(shape, t)) (fun t -> Node.Reshape(shape, t))
        both (reshaped result.Shape) (reshaped x.Shape)
    else
        meanOfExtrema axes x result

let private pair (struct (apply, transpose)) : LinearMap = { Apply = apply; Transpose = transpose }

let private custom (rule: CustomRule) (operands: Node[]) (node: Node) position =
    let rule = GradientRule.Of rule
    let alone (t: Node) : (Node | null)[] = Array.init operands.Length (fun i -> if i = position then t else null)

    both (fun t -> rule.Push(operands, node, alone t)) (fun c -> rule.Pull(operands, node, c)[position])

/// The row for one operand of a node.
let rec private row (node: Node) (position: int) : LinearMap voption =
    match node.Op with
    | Op.Constant _
    | Op.Variable _
    | Op.Input
    | Op.Compare _
    | Op.Test _
    | Op.Logical _
    | Op.Not _
    | Op.ArgExtremum _
    | Op.ArgSort _
    | Op.Draw _
    | Op.KeyedMap _
    | Op.StopGradient _ -> ValueNone
    | Op.Unary(op, x) ->
        match Partials.unary op with
        | Partials.Flat -> ValueNone
        | Partials.Partial partial -> diagonal (partial x node)
    | Op.Binary(op, x, y) -> diagonal (Partials.binary op position x y node)
    | Op.Select(condition, _, _) ->
        match position with
        | 0 -> ValueNone
        | 1 -> symmetric (Masks.narrowed condition)
        | _ -> symmetric (Masks.narrowed (logicalNot condition))
    | Op.Cast(dtype, x) ->
        if dtype.IsFloat() then
            both (Masks.elementwise (cast dtype)) (Masks.elementwise (cast x.DType))
        else
            ValueNone
    | Op.Einsum(subscripts, operands) -> einsum subscripts operands position
    | Op.Reshape(shape, x) ->
        both (Masks.moving (reshape shape) (reshape shape)) (Masks.moving (reshape x.Shape) (reshape x.Shape))
    | Op.Slice(ranges, x) ->
        let struct (slice, embed) = slicing ranges x.Shape
        both slice embed
    | Op.Embed(ranges, shape, _) ->
        let struct (slice, embed) = slicing ranges shape
        both embed slice
    | Op.Window(windows, x) ->
        let struct (window, overlapAdd) = windowing windows x.Shape
        both window overlapAdd
    | Op.OverlapAdd(windows, shape, _) ->
        let struct (window, overlapAdd) = windowing windows shape
        both overlapAdd window
    | Op.Concat(axis, parts) ->
        let struct (slice, embed) = slicing (partRanges node axis parts position) node.Shape
        both embed slice
    | Op.Gather(batch, axis, source, indices) ->
        if position = 1 then
            ValueNone
        else
            let gather x = Node.Make(Op.Gather(batch, axis, x, indices))
            both (Masks.moving gather gather) (fun c -> Node.Make(Op.ScatterAdd(batch, axis, source.Shape, c, indices)))
    | Op.ScatterAdd(batch, axis, shape, _, indices) ->
        if position = 1 then
            ValueNone
        else
            let gather x = Node.Make(Op.Gather(batch, axis, x, indices))
            both (fun t -> Node.Make(Op.ScatterAdd(batch, axis, shape, t, indices))) (Masks.moving gather gather)
    | Op.Extremum(_, axes, x) -> extremum axes x node
    | Op.Recurrence(axis, reverse, a, _) -> Scanning.recurrence axis reverse a node position ||> both
    | Op.RunningExtremum(_, axis, reverse, x) -> Scanning.extremum axis reverse x node ||> both
    | Op.Factor(part, x) -> Factorizations.map transposeOf part x node |> ValueOption.map pair
    | Op.Solve(form, a, _) -> ValueSome(pair (Factorizations.solve form a node position))
    | Op.Identity _ -> diagonal identity
    | Op.Checkpoint _ -> if position = 0 then diagonal identity else ValueNone
    | Op.Barrier(_, after) ->
        if position = 0 then
            let barrier t = Node.Make(Op.Barrier(t, after))
            both (Masks.moving barrier barrier) identity
        else
            ValueNone
    | Op.Custom(rule, _, operands) ->
        if position > 0 && rule.IsBy(position - 1) then
            custom rule operands node (position - 1)
        else
            ValueNone
    | Op.Opaque(_, f, _) ->
        raise (
            NotSupportedException
                $"grad: opaque '{f.Name}' has no derivative: give it one by customGradient, or pass its operands through stopGradient"
        )

/// The transpose of the map for one operand of a node.
and private transposeOf (node: Node) (position: int) : (Node -> Node) voption =
    row node position |> ValueOption.map _.Transpose

/// Whether a node keeps the derivatives of an operand to itself: of the value that has a rule, only the rule counts, and
/// what a barrier waits for has no say in its value.
let stops (node: Node) position =
    match node.Op with
    | Op.StopGradient _ -> true
    | Op.Custom(rule, _, _) -> position = 0 || not (rule.IsBy(position - 1))
    | Op.Barrier _ -> position > 0
    | _ -> false

/// Wrong rows in the place of right ones, for one thread: so tests prove that a wrong row is noticed.
[<AbstractClass>]
type Mutant() =
    [<System.ThreadStatic; DefaultValue>]
    static val mutable private current: Mutant | null

    static member Current
        with get () = Mutant.current
        and set (mutant: Mutant | null) = Mutant.current <- mutant

    /// What stands in the place of a row for one operand of a node.
    abstract Row: node: Node * position: int * row: LinearMap voption -> LinearMap voption

    /// What stands in the place of the tangent of a node that is linear in several operands together.
    abstract Joint: node: Node * tangent: Node -> Node

/// The map for one operand of a node; nothing where no tangent passes.
let map (node: Node) (position: int) : LinearMap voption =
    match Mutant.Current with
    | null -> row node position
    | mutant -> mutant.Row(node, position, row node position)

/// An elementwise row applied to a (co)tangent, below its mask.
let private through (node: Node) (position: int) (t: Node) : Node voption =
    match node.Op with
    | Op.Unary(op, x) ->
        match Partials.unary op with
        | Partials.Flat -> ValueNone
        | Partials.Partial partial -> ValueSome(partial x node t)
    | Op.Binary(op, x, y) -> ValueSome(Partials.binary op position x y node t)
    | _ -> invalidOp "the operation has no elementwise row"

/// The cotangent of an operand, given that of the node; nothing where none passes. It is that of the map, without the
/// map where the row is elementwise or an einsum's: most nodes of most graphs are these. A user's rule gives the cotangents
/// of all operands at once; they are kept for the next one, so that it is asked once.
let pull (node: Node) (position: int) (cotangent: Node) (byRule: byref<Node[] | null>) : Node voption =
    match node.Op with
    | Op.Unary _
    | Op.Binary _ when isNull Mutant.Current ->
        match cotangent with
        | Masks.Masked(condition, inside, zeros) ->
            match through node position inside with
            | ValueSome passed when Literals.isSame passed inside -> ValueSome cotangent
            | passed -> passed |> ValueOption.map (Masks.again condition zeros)
        | _ -> through node position cotangent
    | Op.Einsum(subscripts, operands) when isNull Mutant.Current ->
        ValueSome(along (subscripts.Transpose position) operands position cotangent)
    | Op.Custom(rule, _, operands) when position > 0 && rule.IsBy(position - 1) && isNull Mutant.Current ->
        let gradients =
            match byRule with
            | null -> (GradientRule.Of rule).Pull(operands, node, cotangent)
            | known -> known

        byRule <- gradients
        ValueSome gradients[position - 1]
    | _ -> map node position |> ValueOption.map (fun map -> map.Transpose cotangent)

/// The tangent of a node that is linear in several operands together.
let joint (node: Node) (tangent: Node) : Node =
    match Mutant.Current with
    | null -> tangent
    | mutant -> mutant.Joint(node, tangent)

/// Whether tangents of the operand can pass the node at all: both are floating.
let carries (node: Node) (operand: Node) = node.DType.IsFloat() && operand.DType.IsFloat()
