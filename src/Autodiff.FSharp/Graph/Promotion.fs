/// In which element type operations take place.
module internal Autodiff.FSharp.Promotion

open Autodiff
open Autodiff.Kernel

/// The type in which two operands meet. Of two strong ones, and of two weak ones, the one that DTypes.Promote gives; a
/// weak one takes the other's, where that can hold it: a fractional number turns whole ones into Float64.
let meet (x: DType) (xIsWeak: bool) (y: DType) (yIsWeak: bool) : DType =
    if x = y then
        x
    elif xIsWeak = yIsWeak then
        DTypes.Promote(x, y)
    else
        let weak, strong = if xIsWeak then x, y else y, x

        if weak.IsFloat() && not (strong.IsFloat()) then DType.Float64
        elif strong = DType.Bool then weak
        else strong

/// The type in which a function of one argument is computed: real functions of whole numbers in Float64.
let unary (op: Unary) (dtype: DType) : DType =
    match op with
    | Unary.Neg
    | Unary.Square
    | Unary.Abs
    | Unary.Sign
    | Unary.Relu -> if dtype = DType.Bool then DType.Int64 else dtype
    | Unary.Reciprocal
    | Unary.Sqrt
    | Unary.Rsqrt
    | Unary.Exp
    | Unary.Expm1
    | Unary.Log
    | Unary.Log1p
    | Unary.Sin
    | Unary.Cos
    | Unary.Tan
    | Unary.Asin
    | Unary.Acos
    | Unary.Atan
    | Unary.Sinh
    | Unary.Cosh
    | Unary.Tanh
    | Unary.Sigmoid
    | Unary.Softplus
    | Unary.Floor
    | Unary.Ceil
    | Unary.Round
    | Unary.Trunc -> if dtype.IsFloat() then dtype else DType.Float64

/// The type in which a function of two arguments of one type is computed: quotients of whole numbers in Float64, and
/// truth values as whole numbers.
let binary (op: Binary) (dtype: DType) : DType =
    match op with
    | Binary.Div -> if dtype.IsFloat() then dtype else DType.Float64
    | Binary.Pow
    | Binary.Add
    | Binary.Sub
    | Binary.Mul
    | Binary.Maximum
    | Binary.Minimum -> if dtype = DType.Bool then DType.Int64 else dtype

/// Whether the result of an operation is weak: it is elementwise arithmetic of weak operands alone.
let isWeak (isWeak: 'n -> bool) (op: Op<'n>) : bool =
    match op with
    | Op.Constant(_, weak) -> weak
    | Op.Unary(_, x) -> isWeak x
    | Op.Binary(_, x, y) -> isWeak x && isWeak y
    | Op.Variable _
    | Op.Input
    | Op.Compare _
    | Op.Select _
    | Op.Cast _
    | Op.Einsum _
    | Op.Reshape _
    | Op.Slice _
    | Op.Embed _
    | Op.Concat _
    | Op.Gather _
    | Op.ScatterAdd _
    | Op.Extremum _
    | Op.ArgExtremum _
    | Op.Identity _
    | Op.StopGradient _ -> false
