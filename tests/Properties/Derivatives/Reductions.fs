/// Derivatives of reductions: against differences, exact where elements are zero, and without NaN at kinks.
module Autodiff.Properties.Derivatives.Reductions

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

/// Numbers that lie apart from each other and from zero, in a random order.
let private apart seed sizes =
    let random = Random(seed: int)
    let count = Shapes.size sizes
    let numbers = Array.init count (fun i -> 0.13 * float (i - count / 2) + 0.05)
    random.Shuffle numbers
    NDArray.Create(numbers, sizes)

let private functions: (string * (seq<int> -> Node -> Node)) list =
    [
        "prod", prod
        "mean", fun axes x -> exp (mean axes x)
        "variance", variance
        "std", std
        "std, ddof 1", fun axes x -> sqrt (x.Variance(axes, 1) + 0.1)
        "logSumExp", logSumExp
        "amax", fun axes x -> square (amax axes x)
        "ptp", fun axes x -> square (ptp axes x)
        "norm", fun axes x -> norm axes (x + 1.5)
        "norm of order 1", fun axes x -> square (vectorNorm 1.0 axes x)
        "norm of order 3", vectorNorm 3.0
        "norm of order 4", vectorNorm 4.0
        "norm of order 2.5", vectorNorm 2.5
        "norm of order -1", vectorNorm -1.0
        "norm of order infinity", fun axes x -> square (vectorNorm infinity axes (x + 0.03))
        "norm of order -infinity", fun axes x -> square (vectorNorm -infinity axes (x + 0.03))
    ]

let names = TheoryData<string>(functions |> Seq.map fst)

let private find name = functions |> List.find (fun (other, _) -> other = name) |> snd

let private places: (int[] * int list) list =
    [
        [| 5 |], [ 0 ]
        [| 17 |], []
        [| 3; 4 |], [ 0 ]
        [| 3; 4 |], [ -1 ]
        [| 2; 3; 2 |], [ 0; 2 ]
        [| 2; 3; 2 |], []
    ]

[<Theory; MemberData(nameof names)>]
let ``first and second derivatives agree with differences`` (name: string) =
    for sizes, axes in places do
        let x = Leaf.variable "x" (apart 1 sizes)

        for check in checkGradients 2 (find name axes x) [ x ] do
            Assert.True(check.Passed, $"%A{sizes} over %A{axes}: {check}")

[<Theory; MemberData(nameof names)>]
let ``gradients in Float32 are those in Float64`` (name: string) =
    for sizes, axes in places do
        let gradients (dtype: DType) =
            let x = Leaf.variable "x" ((apart 3 sizes).AsType dtype)
            let y = find name axes x
            let tangent = cast dtype (constant (apart 4 sizes))
            evalMany [ derivative y x; jvp y [ x ] [ tangent ] ]

        for wide, single in List.zip (gradients DType.Float64) (gradients DType.Float32) do
            Assert.Equal(DType.Float32, single.DType)
            Assert.True(single.AllClose(wide, 2e-4, 2e-4), $"%A{sizes} over %A{axes}: {single} instead of {wide}")

let private equals (expected: float list) (node: Node) =
    let actual = (eval node).AsType(DType.Float64).ToArray<float>() |> List.ofArray

    let isSame (a: float) (b: float) = (Double.IsNaN a && Double.IsNaN b) || a = b || abs (a - b) <= 1e-6 * abs b

    Assert.True(
        List.length expected = List.length actual && List.forall2 isSame actual expected,
        $"%A{actual} instead of %A{expected}"
    )

/// Derivatives of a function at zeros, of as many orders as asked: each the gradient of the sum of the last.
let private orders count (f: Node -> Node) (x: Node) =
    List.unfold (fun (k, y) -> if k = count then None else (let d = derivative y x in Some(d, (k + 1, d)))) (0, f x)

let floats = TheoryData<DType>(Arrays.floatTypes)

let private leaf (dtype: DType) (values: float list) = Leaf.variable "x" ((nd values).AsType dtype)

[<Theory; MemberData(nameof floats)>]
let ``norms at zero have derivatives zero of every order`` (dtype: DType) =
    for order in [ 1.0; 2.0; 3.0; 4.0; 1.5; infinity ] do
        for derivative in orders 4 (vectorNorm order []) (leaf dtype [ 0.0; 0.0; 0.0 ]) do
            equals [ 0.0; 0.0; 0.0 ] derivative

    for derivative in orders 4 (norm []) (leaf dtype [ 0.0; 0.0; 0.0 ]) do
        equals [ 0.0; 0.0; 0.0 ] derivative

