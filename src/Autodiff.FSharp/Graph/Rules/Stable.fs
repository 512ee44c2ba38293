/// Formulas in the form that keeps their digits: log (1 + x) loses those of a small x, the logarithm of a softmax all of
/// them where the exponential is 0.
///
/// How a node looks is a parameter: a transformation that must not see through some nodes shows their operations as those
/// of leaves.
module internal Autodiff.FSharp.Stable

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Literals

/// A rule that is the value's own derivative hides nothing of the value.
let rec private seeThrough (see: Node -> Op<Node>) (node: Node) : Op<Node> =
    match see node with
    | Op.Custom(rule, value, _) when not (isNull rule.Formula) -> seeThrough see value
    | op -> op

let private (|Of|_|) (f: Unary) (see: Node -> Op<Node>) (node: Node) =
    match see node with
    | Op.Unary(g, x) when g = f -> ValueSome x
    | _ -> ValueNone

/// The number of which the node is a broadcast, if it shows one.
let rec private number (see: Node -> Op<Node>) (node: Node) : float voption =
    match see node with
    | Op.Constant _ ->
        match node with
        | Number k -> ValueSome k
        | _ -> ValueNone
    | Op.Einsum(subscripts, [| x |]) when x.Rank = 0 && Labels.isExpansion subscripts -> number see x
    | _ -> ValueNone

let private (|NumberOf|_|) see (node: Node) = number see node

/// Movement and choices lie between a maximum and what it is taken from.
let rec private isMaximum see depth (node: Node) =
    match see node with
    | Op.Extremum(Extremum.Max, _, _) -> true
    | Op.Reshape(_, x)
    | Op.StopGradient x
    | Op.Identity x
    | Op.Einsum(_, [| x |]) when depth > 0 -> isMaximum see (depth - 1) x
    | Op.Select(_, x, y) when depth > 0 -> isMaximum see (depth - 1) x || isMaximum see (depth - 1) y
    | _ -> false

/// Whether a maximum has been taken from a node, so that its exponential does not overflow.
let private isShifted see (node: Node) =
    match see node with
    | Op.Binary(Binary.Sub, _, shift) -> isMaximum see 6 shift
    | _ -> false

/// The axes that an einsum of one operand sums over, if it does nothing else.
let private summed (subscripts: Subscripts) : int[] voption =
    let operand, result = Labels.operand 0 subscripts, Labels.result subscripts
    let isKept label = System.Array.IndexOf(result, label) >= 0

    if Labels.areDistinct operand && Array.filter isKept operand = result then
        ValueSome
            [|
                for axis in 0 .. operand.Length - 1 do
                    if not (isKept operand[axis]) then
                        axis
            |]
    else
        ValueNone

let private logOfSum see (subscripts: Subscripts) (y: Node) =
    match summed subscripts with
    | ValueSome axes when axes.Length > 0 && not (isShifted see y) -> ValueSome(logSumExp axes y)
    | ValueSome _
    | ValueNone -> ValueNone

/// Whether an einsum of one operand only permutes axes, repeats elements along new ones, and drops axes of size 1.
let private isRepetition (subscripts: Subscripts) =
    let operand, result = Labels.operand 0 subscripts, Labels.result subscripts
    let isSingle label = subscripts.Sizes[label] = 1

    Labels.areDistinct operand
    && Labels.areDistinct result
    && operand |> Array.except result |> Array.forall isSingle

// How many operations a logarithm is moved below.
let private reach = 6

/// The logarithm of a node that is made of exponentials, from the exponents.
let rec private ofExponentials see depth (x: Node) : Node voption =
    match see x with
    | Op.Unary(Unary.Exp, y) -> ValueSome y
    | Op.Unary(Unary.Sigmoid, y) -> ValueSome(-(softplus -y))
    | Op.Unary(Unary.Neg, Of Unary.Expm1 see y) -> ValueSome(log1mExp -y)
    | Op.Binary(f, a, b) -> ofPair see depth f a b
    | Op.Einsum(subscripts, [| Of Unary.Exp see y |]) -> logOfSum see subscripts y
    | _ -> ValueNone

