/// How tangents pass the scans. Both maps are recurrences again, so that they are closed under differentiation and exact
/// where a factor is zero: nothing is ever divided by an element.
module internal Autodiff.FSharp.Scanning

open Autodiff
open Autodiff.FSharp.Shifting

let private recur axis reverse a b = Node.Make(Op.Recurrence(axis, reverse, a, b))

/// Whether the value is repeated along the axis, as the factors of a plain sum are: then a shift leaves it as it is.
let private isUniform axis (x: Node) =
    match x.Op with
    | Op.Einsum(subscripts, operands) ->
        let label = (Labels.result subscripts)[axis]

        Seq.length (Seq.filter ((=) label) subscripts.ResultLabels) = 1
        && Seq.forall
            (fun position -> not (Seq.contains label (subscripts.OperandLabels position)))
            [ 0 .. operands.Length - 1 ]
    | _ -> false

/// The factors of the transposed recurrence, which runs the other way: each element's is that of its successor.
let private transposed axis reverse (a: Node) =
    if isUniform axis a then
        a
    else
        requireKnown "recurrence" axis a
        shift (not reverse) axis a

/// t_i y_(i-1), and 0 for the first: what a tangent of the factors adds to the driving term.
let private lagged axis reverse (y: Node) (t: Node) =
    requireKnown "recurrence" axis y
    later reverse axis t * earlier reverse axis y |> embedLater reverse axis y.Shape

/// The tangent of y = recurrence a b along given tangents of a and b, one of which may be missing.
let tangent axis reverse (a: Node) (y: Node) (da: Node | null) (db: Node | null) : Node =
    let drive =
        match da with
        | null ->
            match db with
            | null -> zerosLike y
            | db -> db
        | da ->
            match db with
            | null -> lagged axis reverse y da
            | db -> lagged axis reverse y da + db

    recur axis reverse a drive

/// The map of the operand at the position, and its transpose. With L the matrix of the recurrence, y = L b, the tangents
/// are L db and L (da y_(i-1)), and L' is the recurrence in the other direction.
let recurrence axis reverse (a: Node) (y: Node) (position: int) : (Node -> Node) * (Node -> Node) =
    let backward c = recur axis (not reverse) (transposed axis reverse a) c

    match position with
    | 0 -> (fun da -> tangent axis reverse a y da null), (fun c -> lagged axis reverse y (backward c))
    | _ -> (fun db -> tangent axis reverse a y null db), backward

/// The tangent of a running extremum is the mean of the tangents of those elements so far that attain it: a recurrence
/// that starts afresh where a new extremum is reached.
let extremum axis reverse (x: Node) (y: Node) : (Node -> Node) * (Node -> Node) =
    requireKnown "cummax, cummin" axis x
    let zero: Node = Node.op_Implicit 0.0
    let attained = x .= y
    let isSame = later reverse axis y .= earlier reverse axis y
    let kept = Node.Cast(x.DType, isSame)
    let forward = embedLater reverse axis x.Shape kept
    let backward = embedLater (not reverse) axis x.Shape kept
    let count = recur axis reverse forward (Node.Cast(x.DType, attained))

    (fun t -> recur axis reverse forward (where attained t zero) / count),
    (fun c -> where attained (recur axis (not reverse) backward (c / count)) zero)
