/// Derivatives of convolutions and poolings, by differences and by each other.
module Autodiff.Properties.Derivatives.Convolutions

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

/// A variable whose elements lie apart from each other and from zero, in any order.
let private apart (dtype: DType) name seed (sizes: int[]) =
    let count = Shapes.size sizes
    let order = Array.init count id
    Random(seed: int).Shuffle order
    let value i = 1.7 * (float i + 0.5 - float count / 2.0) / float (max 10 count) + 0.013
    Leaf.variable name ((NDArray.Create(Array.map value order, sizes)).AsType dtype)

/// A convolution with its variables: argument, kernels and bias.
let private build (case: ConvolutionCase) dtype =
    let x, w = apart dtype "x" 1 case.X.Sizes, apart dtype "w" 2 case.W.Sizes
    let b = apart dtype "b" 3 [| case.W.Sizes[0] |]

    let case =
        { case with Options = { case.Options with Bias = Option.map (fun _ -> b) case.Options.Bias } }

    struct (case, x, w, (if case.Options.Bias.IsSome then [ x; w; b ] else [ x; w ]))

let private small =
    ConvolutionCases.any [ DType.Float64 ]
    |> Gen.where (fun case -> Tensor.size case.X <= 48 && Tensor.size case.W <= 36)

let private forAll (test: ConvolutionCase -> unit) = Prop.forAll (Arb.fromGen small) test

let private requireChecks order (y: Node) variables =
    let variables = variables |> List.filter (fun (x: Node) -> x.Shape.Size > 0)

    if not variables.IsEmpty then
        for check in checkGradients order y variables do
            Assert.True(check.Passed, string check)

[<Property(MaxTest = 60)>]
let ``a convolution by argument, kernels and bias, to the second order`` () =
    forAll (fun case ->
        let struct (case, x, w, variables) = build case DType.Float64
        requireChecks 2 (tanh (ConvolutionCases.conv case x w)) variables)

[<Property(MaxTest = 60)>]
let ``a transposed convolution by argument and kernels, to the second order`` () =
    forAll (fun case ->
        if case.Padding |> Array.forall (fun (before, after) -> before = after) then
            let struct (case, x, w, _) = build case DType.Float64
            let y = ConvolutionCases.conv { case with Options = { case.Options with Bias = None } } x w
            let c = apart DType.Float64 "c" 4 (y.Shape.ToArray())
            requireChecks 2 (tanh (ConvolutionCases.transposed case c w)) [ c; w ])

[<Property(MaxTest = 100)>]
let ``forward and reverse mode agree`` () =
    forAll (fun case ->
        for dtype, tolerance in [ DType.Float64, 1e-12; DType.Float32, 1e-4 ] do
            let struct (case, x, w, variables) = build case dtype
            let y = tanh (ConvolutionCases.conv case x w)
            let tangents = variables |> List.mapi (fun i x -> apart dtype "t" (5 + i) (x.Shape.ToArray()))
            let c = apart dtype "c" 9 (y.Shape.ToArray())
            let forward = sum [] (c * jvp y variables tangents)
            let backward = List.map2 (fun t d -> sum [] (t * d)) tangents (vjp y variables c) |> List.reduce (+)
            Assert.Equal(dtype, backward.DType)
            Close.requireWithin tolerance "dual" (eval forward) (eval backward))

[<Property(MaxTest = 100)>]
let ``the Hessian times a vector is the derivative along it of the gradient`` () =
    forAll (fun case ->
        let struct (case, x, w, _) = build case DType.Float64
        let y = sum [] (tanh (ConvolutionCases.conv case x w))

        for v in [ x; w ] do
            let direction = apart DType.Float64 "v" 6 (v.Shape.ToArray())
            let expected = derivative (sum [] (derivative y v * stopGradient direction)) v
            Close.requireWithin 1e-12 "hvp" (eval expected) (eval (hvp y v direction)))

[<Property(MaxTest = 60)>]
let ``gradients in Float32 are those in Float64`` () =
    forAll (fun case ->
        let gradients dtype =
            let struct (case, x, w, variables) = build case dtype
            evalMany (grad (tanh (ConvolutionCases.conv case x w)) variables)

        for wide, single in List.zip (gradients DType.Float64) (gradients DType.Float32) do
            Assert.Equal(DType.Float32, single.DType)
            Assert.True(single.AllClose(wide, 1e-4, 1e-4), $"{single} instead of {wide}"))

/// Poolings of each kind over an argument of so many axes.
let private pools (random: Random) axes : (string * (Node -> Node)) list =
    let some low high = List.init axes (fun _ -> random.Next(low, high + 1))
    let kernel = some 1 3
    let dilation = some 1 2

    let options =
        {
            Stride = some 1 3
            Padding = kernel |> List.map (fun k -> random.Next(k / 2 + 1))
            Dilation = dilation
            CeilMode = random.Next 2 = 0
            CountIncludePad = random.Next 2 = 0
        }

    let pick functions : 'f = Array.item (axes - 1) functions

    [
        "maxPool", pick [| maxPool1d; maxPool2d; maxPool3d |] options kernel
        "avgPool", pick [| avgPool1d; avgPool2d; avgPool3d |] options kernel
        "adaptiveAvgPool", pick [| adaptiveAvgPool1d; adaptiveAvgPool2d; adaptiveAvgPool3d |] (some 1 3)
        "adaptiveMaxPool", pick [| adaptiveMaxPool1d; adaptiveMaxPool2d; adaptiveMaxPool3d |] (some 1 3)
    ]

[<Property(MaxTest = 60)>]
let ``poolings to the second order`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let axes = 1 + random.Next 3
    let size = [| 12; 6; 5 |][axes - 1]
    let sizes = Array.append [| 1 + random.Next 2 |] (Array.init axes (fun _ -> random.Next(5, size + 1)))
    let sizes = if axes = 3 then Array.updateAt 0 1 sizes else sizes

    for name, pool in pools random axes do
        let x = apart DType.Float64 name 7 sizes
        requireChecks (if axes = 3 then 1 else 2) (tanh (pool (sin x))) [ x ]

[<Property(MaxTest = 100)>]
let ``poolings forward and reverse`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let axes = 1 + random.Next 3
    let sizes = Array.append [| random.Next 3; 2 |] (Array.init axes (fun _ -> random.Next(5, 8)))

    for name, pool in pools random axes do
        for dtype, tolerance in [ DType.Float64, 1e-12; DType.Float32, 1e-4 ] do
            let x = apart dtype "x" 1 sizes
            let y = sin (pool x)
            let t, c = apart dtype "t" 2 sizes, apart dtype "c" 3 (y.Shape.ToArray())
            let forward = sum [] (c * jvp y [ x ] [ t ])
            Close.requireWithin tolerance name (eval forward) (eval (sum [] (t * (vjp y [ x ] c).Head)))
