namespace Autodiff.FSharp

open Autodiff.Kernel

/// Elementwise functions of one argument. Each has a row in the table of partial derivatives.
[<RequireQualifiedAccess>]
type Unary =
    | Neg
    | Reciprocal
    | Square
    | Sqrt
    | Rsqrt
    | Cbrt
    | Exp
    | Exp2
    | Expm1
    | Log
    | Log2
    | Log10
    | Log1p
    | Log1mExp
    | Sin
    | Cos
    | Tan
    | Asin
    | Acos
    | Atan
    | Sinh
    | Cosh
    | Tanh
    | Asinh
    | Acosh
    | Atanh
    | Erf
    | Erfc
    | ErfInv
    | Lgamma
    | Digamma
    | Sigmoid
    | Softplus
    | Relu
    | Abs
    | Sign
    | Floor
    | Ceil
    | Round
    | Trunc

    /// The kernel's code for this function.
    member internal op.Opcode =
        match op with
        | Neg -> Opcode.Neg
        | Reciprocal -> Opcode.Reciprocal
        | Square -> Opcode.Square
        | Sqrt -> Opcode.Sqrt
        | Rsqrt -> Opcode.Rsqrt
        | Cbrt -> Opcode.Cbrt
        | Exp -> Opcode.Exp
        | Exp2 -> Opcode.Exp2
        | Expm1 -> Opcode.Expm1
        | Log -> Opcode.Log
        | Log2 -> Opcode.Log2
        | Log10 -> Opcode.Log10
        | Log1p -> Opcode.Log1p
        | Log1mExp -> Opcode.Log1mExp
        | Sin -> Opcode.Sin
        | Cos -> Opcode.Cos
        | Tan -> Opcode.Tan
        | Asin -> Opcode.Asin
        | Acos -> Opcode.Acos
        | Atan -> Opcode.Atan
        | Sinh -> Opcode.Sinh
        | Cosh -> Opcode.Cosh
        | Tanh -> Opcode.Tanh
        | Asinh -> Opcode.Asinh
        | Acosh -> Opcode.Acosh
        | Atanh -> Opcode.Atanh
        | Erf -> Opcode.Erf
        | Erfc -> Opcode.Erfc
        | ErfInv -> Opcode.ErfInv
        | Lgamma -> Opcode.Lgamma
        | Digamma -> Opcode.Digamma
        | Sigmoid -> Opcode.Sigmoid
        | Softplus -> Opcode.Softplus
        | Relu -> Opcode.Relu
        | Abs -> Opcode.Abs
        | Sign -> Opcode.Sign
        | Floor -> Opcode.Floor
        | Ceil -> Opcode.Ceil
        | Round -> Opcode.Round
        | Trunc -> Opcode.Trunc

    override op.ToString() = op.Opcode.ToString().ToLowerInvariant()

/// Elementwise functions of two arguments of the same shape and type.
[<RequireQualifiedAccess>]
type Binary =
    | Add
    | Sub
    | Mul
    | Div
    | Pow
    | Maximum
    | Minimum
    | Atan2
    | Hypot
    | LogAddExp
    | Remainder
    | Fmod
    /// Derivative number x of the digamma function at y.
    | Polygamma

    /// The kernel's code for this function.
    member internal op.Opcode =
        match op with
        | Add -> Opcode.Add
        | Sub -> Opcode.Sub
        | Mul -> Opcode.Mul
        | Div -> Opcode.Div
        | Pow -> Opcode.Pow
        | Maximum -> Opcode.Maximum
        | Minimum -> Opcode.Minimum
        | Atan2 -> Opcode.Atan2
        | Hypot -> Opcode.Hypot
        | LogAddExp -> Opcode.LogAddExp
        | Remainder -> Opcode.Remainder
        | Fmod -> Opcode.Fmod
        | Polygamma -> Opcode.Polygamma

    /// Whether the function gives the same, to the last bit, of its arguments exchanged.
    member internal op.Commutes =
        match op with
        | Add
        | Mul
        | Maximum
        | Minimum
        | Hypot
        | LogAddExp -> true
        | Sub
        | Div
        | Pow
        | Atan2
        | Remainder
        | Fmod
        | Polygamma -> false

    override op.ToString() = op.Opcode.ToString().ToLowerInvariant()

/// Elementwise comparisons of two arguments of the same shape and type; the result is Bool.
[<RequireQualifiedAccess>]
type Comparison =
    | Less
    | LessEqual
    | Equal
    | NotEqual

    /// The kernel's code for this comparison.
    member internal op.Opcode =
        match op with
        | Less -> Opcode.Less
        | LessEqual -> Opcode.LessEqual
        | Equal -> Opcode.Equal
        | NotEqual -> Opcode.NotEqual

    /// Whether the comparison gives the same of its arguments exchanged.
    member internal op.Commutes =
        match op with
        | Equal
        | NotEqual -> true
        | Less
        | LessEqual -> false

    override op.ToString() = op.Opcode.ToString().ToLowerInvariant()

/// Elementwise tests of floating values; the result is Bool.
[<RequireQualifiedAccess>]
type Test =
    | IsNaN
    | IsFinite

    /// The kernel's code for this test.
    member internal op.Opcode =
        match op with
        | IsNaN -> Opcode.IsNaN
        | IsFinite -> Opcode.IsFinite

    override op.ToString() = op.Opcode.ToString().ToLowerInvariant()

/// Elementwise connectives of truth values.
[<RequireQualifiedAccess>]
type Logical =
    | And
    | Or
    | Xor

    /// The kernel's code for this connective.
    member internal op.Opcode =
        match op with
        | And -> Opcode.And
        | Or -> Opcode.Or
        | Xor -> Opcode.Xor

    override op.ToString() = op.Opcode.ToString().ToLowerInvariant()
