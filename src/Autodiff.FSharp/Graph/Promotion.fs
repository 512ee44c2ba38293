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

/// The type in which several operands meet, given the type of each and whether it is weak: the strong ones first.
let meetAll (operands: struct (DType * bool)[]) : DType =
    let types weak =
        operands
        |> Array.filter (fun (struct (_, isWeak)) -> isWeak = weak)
        |> Array.map (fun (struct (dtype, _)) -> dtype)

    let join (a: DType) (b: DType) = DTypes.Promote(a, b)
    let strong, weak = types false, types true

    if strong.Length = 0 then
        Array.reduce join weak
    else
        Array.fold (fun strong weak -> meet strong false weak true) (Array.reduce join strong) weak

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
    | Unary.Cbrt
    | Unary.Exp
    | Unary.Exp2
    | Unary.Expm1
    | Unary.Log
    | Unary.Log2
    | Unary.Log10
    | Unary.Log1p
    | Unary.Log1mExp
    | Unary.Sin
    | Unary.Cos
    | Unary.Tan
    | Unary.Asin
    | Unary.Acos
    | Unary.Atan
    | Unary.Sinh
    | Unary.Cosh
    | Unary.Tanh
    | Unary.Asinh
    | Unary.Acosh
    | Unary.Atanh
    | Unary.Erf
    | Unary.Erfc
    | Unary.ErfInv
    | Unary.Lgamma
    | Unary.Digamma
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
    | Binary.Div
    | Binary.Atan2
    | Binary.Hypot
    | Binary.LogAddExp
    | Binary.Polygamma -> if dtype.IsFloat() then dtype else DType.Float64
    | Binary.Pow
    | Binary.Add
    | Binary.Sub
    | Binary.Mul
    | Binary.Maximum
    | Binary.Minimum
    | Binary.Remainder
    | Binary.Fmod -> if dtype = DType.Bool then DType.Int64 else dtype

/// Whether the result of an operation is weak: it is made of weak operands alone.
let isWeak (isWeak: 'n -> bool) (op: Op<'n>) : bool =
    match op with
    | Op.Constant(_, weak) -> weak
    | Op.Unary(_, x)
    | Op.Reshape(_, x)
    | Op.Slice(_, x)
    | Op.Embed(_, _, x)
    | Op.Window(_, x)
    | Op.OverlapAdd(_, _, x)
    | Op.Gather(_, _, x, _)
    | Op.ScatterAdd(_, _, _, x, _)
    | Op.Extremum(_, _, x)
    | Op.RunningExtremum(_, _, _, x)
    | Op.Identity x
    | Op.StopGradient x
    | Op.Checkpoint(x, _)
    | Op.Barrier(x, _) -> isWeak x
    | Op.Binary(_, x, y)
    | Op.Recurrence(_, _, x, y)
    | Op.Select(_, x, y) -> isWeak x && isWeak y
    | Op.Einsum(_, operands)
    | Op.Concat(_, operands) -> Array.forall isWeak operands
    | Op.Variable _
    | Op.Input
    | Op.Compare _
    | Op.Test _
    | Op.Logical _
    | Op.Not _
    | Op.Cast _
    | Op.ArgSort _
    | Op.ArgExtremum _
    | Op.Draw _
    | Op.KeyedMap _
    | Op.Custom _
    | Op.Factor _
    | Op.Solve _
    | Op.Opaque _ -> false