and private ofPair see depth (f: Binary) (a: Node) (b: Node) =
    match f with
    | Binary.Add ->
        match a, b with
        | Of Unary.Exp see x, Of Unary.Exp see y -> ValueSome(logAddExp x y)
        | NumberOf see 1.0, Of Unary.Exp see y
        | Of Unary.Exp see y, NumberOf see 1.0 -> ValueSome(softplus y)
        | _ -> ValueNone
    | Binary.Sub ->
        match a, b with
        | NumberOf see 1.0, Of Unary.Sigmoid see y -> ValueSome(-(softplus y))
        | NumberOf see 1.0, Of Unary.Exp see y -> ValueSome(log1mExp -y)
        | _ -> ValueNone
    | Binary.Mul ->
        match a, b with
        | Of Unary.Exp see y, NumberOf see k
        | NumberOf see k, Of Unary.Exp see y when k > 0.0 -> ValueSome(y + log (numberLike y k))
        | _ -> ValueNone
    | Binary.Div ->
        match a, b with
        | Of Unary.Exp see y, total -> ValueSome(y - logarithm see (depth - 1) total)
        | NumberOf see 1.0, total when depth > 0 -> ofExponentials see (depth - 1) total |> ValueOption.map (~-)
        | _ -> ValueNone
    | _ -> ValueNone

/// The logarithm of a node, stable where its form allows, and taken before elements are repeated.
and private logarithm see depth (x: Node) : Node =
    match (if depth > 0 then ofExponentials see depth x else ValueNone) with
    | ValueSome stable -> stable
    | ValueNone ->
        match see x with
        | Op.Reshape(shape, y) when depth > 0 -> Node.Make(Op.Reshape(shape, logarithm see (depth - 1) y))
        | Op.Einsum(subscripts, [| y |]) when depth > 0 && isRepetition subscripts ->
            Node.Make(Op.Einsum(subscripts, [| logarithm see (depth - 1) y |]))
        | _ -> log x

/// 1 + x in a logarithm that is written log1p x already.
let private ofOneMore see (x: Node) =
    match see x with
    | Op.Unary(Unary.Exp, y) -> ValueSome(softplus y)
    | Op.Unary(Unary.Neg, Of Unary.Exp see y) -> ValueSome(log1mExp -y)
    | Op.Unary(Unary.Neg, Of Unary.Sigmoid see y) -> ValueSome(-(softplus y))
    | _ -> ValueNone

/// Logarithms of exponentials, of their sums and quotients, and of sigmoids. Neither these overflow then nor do their
/// derivatives meet 0 times infinity: so this is done before differentiation too.
let logarithms (see: Node -> Op<Node>) (op: Op<Node>) : Node voption =
    // Most operations are neither: what they do not need is not made for them.
    match op with
    | Op.Unary(Unary.Log, x) -> ofExponentials (seeThrough see) reach x
    | Op.Unary(Unary.Log1p, x) -> ofOneMore (seeThrough see) x
    | _ -> ValueNone

let private operation (node: Node) = node.Op

/// The rule: every node shows its operation.
let apply (op: Op<Node>) : Node voption = logarithms operation op

let private (|Exp|_|) (node: Node) =
    match node.Op with
    | Op.Unary(Unary.Exp, x) -> ValueSome x
    | _ -> ValueNone

let private logOfNearOne (x: Node) =
    match x.Op with
    | Op.Binary(Binary.Add, Number 1.0, y)
    | Op.Binary(Binary.Add, y, Number 1.0) -> ValueSome(log1p y)
    | Op.Binary(Binary.Sub, Number 1.0, y) -> ValueSome(log1p -y)
    | _ -> ValueNone

/// Sums with 1 in a logarithm, and differences of an exponential and 1: functions that know the other term's digits.
let nearOne (op: Op<Node>) : Node voption =
    match op with
    | Op.Unary(Unary.Log, x) -> logOfNearOne x
    | Op.Binary(_, x, y) when not (x.Op.IsUnary || y.Op.IsUnary) -> ValueNone
    | Op.Binary(Binary.Sub, Exp x, Number 1.0)
    | Op.Binary(Binary.Add, Exp x, Number -1.0)
    | Op.Binary(Binary.Add, Number -1.0, Exp x) -> ValueSome(expm1 x)
    | Op.Binary(Binary.Sub, Number 1.0, Exp x) -> ValueSome(-(expm1 x))
    | _ -> ValueNone
