namespace Autodiff.Proofs

open Autodiff
open Autodiff.FSharp

/// Every elementwise operation by the function that users call. The matches are exhaustive: an operation without a door
/// does not compile.
module Functions =

    /// The function of one argument.
    let unary (op: Unary) (x: Node) : Node =
        match op with
        | Unary.Neg -> -x
        | Unary.Reciprocal -> reciprocal x
        | Unary.Square -> square x
        | Unary.Sqrt -> sqrt x
        | Unary.Rsqrt -> rsqrt x
        | Unary.Cbrt -> cbrt x
        | Unary.Exp -> exp x
        | Unary.Exp2 -> exp2 x
        | Unary.Expm1 -> expm1 x
        | Unary.Log -> log x
        | Unary.Log2 -> log2 x
        | Unary.Log10 -> log10 x
        | Unary.Log1p -> log1p x
        | Unary.Log1mExp -> log1mExp x
        | Unary.Sin -> sin x
        | Unary.Cos -> cos x
        | Unary.Tan -> tan x
        | Unary.Asin -> asin x
        | Unary.Acos -> acos x
        | Unary.Atan -> atan x
        | Unary.Sinh -> sinh x
        | Unary.Cosh -> cosh x
        | Unary.Tanh -> tanh x
        | Unary.Asinh -> asinh x
        | Unary.Acosh -> acosh x
        | Unary.Atanh -> atanh x
        | Unary.Erf -> erf x
        | Unary.Erfc -> erfc x
        | Unary.ErfInv -> erfInv x
        | Unary.Lgamma -> lgamma x
        | Unary.Digamma -> digamma x
        | Unary.Sigmoid -> sigmoid x
        | Unary.Softplus -> softplus x
        | Unary.Relu -> relu x
        | Unary.Abs -> abs x
        | Unary.Sign -> signum x
        | Unary.Floor -> floor x
        | Unary.Ceil -> ceil x
        | Unary.Round -> round x
        | Unary.Trunc -> truncate x

    /// The function of two arguments.
    let binary (op: Binary) (x: Node) (y: Node) : Node =
        match op with
        | Binary.Add -> x + y
        | Binary.Sub -> x - y
        | Binary.Mul -> x * y
        | Binary.Div -> x / y
        | Binary.Pow -> x ** y
        | Binary.Maximum -> maximum x y
        | Binary.Minimum -> minimum x y
        | Binary.Atan2 -> atan2 x y
        | Binary.Hypot -> hypot x y
        | Binary.LogAddExp -> logAddExp x y
        | Binary.Remainder -> remainder x y
        | Binary.Fmod -> fmod x y
        // Orders are whole numbers.
        | Binary.Polygamma -> polygamma (floor (abs x)) y

    /// The comparison.
    let compare (op: Comparison) (x: Node) (y: Node) : Node =
        match op with
        | Comparison.Less -> x .< y
        | Comparison.LessEqual -> x .<= y
        | Comparison.Equal -> x .= y
        | Comparison.NotEqual -> x .<> y

    /// The test.
    let test (op: Test) (x: Node) : Node =
        match op with
        | Test.IsNaN -> isNaN x
        | Test.IsFinite -> isFinite x

    /// The connective.
    let logical (op: Logical) (x: Node) (y: Node) : Node =
        match op with
        | Logical.And -> logicalAnd x y
        | Logical.Or -> logicalOr x y
        | Logical.Xor -> logicalXor x y

    /// Every case of a union without fields.
    let cases<'union> : 'union list =
        FSharp.Reflection.FSharpType.GetUnionCases typeof<'union>
        |> Seq.map (fun case -> FSharp.Reflection.FSharpValue.MakeUnion(case, [||]) :?> 'union)
        |> List.ofSeq
