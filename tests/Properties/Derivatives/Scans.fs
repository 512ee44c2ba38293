/// Derivatives of cumulative operations: against differences, against exact polynomials where factors are zero, and as
/// transposes of each other.
module Autodiff.Properties.Derivatives.Scans

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

/// Numbers that lie apart from each other and from zero, in a random order.
let private apart seed sizes =
    let random = Random(seed: int)
    let count = Shapes.size sizes
    let order = Array.init count (fun i -> 0.13 * float (i - count / 2) + 0.05)
    random.Shuffle order
    NDArray.Create(order, sizes)

let private functions: (string * (int -> Node -> Node)) list =
    [
        "cumsum", fun axis x -> square (cumsum axis x)
        "cumsum from the end", fun axis x -> square (x.CumSum(axis, reverse = true))
        "cumsum without itself", fun axis x -> square (x.CumSum(axis, exclusive = true))
        "cumprod", cumprod
        "cumprod from the end", fun axis x -> x.CumProd(axis, reverse = true)
        "cumprod without itself", fun axis x -> x.CumProd(axis, true, true)
        "cummax", fun axis x -> square (cummax axis x)
        "cummax from the end", fun axis x -> square (x.CumMax(axis, true))
        "cummin", fun axis x -> exp (cummin axis x)
        "cummin from the end", fun axis x -> square (x.CumMin(axis, true))
        "logCumSumExp", logCumSumExp
        "logCumSumExp from the end", fun axis x -> x.LogCumSumExp(axis, reverse = true)
        "recurrence", fun axis x -> recurrence axis (sin x) (cos x)
        "recurrence from the end", fun axis x -> (exp x).Recurrence(0.5 * x, axis, true)
        "recurrence with one factor", fun axis x -> recurrence axis (sum [] (0.1 * sin x)) x
    ]

let names = TheoryData<string>(functions |> Seq.map fst)

let private find name = functions |> List.find (fun (other, _) -> other = name) |> snd

/// Shapes with an axis: lines of one, of none, of more than a vector, along the first, the last and an inner axis.
let private places =
    [
        [| 5 |], 0
        [| 1 |], 0
        [| 0 |], 0
        [| 17 |], 0
        [| 3; 4 |], 0
        [| 3; 4 |], 1
        [| 2; 3; 5 |], 1
        [| 2; 0; 3 |], 1
        [| 2; 3; 0 |], 1
        [| 2; 1; 3 |], -2
    ]

[<Theory; MemberData(nameof names)>]
let ``first and second derivatives agree with differences`` (name: string) =
    for sizes, axis in places do
        let x = Leaf.variable "x" (apart 1 sizes)

        for check in checkGradients 2 (find name axis x) [ x ] do
            Assert.True(check.Passed, $"%A{sizes} along {axis}: {check}")

[<Theory; MemberData(nameof names)>]
let ``third derivatives agree with differences`` (name: string) =
    let x = Leaf.variable "x" (apart 2 [| 2; 3 |])

    for check in checkGradients 3 (find name 1 x) [ x ] do
        Assert.True(check.Passed, string check)

[<Theory; MemberData(nameof names)>]
let ``gradients in Float32 are those in Float64`` (name: string) =
    for sizes, axis in places do
        let gradients (dtype: DType) =
            let x = Leaf.variable "x" ((apart 3 sizes).AsType dtype)
            let y = find name axis x
            let tangent = cast dtype (constant (apart 4 sizes))
            evalMany [ derivative y x; jvp y [ x ] [ tangent ]; hvp y x tangent ]

        for wide, single in List.zip (gradients DType.Float64) (gradients DType.Float32) do
            Assert.Equal(DType.Float32, single.DType)
            Assert.True(single.AllClose(wide, 1e-4, 1e-4), $"%A{sizes} along {axis}: {single} instead of {wide}")

let private dot (a: Node) (b: Node) = sum [] (a * b)

