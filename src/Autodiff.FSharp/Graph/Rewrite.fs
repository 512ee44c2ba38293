/// Local rewrite rules: each looks at one operation over nodes that are rewritten already, and gives an equal node that
/// is simpler (fewer operations, or the same number over fewer elements), or nothing. They keep every value to the last
/// bit, signed zeros and NaN included, and every derivative; but "like terms" rounds once where its terms were rounded each,
/// which is the same only for coefficients that are powers of two.
module internal Autodiff.FSharp.Rewrite

open System
open Autodiff
open Autodiff.Kernel

/// A rule and the name it goes by.
type Rule = { Name: string; Apply: Op<Node> -> Node voption }

/// The rank-0 constant of which the node is a broadcast, if it is one.
let rec scalarConstant (node: Node) : NDArray voption =
    match node.Op with
    | Op.Constant(value, _) when value.Rank = 0 -> ValueSome value
    | Op.Einsum(subscripts, [| x |]) when x.Rank = 0 && Labels.isExpansion subscripts -> scalarConstant x
    | _ -> ValueNone

/// The number of which the node is a broadcast, if it is one of floating type.
let private (|Number|_|) (node: Node) : float voption =
    match scalarConstant node with
    | ValueSome value when value.DType = DType.Float64 -> ValueSome(value.Item<float>())
    | ValueSome value when value.DType = DType.Float32 -> ValueSome(float (value.Item<float32>()))
    | ValueSome _
    | ValueNone -> ValueNone

let private isPositiveZero (x: float) = BitConverter.DoubleToInt64Bits x = 0L

/// Whether the node is zero everywhere, and that zero is positive.
let isZero (node: Node) =
    match node with
    | Number zero -> isPositiveZero zero
    | _ -> false

let private isNegativeZero (x: float) = BitConverter.DoubleToInt64Bits x = Int64.MinValue

let private whole (value: NDArray) (shape: Shape) = Node.Broadcast(shape, Node.Strong value)

/// Operations over rank-0 constants, or over broadcasts of them, are done at once.
let private fold (op: Op<Node>) =
    match op with
    | Op.Unary(f, x) ->
        match scalarConstant x with
        | ValueSome value -> ValueSome(whole (Elementwise.Apply(f.Opcode, value)) x.Shape)
        | ValueNone -> ValueNone
    | Op.Binary(f, x, y) ->
        match scalarConstant x, scalarConstant y with
        | ValueSome a, ValueSome b -> ValueSome(whole (Elementwise.Apply(f.Opcode, a, b)) x.Shape)
        | _ -> ValueNone
    | Op.Cast(dtype, x) ->
        match scalarConstant x with
        | ValueSome value -> ValueSome(whole (value.AsType dtype) x.Shape)
        | ValueNone -> ValueNone
    | _ -> ValueNone

/// An operation whose second operand is a number.
let private withNumber (f: Binary) (x: Node) (k: float) =
    match f with
    | Binary.Mul
    | Binary.Div when k = 1.0 -> ValueSome x
    | Binary.Mul
    | Binary.Div when k = -1.0 -> ValueSome(-x)
    | Binary.Pow when k = 1.0 -> ValueSome x
    | Binary.Pow when k = 2.0 -> ValueSome(Node.Unary(Unary.Square, x))
    | Binary.Sub when isPositiveZero k -> ValueSome x
    | Binary.Add when isNegativeZero k -> ValueSome x
    | _ -> ValueNone

let private arithmetic (op: Op<Node>) =
    match op with
    | Op.Binary(f, x, Number k) -> withNumber f x k
    | Op.Binary((Binary.Add | Binary.Mul) as f, Number k, x) -> withNumber f x k
    | _ -> ValueNone

let private negation (op: Op<Node>) =
    let (|Negative|_|) (node: Node) =
        match node.Op with
        | Op.Unary(Unary.Neg, x) -> ValueSome x
        | _ -> ValueNone

    match op with
    | Op.Unary(Unary.Neg, Negative x) -> ValueSome x
    | Op.Binary(_, x, y) when not (x.Op.IsUnary || y.Op.IsUnary) -> ValueNone
    | Op.Binary(Binary.Add, x, Negative y)
    | Op.Binary(Binary.Add, Negative y, x) -> ValueSome(x - y)
    | Op.Binary(Binary.Sub, x, Negative y) -> ValueSome(x + y)
    | Op.Binary(Binary.Mul, Negative x, Negative y) -> ValueSome(x * y)
    | Op.Binary(Binary.Mul, Negative x, y)
    | Op.Binary(Binary.Mul, y, Negative x) when x.DType.IsFloat() -> ValueSome(-(x * y))
    // Whole numbers wrap around, and their quotient is no quotient of nodes.
    | Op.Binary(Binary.Div, Negative x, Negative y) when x.DType.IsFloat() -> ValueSome(x / y)
    | _ -> ValueNone

/// A node as a number times another node, through one negation.
let rec private term (node: Node) : struct (float * Node) =
    match node.Op with
    | Op.Unary(Unary.Neg, x) ->
        let struct (k, inner) = term x
        struct (-k, inner)
    | Op.Binary(Binary.Mul, Number k, x)
    | Op.Binary(Binary.Mul, x, Number k) -> struct (k, x)
    | _ -> struct (1.0, node)

