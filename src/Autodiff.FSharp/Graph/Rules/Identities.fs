/// Arithmetic that changes nothing, and signs: rules that keep every bit.
module internal Autodiff.FSharp.Identities

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Literals

/// An operation whose second operand is a number. Adding +0 is not nothing: -0 + 0 is +0.
let private withNumber (f: Binary) (x: Node) (k: float) =
    match f with
    | Binary.Mul
    | Binary.Div when k = 1.0 -> ValueSome x
    | Binary.Mul
    | Binary.Div when k = -1.0 -> ValueSome(-x)
    | Binary.Pow when k = 1.0 -> ValueSome x
    | Binary.Sub when isPositiveZero k -> ValueSome x
    | Binary.Add when isNegativeZero k -> ValueSome x
    | _ -> ValueNone

/// Numbers that leave the other operand as it is, or negate it.
let neutral (op: Op<Node>) : Node voption =
    match op with
    | Op.Binary(f, x, Number k) -> withNumber f x k
    | Op.Binary((Binary.Add | Binary.Mul) as f, Number k, x) -> withNumber f x k
    | _ -> ValueNone

let private zero (x: Node) = filled x.Shape ((NDArray.Scalar 0L).AsType x.DType)

/// An operation of whole numbers, which know neither NaN nor signed zeros.
let private withWhole (f: Binary) (x: Node) (k: int64) =
    match f with
    | Binary.Add
    | Binary.Sub when k = 0L -> ValueSome x
    | Binary.Mul when k = 1L -> ValueSome x
    | Binary.Mul when k = 0L -> ValueSome(zero x)
    | _ -> ValueNone

/// Neutral and vanishing whole numbers.
let ofWholes (op: Op<Node>) : Node voption =
    match op with
    | Op.Binary(_, x, _) when x.DType.IsFloat() -> ValueNone
    | Op.Binary(f, x, Whole k) -> withWhole f x k
    | Op.Binary((Binary.Add | Binary.Mul) as f, Whole k, x) -> withWhole f x k
    | Op.Binary(Binary.Sub, x, y) when isSame x y -> ValueSome(zero x)
    | _ -> ValueNone

let private (|Negative|_|) (node: Node) =
    match node.Op with
    | Op.Unary(Unary.Neg, x) -> ValueSome x
    | _ -> ValueNone

/// Signs that cancel or move outwards, to meet others. Whole numbers wrap around, and their quotient is no quotient of
/// nodes.
let signs (op: Op<Node>) : Node voption =
    match op with
    | Op.Unary(Unary.Neg, Negative x) -> ValueSome x
    | Op.Binary(_, x, y) when not (x.Op.IsUnary || y.Op.IsUnary) -> ValueNone
    | Op.Binary(Binary.Add, x, Negative y)
    | Op.Binary(Binary.Add, Negative y, x) -> ValueSome(x - y)
    | Op.Binary(Binary.Sub, x, Negative y) -> ValueSome(x + y)
    | Op.Binary(Binary.Mul, Negative x, Negative y) -> ValueSome(x * y)
    | Op.Binary(Binary.Mul, Negative x, y)
    | Op.Binary(Binary.Mul, y, Negative x) when x.DType.IsFloat() -> ValueSome(-(x * y))
    | Op.Binary(Binary.Div, Negative x, Negative y) when x.DType.IsFloat() -> ValueSome(x / y)
    | _ -> ValueNone

let private isRounding (f: Unary) = f.IsFloor || f.IsCeil || f.IsRound || f.IsTrunc

let private isEven (f: Unary) = f.IsAbs || f.IsSquare || f.IsCos || f.IsCosh

/// Whether a function never gives a number with a sign.
let private isUnsigned (f: Unary) = f.IsAbs || f.IsSquare || f.IsExp || f.IsExp2 || f.IsCosh || f.IsSigmoid

/// Functions for which the one below has no news: even ones of a sign, and those that a second time change nothing.
let repeated (op: Op<Node>) : Node voption =
    match op with
    | Op.Unary(f, x) when x.Op.IsUnary ->
        match x.Op with
        | Op.Unary(Unary.Neg, y)
        | Op.Unary(Unary.Abs, y) when isEven f -> ValueSome(Node.Make(Op.Unary(f, y)))
        | Op.Unary(g, _) when f.IsAbs && isUnsigned g -> ValueSome x
        | Op.Unary(g, _) when isRounding f && isRounding g -> ValueSome x
        | Op.Unary(g, _) when Object.ReferenceEquals(f, g) && (f.IsRelu || f.IsSign) -> ValueSome x
        | _ -> ValueNone
    | _ -> ValueNone