/// A shape, an axis of it, a direction and a seed.
let private lines =
    gen {
        let! sizes = Shapes.any |> Gen.where (fun sizes -> sizes.Length > 0)
        let! axis = Gen.choose (0, sizes.Length - 1)
        let! reverse = Gen.elements [ false; true ]
        let! seed = Gen.choose (0, 1000000)
        return sizes, axis, reverse, seed
    }
    |> Arb.fromGen

let private normal (seed: int) (name: string) (sizes: int[]) = (RandomSource(int64 seed)).Fold(name).Normal sizes

[<Property(MaxTest = 200)>]
let ``the maps of a recurrence and their transposes are adjoint in both operands`` () =
    Prop.forAll lines (fun (sizes, axis, reverse, seed) ->
        let value name = normal seed name sizes
        let a = Leaf.variable "a" (eval (tanh (constant (value "a"))))
        let b = Leaf.variable "b" (value "b")
        let y = b.Recurrence(a, axis, reverse)
        let da, db, c = constant (value "da"), constant (value "db"), constant (value "c")

        for xs, ts in [ [ a ], [ da ]; [ b ], [ db ]; [ a; b ], [ da; db ] ] do
            let forward = dot c (jvp y xs ts)
            let backward = List.map2 dot ts (vjp y xs c) |> List.reduce (+)
            Close.requireWithin 1e-11 "recurrence" (eval forward) (eval backward))

[<Property(MaxTest = 200)>]
let ``the map of a running extremum and its transpose are adjoint, with ties too`` () =
    Prop.forAll lines (fun (sizes, axis, reverse, seed) ->
        let x = Leaf.variable "x" (eval (round (constant (normal seed "x" sizes))))
        let t, c = constant (normal seed "t" sizes), constant (normal seed "c" sizes)

        for y in [ x.CumMax(axis, reverse); x.CumMin(axis, reverse) ] do
            let forward, backward = dot c (jvp y [ x ] [ t ]), dot t (derivative (dot c y) x)
            Close.requireWithin 1e-12 "extremum" (eval forward) (eval backward))

/// The derivative of the sum of weighted prefix products by the elements at some places: each product that has all of
/// them, without them; a product is linear in each of its factors.
let private exactProducts (weights: float[]) (x: float[]) (places: int list) =
    if List.length (List.distinct places) < places.Length then
        0.0
    else
        let without i = Seq.fold (*) 1.0 [ for k in 0..i -> if List.contains k places then 1.0 else x[k] ]

        Seq.sum
            [
                for i in 0 .. x.Length - 1 do
                    if List.forall (fun place -> place <= i) places then
                        weights[i] * without i
            ]

let private rows =
    [
        [| 2.0; 3.0; -1.0; 4.0 |]
        [| 2.0; 0.0; 3.0; 4.0 |]
        [| 0.0; 3.0; 0.0; 2.0 |]
        [| 0.0; 0.0; 0.0; 5.0 |]
        [| 0.0; 0.0; 0.0; 0.0 |]
        [| 3.0; 2.0; 5.0; 0.0 |]
    ]

[<Fact>]
let ``derivatives of products are exact with any number of zeros, to the third order`` () =
    let weights = [| 1.0; -2.0; 3.0; 1.0 |]

    for dtype in Arrays.floatTypes do
        for row in rows do
            let x = Leaf.variable "x" ((NDArray.Create row).AsType dtype)
            let y = sum [] (cumprod 0 x * cast dtype (constant weights))
            let exact = exactProducts weights row
            let flat (node: Node) = (eval (flatten node)).AsType(DType.Float64).ToArray<float>()
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

let private inf = Double.PositiveInfinity

let private equals (expected: float list) (node: Node) =
    let actual = (eval node).AsType(DType.Float64).ToArray<float>() |> List.ofArray

    let isSame (a: float) (b: float) = (Double.IsNaN a && Double.IsNaN b) || a = b || abs (a - b) <= 1e-6 * abs b

    Assert.True(
        List.length expected = List.length actual && List.forall2 isSame actual expected,
        $"%A{actual} instead of %A{expected}"
    )

