/// Numbers as factors, divisors and exponents.
module internal Autodiff.FSharp.Multiples

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Literals

/// A node as a number times another node, through one negation.
let rec private term (node: Node) : struct (float * Node) =
    match node.Op with
    | Op.Unary(Unary.Neg, x) ->
        let struct (k, inner) = term x
        struct (-k, inner)
    | Op.Binary(Binary.Mul, Number k, x)
    | Op.Binary(Binary.Mul, x, Number k) -> struct (k, x)
    | _ -> struct (1.0, node)

/// j x + k x is (j + k) x. Of one sign only: of opposite ones the terms of an infinite x make NaN, and their sum of a
/// finite one a zero of another sign.
let private joined (x: Node) (y: Node) sign =
    let struct (j, a), struct (k, b) = term x, term y
    let k = sign * k
    let total = j + k

    if
        isSame a b
        && j * k > 0.0
        && total - j = k
        && total - k = j
        && isExact a.DType total
        && (scalarConstant a).IsNone
    then
        ValueSome(numberLike a total * a)
    else
        ValueNone

/// Terms that are multiples of one node: rounded once where they were rounded each.
let likeTerms (op: Op<Node>) : Node voption =
    match op with
    | Op.Binary(Binary.Add, x, y) when x.DType.IsFloat() -> joined x y 1.0
    | Op.Binary(Binary.Sub, x, y) when x.DType.IsFloat() -> joined x y -1.0
    | _ -> ValueNone

/// Whether the product of two numbers is one of the type: no bit is rounded away, and it is no subnormal one.
let private isExactProduct (dtype: DType) (j: float) (k: float) =
    let least = if dtype = DType.Float64 then -1022 else -126
    isExact dtype (j * k) && Math.ILogB(j * k) >= least && Math.FusedMultiplyAdd(j, k, -(j * k)) = 0.0

let private scaledTwice (k: float) (x: Node) =
    match x.Op with
    | Op.Binary(Binary.Mul, y, Number j)
    | Op.Binary(Binary.Mul, Number j, y) when isExactProduct y.DType j k -> ValueSome(numberLike y (j * k) * y)
    | _ -> ValueNone

/// k (j x) is (k j) x, rounded once; but for numbers whose product is exact only.
let twice (op: Op<Node>) : Node voption =
    match op with
    | Op.Binary(Binary.Mul, x, y) when x.Op.IsBinary || y.Op.IsBinary ->
        match x, y with
        | Number k, x
        | x, Number k -> scaledTwice k x
        | _ -> ValueNone
    | _ -> ValueNone

let private isPowerOfTwo (dtype: DType) (x: float) =
    let most = if dtype = DType.Float64 then 1022 else 126

    x <> 0.0
    && Double.IsFinite x
    && abs (Math.ILogB x) <= most
    && abs x = Math.ScaleB(1.0, Math.ILogB x)

/// Division by a power of two is multiplication by its reciprocal: both are exact until the result is rounded, and that is
/// the same number.
let quotients (op: Op<Node>) : Node voption =
    match op with
    | Op.Binary(Binary.Div, x, Number k) when isPowerOfTwo x.DType k -> ValueSome(x * numberLike x (1.0 / k))
    | _ -> ValueNone

/// The product of a node with itself is its square.
let squares (op: Op<Node>) : Node voption =
    match op with
    | Op.Binary(Binary.Mul, x, y) when isSame x y && x.DType.IsFloat() ->
        ValueSome(Node.Make(Op.Unary(Unary.Square, x)))
    | _ -> ValueNone

/// The second power as a product, which is rounded once and correctly.
let secondPowers (op: Op<Node>) : Node voption =
    match op with
    | Op.Binary(Binary.Pow, x, Number 2.0) -> ValueSome(Node.Make(Op.Unary(Unary.Square, x)))
    | _ -> ValueNone

/// Small whole powers as products: they are rounded two or three times, by half a last place each. Only for evaluation,
/// because the derivative of a power is shorter than that of a product.
let powers (op: Op<Node>) : Node voption =
    match op with
    | Op.Binary(Binary.Pow, x, Number k) ->
        match k with
        | -1.0 -> ValueSome(Node.Unary(Unary.Reciprocal, x))
        | 3.0 -> ValueSome(x * Node.Unary(Unary.Square, x))
        | 4.0 -> ValueSome(Node.Unary(Unary.Square, Node.Unary(Unary.Square, x)))
        | _ -> ValueNone
    | _ -> ValueNone

/// Whether the form of a node says that it is never below 0, as far as a few operations say.
let rec private isNeverNegative depth (node: Node) =
    match node.Op with
    | Op.Unary(f, _) ->
        f.IsExp || f.IsExp2 || f.IsSquare || f.IsAbs || f.IsSigmoid || f.IsSoftplus || f.IsRelu || f.IsCosh
    | Op.Binary(f, x, y) when depth > 0 && (f.IsAdd || f.IsMul || f.IsDiv) ->
        isNeverNegative (depth - 1) x && isNeverNegative (depth - 1) y
    | _ ->
        match node with
        | Number k -> k >= 0.0
        | _ -> false

/// exp (log x) is x, where x cannot be negative: elsewhere it is NaN.
let exponentials (op: Op<Node>) : Node voption =
    match op with
    | Op.Unary(Unary.Exp, x) ->
        match x.Op with
        | Op.Unary(Unary.Log, y) when isNeverNegative 3 y -> ValueSome y
        | _ -> ValueNone
    | _ -> ValueNone