/// Whether a number is one of the type without rounding.
let private isExact (dtype: DType) (k: float) = Double.IsFinite k && (dtype = DType.Float64 || float (float32 k) = k)

/// j x + k x is (j + k) x. Of one sign only: of opposite ones the terms of an infinite x make NaN, and their sum of a
/// finite one a zero of another sign.
let private likeTerms (op: Op<Node>) =
    let joined (x: Node) (y: Node) sign =
        let struct (j, a), struct (k, b) = term x, term y
        let k = sign * k
        let total = j + k

        if
            Object.ReferenceEquals(a, b)
            && j * k > 0.0
            && total - j = k
            && total - k = j
            && isExact a.DType total
            && (scalarConstant a).IsNone
        then
            ValueSome(Node.Cast(a.DType, Node.op_Implicit total) * a)
        else
            ValueNone

    match op with
    | Op.Binary(Binary.Add, x, y) when x.DType.IsFloat() -> joined x y 1.0
    | Op.Binary(Binary.Sub, x, y) when x.DType.IsFloat() -> joined x y -1.0
    | _ -> ValueNone

/// Whether an operation chooses, or is over a choice or a connective of truth values.
let private concernsMasks (op: Op<Node>) =
    match op with
    | Op.Binary(_, x, y) -> x.Op.IsSelect || y.Op.IsSelect
    | Op.Select _
    | Op.Logical _
    | Op.Not _ -> true
    | _ -> false

/// Values that are 0 but where a condition holds: one condition for several, and one value for their sum. Both zeros are
/// positive, and so is the sum of two.
let private masks (op: Op<Node>) =
    let (|Masked|_|) (node: Node) =
        match node.Op with
        | Op.Select(condition, x, zero) when isZero zero -> ValueSome struct (condition, x, zero)
        | _ -> ValueNone

    let isSame (x: Node) (y: Node) = Object.ReferenceEquals(x, y)

    let isPart (part: Node) (whole: Node) =
        match whole.Op with
        | Op.Logical(Logical.And, x, y) -> isSame part x || isSame part y
        | _ -> false

    match op with
    | _ when not (concernsMasks op) -> ValueNone
    | Op.Select(_, x, y) when isSame x y -> ValueSome x
    | Op.Select(outer, Masked(inner, x, zero), other) when isZero other ->
        ValueSome(Node.Make(Op.Select(Node.Logical(Logical.And, outer, inner), x, zero)))
    | Op.Binary(Binary.Add, Masked(a, x, zero), Masked(b, y, _)) when isSame a b ->
        ValueSome(Node.Make(Op.Select(a, x + y, zero)))
    | Op.Binary(Binary.Mul, (Number k as factor), Masked(condition, x, zero))
    | Op.Binary(Binary.Mul, Masked(condition, x, zero), (Number k as factor)) when k > 0.0 && Double.IsFinite k ->
        ValueSome(Node.Make(Op.Select(condition, factor * x, zero)))
    | Op.Logical(Logical.And, x, y) when isSame x y -> ValueSome x
    | Op.Logical(Logical.And, x, y) when isPart y x -> ValueSome x
    | Op.Logical(Logical.And, x, y) when isPart x y -> ValueSome y
    | Op.Not x ->
        match x.Op with
        | Op.Not inner -> ValueSome inner
        | _ -> ValueNone
    | _ -> ValueNone

let private movement (op: Op<Node>) =
    match op with
    | Op.Identity x -> ValueSome x
    | Op.Cast(dtype, x) when dtype = x.DType -> ValueSome x
    | Op.Reshape(shape, x) when shape = x.Shape -> ValueSome x
    | Op.Reshape(shape, x) ->
        match x.Op with
        | Op.Reshape(_, inner) -> ValueSome(Node.Make(Op.Reshape(shape, inner)))
        | _ -> ValueNone
    | Op.Einsum(subscripts, [| x |]) when Labels.isIdentity subscripts -> ValueSome x
    | _ -> ValueNone

/// The rules that hold at every stage, before differentiation and after it.
let always =
    [
        { Name = "fold constants"; Apply = fold }
        { Name = "neutral elements"; Apply = arithmetic }
        { Name = "signs"; Apply = negation }
        { Name = "masks"; Apply = masks }
        { Name = "like terms"; Apply = likeTerms }
        { Name = "idle movement"; Apply = movement }
        { Name = "merge einsums"; Apply = MergeEinsum.apply }
    ]

/// Rules that forget what only differentiation looks at.
let private forget (op: Op<Node>) =
    match op with
    | Op.StopGradient x -> ValueSome x
    | Op.Custom(_, value, _)
    | Op.Checkpoint(value, _)
    | Op.Barrier(value, [||]) -> ValueSome value
    | _ -> ValueNone

/// The rules for a graph that will only be evaluated.
let forEvaluation =
    always
    @ [
        { Name = "overlapping products"; Apply = OverlapProducts.apply }
        { Name = "stopped gradients"; Apply = forget }
    ]
