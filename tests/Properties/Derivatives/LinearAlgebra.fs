/// Derivatives of linear algebra: to order three against differences, forward against backward, batches, and the points
/// where matrices are singular or values are equal.
module Autodiff.Properties.Derivatives.LinearAlgebra

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Autodiff.Properties.Kernel
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

let names: TheoryData<string> = TheoryData<string>(MatrixFunctions.all |> Seq.map _.Name)

let private find name = MatrixFunctions.all |> List.find (fun f -> f.Name = name)

let private shapesOf (f: MatrixFunction) =
    if f.Kind = MatrixKind.Any then [ 3, 3; 3, 2; 2, 3; 1, 2 ] else [ 3, 3; 1, 1 ]

let private passes order (y: Node) xs =
    let checks = checkGradients order y xs
    Assert.Equal(order, checks.Length)

    for check in checks do
        Assert.True(check.Passed, string check)

[<Theory; MemberData(nameof names)>]
let ``derivatives of orders one to three agree with differences`` (name: string) =
    let f = find name

    for m, n in shapesOf f do
        let x = Leaf.variable "x" (MatrixFunctions.batch f DType.Float64 3 [||] m n)
        passes 3 (f.Apply x) [ x ]

[<Theory; MemberData(nameof names)>]
let ``first and second derivatives in Float32 are those in Float64`` (name: string) =
    let f = find name

    for m, n in shapesOf f do
        let both dtype =
            let x = Leaf.variable "x" (MatrixFunctions.batch f dtype 3 [| 2 |] m n)
            let y = f.Apply x
            let first = derivative (sum [] (y * MatrixFunctions.like 1 y)) x
            evalMany [ y; first; derivative (sum [] (first * MatrixFunctions.like 2 first)) x ]

        for wide, single in List.zip (both DType.Float64) (both DType.Float32) do
            Assert.Equal(DType.Float32, single.DType)
            Assert.True(single.AllClose(wide, 1e-3, 1e-3), $"{name} {m}x{n}: {single} instead of {wide}")

let private cases =
    gen {
        let! f = Gen.elements MatrixFunctions.all
        let! sizes, m, n = MatrixFunctions.sizes
        let! seed = Gen.choose (0, 1000)
        return f, MatrixFunctions.batch f DType.Float64 seed sizes m n
    }

/// The vectors whose signs a function's result has: each has its component of the largest absolute value positive.
let private signed (f: MatrixFunction) (x: Node) : Node voption =
    match f.Name with
    | "svd.U"
    | "svd.Vt" ->
        let struct (u, _, _) = svd x
        ValueSome u
    | "eigh.vectors" ->
        let struct (_, v) = eigh x
        ValueSome v
    | _ -> ValueNone

/// Whether a function is continuous around a matrix: where the two largest components of a vector tie, its sign jumps, and
/// there is no derivative.
let private isContinuous (f: MatrixFunction, value: NDArray) =
    match signed f (Leaf.constant value) with
    | ValueSome vectors when vectors.Shape.Size > 0 ->
        let components = eval (swapAxes -1 -2 (abs vectors))

        components.ToArray<float>()
        |> Array.chunkBySize components.Shape[components.Rank - 1]
        |> Array.map Array.sortDescending
        |> Array.forall (fun sorted -> sorted.Length < 2 || sorted[0] - sorted[1] > 0.01)
    | ValueSome _
    | ValueNone -> true

let private dot (a: Node) (b: Node) = sum [] (a * b)

[<Property(MaxTest = 300)>]
let ``forward and backward are transposes of each other, and forward is the directional derivative`` () =
    Prop.forAll (Arb.fromGen (Gen.where isContinuous cases)) (fun (f, value) ->
        let x = Leaf.variable "x" value
        let y = f.Apply x
        let t, c = MatrixFunctions.like 1 x, MatrixFunctions.like 2 y
        let forward = dot c (jvp y [ x ] [ t ])
        let what = $"{f.Name} of {value.Shape}"
        Close.requireWithin 1e-9 $"{what}, backward" (eval forward) (eval (dot t (vjp y [ x ] c).Head))
        let along = compile [ x ] [ dot c y ]
        let direction = eval t
        let at (h: float) = let moved = (along.Run [ value + direction * h ])[0] in moved.Item<float>()
        let quotient h = (at h - at -h) / (2.0 * h)
        // So short that the signs of vectors stay.
        let expected = (4.0 * quotient 5e-5 - quotient 1e-4) / 3.0
        Close.requireWithin 1e-7 $"{what}, forward" (NDArray.Scalar expected) (eval forward))