[<Theory; MemberData(nameof floats)>]
let ``norms of vectors with zeros have finite derivatives`` (dtype: DType) =
    let kinked = leaf dtype [ 0.0; 2.0; -3.0 ]
    equals [ 0.0; 1.0; -1.0 ] (derivative (vectorNorm 1.0 [] kinked) kinked)
    let x = leaf dtype [ 0.0; 3.0; -4.0 ]
    equals [ 0.0; 0.6; -0.8 ] (derivative (vectorNorm 2.0 [] x) x)
    // The fourth power has the second derivative 12 x^2, and at 0 none of its orders is lost.
    let fourth = leaf dtype [ 0.0 ]
    let y = sum [] (vectorNorm 4.0 [ 0 ] (stack 0 [ fourth; onesLike fourth ]))
    equals [ 6.0 ] (List.last (orders 4 (fun _ -> y) fourth))
    let half = leaf dtype [ 0.0; 4.0 ]
    equals [ 0.0; 1.0 ] (derivative (vectorNorm 0.5 [] half) half)

[<Theory; MemberData(nameof floats)>]
let ``the deviation of equal numbers has derivatives zero of every order`` (dtype: DType) =
    // No sum of tenths is a tenth times their number, and still they are equal.
    for values in [ [ 2.0; 2.0 ]; [ 0.1; 0.1; 0.1 ]; List.replicate 7 0.7; [ 3.0 ]; List.replicate 3 1e10 ] do
        let x = leaf dtype values
        equals [ 0.0 ] (std [] x)

        for derivative in orders 3 (std []) x do
            equals (List.replicate values.Length 0.0) derivative

[<Fact>]
let ``a large offset takes nothing from a variance`` () =
    let x = variable "x" [ 1e8 + 1.0; 1e8 + 2.0; 1e8 + 3.0 ]
    equals [ 2.0 / 3.0 ] (variance [] x)
    equals [ -2.0 / 3.0; 0.0; 2.0 / 3.0 ] (derivative (variance [] x) x)

/// The derivative of a product by the elements at some places is the product of the others.
let private exactProduct (x: float[]) (places: int list) =
    if List.length (List.distinct places) < places.Length then
        0.0
    else
        Seq.fold (*) 1.0 [ for k in 0 .. x.Length - 1 -> if List.contains k places then 1.0 else x[k] ]

[<Theory; MemberData(nameof floats)>]
let ``derivatives of a product are exact with any number of zeros, to the third order`` (dtype: DType) =
    for row in
        [
            [| 2.0; 3.0; -1.0; 4.0 |]
            [| 2.0; 0.0; 3.0; 4.0 |]
            [| 0.0; 3.0; 0.0; 2.0 |]
            [| 0.0; 0.0; 0.0; 5.0 |]
        ] do
        let flat (node: Node) = (eval (flatten node)).AsType(DType.Float64).ToArray<float>()
        let exact = exactProduct row

        for shape in [ [| 4 |]; [| 2; 2 |] ] do
            let x = Leaf.variable "x" ((NDArray.Create(row, shape)).AsType dtype)
            let y = prod [] x
            Assert.Equal<float[]>([| for i in 0..3 -> exact [ i ] |], flat (derivative y x))

            Assert.Equal<float[]>(
                [|
                    for i in 0..3 do
                        for j in 0..3 -> exact [ i; j ]
                |],
                flat (hessian y x)
            )

            Assert.Equal<float[]>(
                [|
                    for i in 0..3 do
                        for j in 0..3 do
                            for k in 0..3 -> exact [ i; j; k ]
                |],
                flat (jacobian (hessian y x) x)
            )

[<Theory; MemberData(nameof floats)>]
let ``reductions of nothing have a value and gradients of nothing`` (dtype: DType) =
    let x = Leaf.variable "x" (NDArray.Zeros([| 0; 2 |], dtype))
    let inf = Double.PositiveInfinity
    equals [ 1.0; 1.0 ] (prod [ 0 ] x)
    equals [ -inf; -inf ] (logSumExp [ 0 ] x)
    equals [ 0.0; 0.0 ] (norm [ 0 ] x)
    equals [ 0.0; 0.0 ] (vectorNorm 3.0 [ 0 ] x)
    equals [ nan; nan ] (variance [ 0 ] x)
    equals [ nan; nan ] (median [ 0 ] x)

    for y in [ prod [ 0 ] x; logSumExp [ 0 ] x; norm [ 0 ] x; vectorNorm 3.0 [ 0 ] x; median [ 0 ] x ] do
        equals [] (derivative y x)
