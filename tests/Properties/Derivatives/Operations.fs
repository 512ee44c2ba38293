/// Every operation that users call, to order three, against central differences.
module Autodiff.Properties.Derivatives.Operations

open System
open Autodiff
open Autodiff.FSharp
open Xunit

// Values lie apart from each other and from zero, so that no difference steps over a kink.
let private values seed sizes =
    let random = Random(seed: int)
    let count = Array.fold (*) 1 sizes
    let order = Array.init count id
    random.Shuffle order

    NDArray.Create(
        order
        |> Array.map (fun i -> 0.17 * float (i - count / 2) + 0.31 / float count + 0.05 + 0.011 * float seed),
        sizes
    )

let private positive seed sizes =
    values seed sizes
    |> fun v -> NDArray.Create(v.ToArray<float>() |> Array.map (fun e -> 0.6 + abs e), sizes)

let private steps (ranges: Slice list) = slice ranges
let private range (first: int) (last: int) step = Slice.Step(Nullable first, Nullable last, step)

/// Each operation over variables of a type, with the variables it is differentiated for.
let private cases (dtype: DType) : (string * Node * Node list) list =
    let leaf name (value: NDArray) = Leaf.variable name (value.AsType dtype)
    let x = leaf "x" (values 1 [| 2; 3 |])
    let y = leaf "y" (values 2 [| 2; 3 |])
    let w = leaf "w" (values 3 [| 3; 4 |])
    let b = leaf "b" (values 4 [| 3 |])
    let cube = leaf "cube" (values 5 [| 2; 3; 2 |])
    let square3 = leaf "m" (values 6 [| 3; 3 |])
    let cube3 = leaf "cube3" (values 8 [| 2; 3; 3 |])
    let p = leaf "p" (positive 7 [| 2; 3 |])
    let s = leaf "s" (nd 0.7)
    let indices = constant [ 2; 0; -1; 2 ]
    let probabilities = cast dtype (constant [ [ 0.2; 0.5; 0.3 ]; [ 0.1; 0.1; 0.8 ] ])

    [
        "add", sin (x + b), [ x; b ]
        "subtract", exp (b - y), [ b; y ]
        "multiply", x * b * s, [ x; b; s ]
        "divide", x / p, [ x; p ]
        "negate", -x * x, [ x ]
        "reciprocal", reciprocal p, [ p ]
        "square", square x * x, [ x ]
        "sqrt", sqrt p, [ p ]
        "einsum", einsum "ij,jk,kl->il" [ x; w; einsum "lk->kl" [ w * w ] ] |> (*) 0.1, [ x; w ]
        "einsum of one node three times", einsum "ij,ij,ij->j" [ x; x; x ], [ x ]
        "einsum with a broadcast size", einsum "ij,kj->ik" [ x; reshape [ 1; 3 ] b ] |> square, [ x; b ]
        "batched einsum",
        einsum "bij,jk->bik" [ reshape [ 2; 3; 2 ] cube |> permute [ 0; 2; 1 ]; w ] |> square,
        [ cube; w ]
        "outer", outer b b * s, [ b; s ]
        "trace", trace square3 * s |> square, [ square3; s ]
        "diagonal", square (diagonal square3) * b, [ square3; b ]
        "matmul", square (x *@ w), [ x; w ]
        "matrix times vector", square (square3 *@ b), [ square3; b ]
        "vector times matrix", square (b *@ w), [ b; w ]
        "inner product", exp (0.1 * (b *@ b)), [ b ]
        "transpose", transpose x *@ y |> square, [ x; y ]
        "permute", permute [ 2; 0; 1 ] cube |> square, [ cube ]
        "relu", relu x * y, [ x; y ]
        "abs", abs x * y, [ x; y ]
        "sigmoid", sigmoid x, [ x ]
        "tanh", tanh x, [ x ]
        "exp", exp x, [ x ]
        "log", log p, [ p ]
        "log1p", log1p p, [ p ]
        "softplus", softplus x, [ x ]
        "pow", p ** y, [ p; y ]
        "pow with a number", p ** 2.5, [ p ]
        "power of a number", power (scalar 1.7) x, [ x ]
        "whole power of negative numbers", x ** 3.0, [ x ]
        "identity", identity x * identity x, [ x ]
        "softmax", softmax 1 x, [ x ]
        "softmax along the first axis", softmax 0 x * y, [ x; y ]
        "logSoftmax", logSoftmax -1 x * y, [ x; y ]
        "softmaxCrossEntropy", softmaxCrossEntropy probabilities x, [ x ]
        "sigmoidCrossEntropy", sigmoidCrossEntropy probabilities x, [ x ]
        "squaredDifference", squaredDifference x b, [ x; b ]
        "clip", clip (scalar -0.3) (scalar 0.3) x * x, [ x ]
        "clip between tensors", clip (b - 0.5) (b + 0.5) x * x, [ x; b ]
        "std", std [ 1 ] x * s, [ x; s ]
        "meanSquaredError", meanSquaredError x y * s, [ x; y; s ]
        "norm", norm [] x, [ x ]
        "norm along an axis", norm [ 1 ] x, [ x ]
        "normalDensity", normalDensity b (square s + 0.4) x, [ b; s; x ]
        "maximum", maximum x y * x, [ x; y ]
        "minimum", minimum x y * x, [ x; y ]
        "concat", concat 1 [ x; y; x ] |> square, [ x; y ]
        "stack", stack 1 [ x; y ] |> square, [ x; y ]
        "reshape", reshape [ 3; 2 ] x *@ y |> square, [ x; y ]
        "broadcastTo", broadcastTo [ 2; 3 ] b * x, [ b; x ]
        "slice with a step", steps [ Slice.All; range 0 3 2 ] x |> square, [ x ]
        "slice with a negative step",
        steps [ Slice.Step -1; Slice.Step -2 ] x * steps [ Slice.All; range 0 3 2 ] y,
        [ x; y ]
        "slice with an index", x.[1] * b |> square, [ x; b ]
        "pad", pad [ struct (1, 0); struct (2, 1) ] x |> exp, [ x ]
        "sum", square (sum [] x), [ x ]
        "sum along an axis", square (sum [ 0 ] x), [ x ]
        "mean", square (mean [ 1 ] x), [ x ]
        "variance", variance [] x, [ x ]
        "variance along an axis", variance [ 0 ] x * b, [ x; b ]
        "amax", square (amax [ 1 ] x) * s, [ x; s ]
        "amin", square (amin [] x), [ x ]
        "logSumExp", logSumExp [ 1 ] x, [ x ]
        "logSumExp over all", logSumExp [] x * s, [ x; s ]
        "slidingWindowView",
        slidingWindowView [ AxisWindow(1, 2); AxisWindow(0, 1, 2) ] x * reshape [ 1; 2; 1; 1 ] b.[0..1]
        |> square,
        [ x; b ]
        "overlapAdd", overlapAdd [ AxisWindow(1, 3) ] [ 2; 5 ] (square cube3), [ cube3 ]
        "take", take 1 indices x |> square, [ x ]
        "take along the first axis", take 0 indices w |> exp, [ w ]
        "where", where (x .> y) (x * y) (exp y), [ x; y ]
        "cast", cast dtype (cast DType.Float64 x * 2.0) |> exp, [ x ]
        "layers", tanh (tanh (x *@ w) *@ transpose w + b) |> softmax -1, [ x; w; b ]
    ]

let names: TheoryData<string> =
    TheoryData<string>(cases DType.Float64 |> Seq.map (fun (name, _, _) -> name))

let private find dtype name = cases dtype |> List.find (fun (other, _, _) -> other = name)

[<Theory; MemberData(nameof names)>]
let ``derivatives of orders one to three agree with differences`` (name: string) =
    let _, node, variables = find DType.Float64 name
    let checks = checkGradients 3 node variables
    Assert.Equal(3, checks.Length)

    for check in checks do
        Assert.True(check.Passed, string check)

[<Theory; MemberData(nameof names)>]
let ``gradients in Float32 are those in Float64`` (name: string) =
    let gradients dtype =
        let _, node, variables = find dtype name
        evalMany (node :: grad node variables)

    for wide, single in List.zip (gradients DType.Float64) (gradients DType.Float32) do
        Assert.Equal(DType.Float32, single.DType)
        Assert.True(single.AllClose(wide, 1e-4, 1e-4), $"{single} instead of {wide}")