[<Property(MaxTest = 60)>]
let ``second derivatives are symmetric, forward over backward and backward over backward`` () =
    Prop.forAll (Arb.fromGen cases) (fun (f, value) ->
        let x = Leaf.variable "x" value
        let y = f.Apply x
        let gradient = (vjp y [ x ] (MatrixFunctions.like 3 y)).Head
        let t, u = MatrixFunctions.like 1 x, MatrixFunctions.like 2 x
        let forward = dot u (jvp gradient [ x ] [ t ])
        let what = $"{f.Name} of {value.Shape}"
        Close.requireWithin 1e-7 what (eval forward) (eval (dot t (jvp gradient [ x ] [ u ])))
        Close.requireWithin 1e-7 what (eval forward) (eval (dot t (vjp gradient [ x ] u).Head)))

[<Theory; MemberData(nameof names)>]
let ``vmap is a loop over the first axis, also of gradients`` (name: string) =
    let f = find name
    let value = MatrixFunctions.batch f DType.Float64 5 [| 3; 2 |] 3 3
    let batch = Leaf.constant value
    let slope x = derivative (sum [] (square (f.Apply x))) x

    for apply in [ f.Apply; slope ] do
        let loop = stack 0 [ for i in 0..2 -> apply batch.[i] ]
        Close.requireWithin 1e-9 name (eval loop) (eval (vmap apply batch))

[<Fact>]
let ``vmap over either operand of a system`` () =
    let f = find "inv"
    let matrices = Leaf.constant (MatrixFunctions.batch f DType.Float64 7 [| 4 |] 3 3)
    let sides = Leaf.constant (MatrixFunctions.batch (find "qr.Q") DType.Float64 8 [| 4 |] 3 2)
    let a, b, vector = matrices.[1], sides.[1], constant [ 1.0; 2.0; 3.0 ]

    for solver in [ solve; triangularSolve true; triangularSolveWith false true true ] do
        let require (f: Node -> Node) (batch: Node) =
            let loop = stack 0 [ for i in 0..3 -> f batch.[i] ]
            Close.requireWithin 1e-12 "value" (eval loop) (eval (vmap f batch))
            let slope x = derivative (sum [] (square (f x))) x
            let loop = stack 0 [ for i in 0..3 -> slope batch.[i] ]
            Close.requireWithin 1e-9 "gradient" (eval loop) (eval (vmap slope batch))

        require (fun a -> solver a b) matrices
        require (fun a -> solver a vector) matrices
        require (fun b -> solver a b) sides
        require (fun b -> solver matrices b) sides
        require (fun b -> solver a (sum [ -1 ] b)) sides

[<Fact>]
let ``both operands of systems of every form`` () =
    let a = Leaf.variable "a" (MatrixFunctions.batch (find "inv") DType.Float64 3 [| 2; 1 |] 2 2)
    let b = Leaf.variable "b" (MatrixFunctions.batch (find "qr.Q") DType.Float64 4 [| 2 |] 2 1)
    let v = variable "v" [ 0.4; -0.7 ]

    for solver in [ solve; triangularSolve true; triangularSolve false; triangularSolveWith true true true; lstsq ] do
        passes 2 (solver a b) [ a; b ]
        passes 2 (solver a v) [ a; v ]

[<Fact>]
let ``a pseudo-inverse of constant rank`` () =
    let u, v = variable "u" [ 0.5; -1.2; 0.8 ], variable "v" [ 1.1; 0.6 ]
    passes 3 (pinv (outer u v)) [ u; v ]
    let w = variable "w" [ [ 0.5; 1.0 ]; [ -0.7; 0.3 ]; [ 0.2; 0.9 ] ]
    passes 2 (lstsq (w *@ transpose w) u) [ w; u ]

/// A matrix with the given singular values.
let private withValues (values: float list) =
    let n = values.Length
    Leaf.variable "x" (NDArray.From(Matrices.withValues 11 n n (Array.ofList values)))

[<Fact>]
let ``the determinant of singular matrices has its first and second derivatives, and the third where values are distinct``
    ()
    =
    let zero2, zero3 = Leaf.variable "x" (NDArray.Zeros(2, 2)), Leaf.variable "x" (NDArray.Zeros(3, 3))

    for x, order in
        [
            withValues [ 2.0; 1.0; 0.0 ], 3
            withValues [ 3.0; 2.0; 1.0; 0.0 ], 3
            withValues [ 2.0; 0.0; 0.0 ], 2
            withValues [ 2.0; 1.0; 0.0; 0.0 ], 2
            withValues [ 1.0; 1.0; 1.0; 0.0 ], 2
            withValues [ 2.0; 1.0; 1e-8 ], 3
            zero2, 2
            zero3, 2
            variable "x" [ [ 1.0; 2.0; 0.0 ]; [ 2.0; 4.0; 0.0 ]; [ 0.0; 0.0; 0.0 ] ], 2
            variable "x" [ [ 0.0; 2.0 ]; [ 0.0; 0.0 ] ], 3
            // Regular, and as equal as can be.
            Leaf.variable "x" (NDArray.Eye 3), 3
            withValues [ 1.0; 1.0; 1.0; 1.0 ], 3
        ] do
        passes order (det x) [ x ]

