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
        | Unary.Exp -> exp x
        | Unary.Expm1 -> expm1 x
        | Unary.Log -> log x
        | Unary.Log1p -> log1p x
        | Unary.Sin -> sin x
        | Unary.Cos -> cos x
        | Unary.Tan -> tan x
        | Unary.Asin -> asin x
        | Unary.Acos -> acos x
        | Unary.Atan -> atan x
        | Unary.Sinh -> sinh x
        | Unary.Cosh -> cosh x
        | Unary.Tanh -> tanh x
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

    /// The comparison.
    let compare (op: Comparison) (x: Node) (y: Node) : Node =
        match op with
        | Comparison.Less -> x .< y
        | Comparison.LessEqual -> x .<= y
        | Comparison.Equal -> x .= y
        | Comparison.NotEqual -> x .<> y

    /// Every case of a union without fields.
    let cases<'union> : 'union list =
        FSharp.Reflection.FSharpType.GetUnionCases typeof<'union>
        |> Seq.map (fun case -> FSharp.Reflection.FSharpValue.MakeUnion(case, [||]) :?> 'union)
        |> List.ofSeq