let floats = TheoryData<DType>(Arrays.floatTypes)

let private leaf (dtype: DType) (values: float list) = Leaf.variable "x" ((nd values).AsType dtype)

[<Theory; MemberData(nameof floats)>]
let ``ties of a running extremum are shared evenly`` (dtype: DType) =
    let x = leaf dtype [ 1.0; 2.0; 2.0; 0.0; 2.0 ]
    let third = 1.0 / 3.0
    equals [ 1.0; 2.0 + third; 1.0 + third; 0.0; third ] (derivative (cummax 0 x) x)
    equals [ 3.0; 0.0; 0.0; 2.0; 0.0 ] (derivative (cummin 0 x) x)
    equals [ 0.0; third + third; 0.5 + third + third; 0.0; 2.5 + third + third ] (derivative (x.CumMax(0, true)) x)

[<Theory; MemberData(nameof floats)>]
let ``running extrema of infinities and NaN`` (dtype: DType) =
    let x = leaf dtype [ -inf; -inf; 1.0; inf; inf; nan; 3.0 ]
    equals [ -inf; -inf; 1.0; inf; inf; nan; nan ] (cummax 0 x)
    equals [ -inf; -inf; -inf; -inf; -inf; nan; nan ] (cummin 0 x)
    equals [ 1.5; 0.5; 1.0; 1.5; 0.5 ] (derivative (cummax 0 x.[0..4]) x).[0..4]

[<Theory; MemberData(nameof floats)>]
let ``logCumSumExp is stable over the whole range`` (dtype: DType) =
    let x = leaf dtype [ -inf; -inf; 800.0; 800.0; -800.0; 900.0; -inf ]
    let two = 800.0 + log 2.0
    equals [ -inf; -inf; 800.0; two; two; 900.0; 900.0 ] (logCumSumExp 0 x)
    equals [ 900.0; 900.0; 900.0; 900.0; 900.0; 900.0; -inf ] (x.LogCumSumExp(0, reverse = true))
    equals [ 0.0; 0.0; 2.0; 1.0; 0.0; 2.0; 0.0 ] (derivative (logCumSumExp 0 x) x)
    let nothing = leaf dtype [ -inf; -inf ]
    equals [ 0.0; 0.0 ] (derivative (logCumSumExp 0 nothing) nothing)
    equals [ 0.0; 0.0 ] (derivative (sum [] (derivative (logCumSumExp 0 nothing) nothing)) nothing)
    equals [ 0.0; inf; inf ] (logCumSumExp 0 (leaf dtype [ 0.0; inf; -5.0 ]))
    equals [ 0.0; nan; nan ] (logCumSumExp 0 (leaf dtype [ 0.0; nan; -5.0 ]))

[<Theory; MemberData(nameof floats)>]
let ``the gradient of logCumSumExp is the share of each element`` (dtype: DType) =
    let values = [ 0.3; -1.5; 2.0; 700.0; 699.0; 3.0 ]
    let x = leaf dtype values
    let y = (eval (logCumSumExp 0 x)).AsType(DType.Float64).ToArray<float>()
    let share j = Seq.sum [ for i in j..5 -> exp (values[j] - y[i]) ]
    let actual = (eval (derivative (logCumSumExp 0 x) x)).AsType(DType.Float64).ToArray<float>()

    for j in 0..5 do
        Assert.Equal(share j, actual[j], 1e-4)

[<Fact>]
let ``infinite and NaN factors reach only what comes after them`` () =
    let x = variable "x" [ 2.0; inf; 0.0; 3.0 ]
    equals [ 2.0; inf; nan; nan ] (cumprod 0 x)
    equals [ 2.0; nan; nan ] (cumsum 0 (variable "s" [ 2.0; nan; 1.0 ]))
    let a = variable "a" [ nan; 2.0 ]
    let y = recurrence 0 a (variable "b" [ 1.0; 1.0 ])
    equals [ 1.0; 3.0 ] y
    equals [ 0.0; 1.0 ] (derivative y a)