[<Fact>]
let ``the derivative of a determinant is its cofactors`` () =
    let x = variable "x" [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ]; [ 7.0; 8.0; 9.0 ] ]
    let cofactors = nd [ [ -3.0; 6.0; -3.0 ]; [ 6.0; -12.0; 6.0 ]; [ -3.0; 6.0; -3.0 ] ]
    Close.requireWithin 1e-13 "singular" cofactors (eval (derivative (det x) x))
    let small = Leaf.variable "x" ((eval x).AsType DType.Float32)
    Close.requireWithin 1e-5 "singular" (cofactors.AsType DType.Float32) (eval (derivative (det small) small))

[<Fact>]
let ``equal eigenvalues and singular values leave derivatives finite`` () =
    let isFinite (node: Node) = (eval node).ToArray<float>() |> Array.forall Double.IsFinite

    for value in [ NDArray.Eye 3; NDArray.Zeros(3, 3); NDArray.Ones(3, 3); NDArray.Eye(3, 2); NDArray.Zeros(2, 3) ] do
        let x = Leaf.variable "x" value
        let struct (u, s, vt) = svd x

        let losses =
            [ sum [] (square s); sum [] (tanh ((u * unsqueeze -2 s) *@ vt)); sum [] (square (u *@ vt)) ]

        let losses =
            if x.Shape[0] = x.Shape[1] then
                let struct (l, v) = eigh x
                sum [] (exp l) :: sum [] (tanh ((v * unsqueeze -2 (sin l)) *@ swapAxes -1 -2 v)) :: losses
            else
                losses

        for loss in losses do
            let first = derivative loss x
            Assert.True(isFinite first, $"{value}")
            Assert.True(isFinite (derivative (sum [] (first * MatrixFunctions.like 1 first)) x), $"{value}")

[<Fact>]
let ``sums over equal values have the derivatives of what they are`` () =
    let exactly (expected: NDArray) (node: Node) = Close.requireWithin 1e-13 "derivative" expected (eval node)
    let x = Leaf.variable "x" (NDArray.Eye 3 * 2.0)
    exactly (NDArray.Eye 3) (derivative (sum [] (eigvalsh x)) x)
    exactly (NDArray.Eye 3 * 4.0) (derivative (sum [] (square (svdvals x))) x)
    exactly (NDArray.Eye 3) (derivative (nuclearNorm x) x)
    let zero = Leaf.variable "x" (NDArray.Zeros(2, 3))
    exactly (NDArray.Zeros(2, 3)) (derivative (nuclearNorm zero) zero)
    let rankOne = variable "x" [ [ 3.0; 0.0 ]; [ 4.0; 0.0 ] ]
    exactly (nd [ [ 0.6; 0.0 ]; [ 0.8; 0.0 ] ]) (derivative (nuclearNorm rankOne) rankOne)

[<Fact>]
let ``a function of the symmetric part has a symmetric gradient`` () =
    let x = variable "x" [ [ 3.0; 0.4; -0.2 ]; [ 0.1; 2.0; 0.3 ]; [ 0.0; 0.5; 1.0 ] ]

    for y in [ sum [] (cholesky x); sum [] (sin (eigvalsh x)) ] do
        let g = derivative y x
        Close.requireWithin 1e-14 "symmetric" (eval g) (eval (transpose g))

[<Fact>]
let ``the exponential's derivative keeps its digits for large and small tangents`` () =
    let x = variable "x" [ [ 0.3; 1.2 ]; [ -0.5; 0.1 ] ]
    let t = constant [ [ 1.0; -0.4 ]; [ 0.7; 0.2 ] ]
    let unit = eval (jvp (expm x) [ x ] [ t ])

    for scale in [ 1e-200; 1e-10; 1e10; 1e200 ] do
        let scaled = eval (jvp (expm x) [ x ] [ scale * t ])
        Close.requireWithin 1e-13 $"{scale}" unit (scaled / NDArray.Scalar scale)

    Assert.True(Array.forall ((=) 0.0) ((eval (jvp (expm x) [ x ] [ zerosLike t ])).ToArray<float>()))
