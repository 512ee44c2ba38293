/// The branch that a choice does not take contributes nothing to derivatives, in either mode and of second order, even
/// where it is infinite or NaN; and what cannot be protected is named.
module Autodiff.Properties.Derivatives.Masks

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

let private inf = Double.PositiveInfinity
let private zero: Node = scalar 0.0
let private asFloats (node: Node) = eval node |> Tensor.ofArray |> Tensor.asFloats

let private requireNear what (dtype: DType) (expected: float[]) (node: Node) =
    let tolerance = if dtype = DType.Float32 then 1e-5 else 1e-12

    for e, a in Array.zip expected (asFloats node) do
        Assert.True((e = a || abs (e - a) <= tolerance * max 1.0 (abs e)), $"{what}: {a:R} instead of {e:R}")

/// A function, where it is looked at, and its first two derivatives there.
let private examples: (string * (Node -> Node) * (float * float * float) list) list =
    let positive f x = where (x .> zero) (f x) zero
    let smooth d dd = [ -1.0, 0.0, 0.0; 0.0, 0.0, 0.0; 4.0, d 4.0, dd 4.0; 0.25, d 0.25, dd 0.25 ]
    let log1, log2 = (fun x -> 1.0 / x), (fun x -> -1.0 / (x * x))

    [
        "log", positive log, smooth log1 log2
        "log in the other branch", (fun x -> where (x .<= zero) zero (log x)), smooth log1 log2
        "log in both branches", (fun x -> where (x .> zero) (log x) (log -x)), [ -2.0, -0.5, -0.25; 4.0, 0.25, -0.0625 ]
        "log2",
        positive Autodiff.FSharp.Elementwise.log2,
        smooth (fun x -> 1.0 / (x * log 2.0)) (fun x -> -1.0 / (x * x * log 2.0))
        "sqrt", positive sqrt, smooth (fun x -> 0.5 / sqrt x) (fun x -> -0.25 / (x * sqrt x))
        "rsqrt", positive rsqrt, smooth (fun x -> -0.5 / (x * sqrt x)) (fun x -> 0.75 / (x * x * sqrt x))
        "cbrt", positive cbrt, smooth (fun x -> Math.Cbrt x / (3.0 * x)) (fun x -> -2.0 * Math.Cbrt x / (9.0 * x * x))
        "power", positive (fun x -> x ** 0.5), smooth (fun x -> 0.5 / sqrt x) (fun x -> -0.25 / (x * sqrt x))
        "negative power",
        positive (fun x -> x ** -2.0),
        smooth (fun x -> -2.0 / (x * x * x)) (fun x -> 6.0 / (x * x * x * x))
        "power of itself",
        positive (fun x -> x ** x),
        smooth (fun x -> Math.Pow(x, x) * (1.0 + log x)) (fun x ->
            Math.Pow(x, x) * ((1.0 + log x) * (1.0 + log x) + 1.0 / x))
        "x log x", positive (fun x -> x * log x), smooth (fun x -> 1.0 + log x) log1
        "chain", positive (fun x -> exp (2.0 * log x)), smooth (fun x -> 2.0 * x) (fun _ -> 2.0)
        "log of sqrt", positive (fun x -> log (sqrt x)), smooth (fun x -> 0.5 / x) (fun x -> -0.5 / (x * x))
        "two paths that meet",
        positive (fun x -> let r = sqrt x in r * log r),
        smooth (fun x -> (log (sqrt x) + 1.0) / (2.0 * sqrt x)) (fun x -> -(log (sqrt x)) / (4.0 * x * sqrt x))
        "a choice within a choice",
        positive (fun x -> where (x .< scalar 1.0) (log x) (sqrt x)),
        [ 0.0, 0.0, 0.0; 0.25, 4.0, -16.0; 4.0, 0.25, -0.03125 ]
        "reciprocal",
        (fun x -> where (x .<> zero) (reciprocal x) zero),
        [ 0.0, 0.0, 0.0; -2.0, -0.25, -0.25; 4.0, -0.0625, 0.03125 ]
        "quotient", (fun x -> where (x .<> zero) (x * x / x) zero), [ 0.0, 0.0, 0.0; -2.0, 1.0, 0.0; 4.0, 1.0, 0.0 ]
        "sin x / x",
        (fun x -> where (x .<> zero) (sin x / x) (scalar 1.0)),
        [
            0.0, 0.0, 0.0
            2.0, (2.0 * cos 2.0 - sin 2.0) / 4.0, -(sin 2.0) / 2.0 - (2.0 * cos 2.0 - sin 2.0) / 4.0
        ]
        "overflow", (fun x -> where (x .< scalar 10.0) (exp x) zero), [ 1e5, 0.0, 0.0; 1.0, exp 1.0, exp 1.0 ]
        "acos",
        (fun x -> where (abs x .< scalar 1.0) (acos x) zero),
        [ 1.0, 0.0, 0.0; -1.0, 0.0, 0.0; 2.0, 0.0, 0.0; 0.0, -1.0, 0.0 ]
        "atanh",
        (fun x -> where (abs x .< scalar 1.0) (atanh x) zero),
        [ 1.0, 0.0, 0.0; 3.0, 0.0, 0.0; 0.5, 4.0 / 3.0, 16.0 / 9.0 ]
        "lgamma",
        positive lgamma,
        [ 0.0, 0.0, 0.0; -1.0, 0.0, 0.0; -2.0, 0.0, 0.0; 1.0, -0.5772156649015329, Math.PI * Math.PI / 6.0 ]
        "sqrt of relu", (fun x -> sqrt (relu x)), [ -1.0, 0.0, 0.0; 0.0, 0.0, 0.0; 4.0, 0.25, -0.03125 ]
        "sqrt of a choice",
        (fun x -> sqrt (where (x .> zero) x zero)),
        [ -1.0, 0.0, 0.0; 0.0, 0.0, 0.0; 4.0, 0.25, -0.03125 ]
        "the loser of a maximum", (fun x -> maximum (log x) (scalar -5.0)), [ 0.0, 0.0, 0.0; 4.0, 0.25, -0.0625 ]
        "clip", (fun x -> clip (scalar -5.0) (scalar 5.0) (log x)), [ 0.0, 0.0, 0.0; 4.0, 0.25, -0.0625 ]
        "reshaped", (fun x -> where (x .> zero) (x |> unsqueeze 0 |> log |> squeeze [ 0 ]) zero), smooth log1 log2
        "cast and back", (fun x -> where (x .> zero) (cast x.DType (log (cast DType.Float64 x))) zero), smooth log1 log2
        "broadcast", (fun x -> (where (x .> zero) (log (broadcastTo [ 2; x.Shape[0] ] x)) zero).[0]), smooth log1 log2
        "reversed",
        (fun x -> let back = slice [ Slice.Step -1 ] in back (where (back x .> zero) (back (log x)) zero)),
        smooth log1 log2
        "picked",
        (fun x ->
            let all = constant [| for i in 0 .. x.Shape[0] - 1 -> i |] in where (x .> zero) (log (take 0 all x)) zero),
        smooth log1 log2
        "padded",
        (fun x ->
            let grown = pad [ struct (1, 2) ] in

            slice
                [ Slice.Step(Nullable 1, Nullable(1 + x.Shape[0]), 1) ]
                (where (grown x .> zero) (grown (sqrt x)) zero)),
        smooth (fun x -> 0.5 / sqrt x) (fun x -> -0.25 / (x * sqrt x))
    ]

let names: TheoryData<string, DType> =
    let data = TheoryData<string, DType>()

    for name, _, _ in examples do
        for dtype in Arrays.floatTypes do
            data.Add(name, dtype)

    data

[<Theory; MemberData(nameof names)>]
let ``the branch that is not taken contributes nothing`` (name: string) (dtype: DType) =
    let _, f, points = examples |> List.find (fun (other, _, _) -> other = name)
    let xs, firsts, seconds = List.unzip3 points
    let x = Leaf.variable "x" ((nd xs).AsType dtype)
    let firsts, seconds = Array.ofList firsts, Array.ofList seconds
    let ones = onesLike x
    let gradient = derivative (f x) x
    let tangent = jvp (f x) [ x ] [ ones ]
    requireNear "reverse" dtype firsts gradient
    requireNear "forward" dtype firsts tangent
    requireNear "reverse over reverse" dtype seconds (derivative gradient x)
    requireNear "forward over reverse" dtype seconds (hvp (f x) x ones)
    requireNear "reverse over forward" dtype seconds (derivative tangent x)
    requireNear "forward over forward" dtype seconds (jvp tangent [ x ] [ ones ])
    Assert.Empty(Lint.risks (f x))

let unaries: TheoryData<Unary, DType> = Scalar.unaries
let binaries: TheoryData<Binary, DType> = Scalar.binaries

/// Points at which some function is infinite, undefined or overflows.
let private special = [ 0.0; -0.0; 1.0; -1.0; -2.0; 3.0; 1e30; -1e30; inf; -inf; nan ]

[<Theory; MemberData(nameof unaries)>]
let ``no function contributes where it is not taken, whatever its slope`` (op: Unary) (dtype: DType) =
    let x = Leaf.variable "x" ((nd special).AsType dtype)
    let never = isFinite x |> fun c -> logicalAnd c (logicalNot c)
    let f = where never (Functions.unary op x) (2.0 * x)
    let nothing, two = Array.create special.Length 0.0, Array.create special.Length 2.0

    for f, expected in [ f, two; where never (Functions.unary op (exp x) * x) (2.0 * x), two ] do
        let gradient = derivative f x
        requireNear $"{op}" dtype expected gradient
        requireNear $"{op}, forward" dtype expected (jvp f [ x ] [ onesLike x ])
        requireNear $"{op}, second order" dtype nothing (derivative gradient x)
        requireNear $"{op}, forward over reverse" dtype nothing (hvp f x (onesLike x))

[<Theory; MemberData(nameof binaries)>]
let ``no function of two arguments contributes where it is not taken`` (op: Binary) (dtype: DType) =
    let pairs = List.allPairs special special
    let x = Leaf.variable "x" ((nd (List.map fst pairs)).AsType dtype)
    let y = Leaf.variable "y" ((nd (List.map snd pairs)).AsType dtype)
    let never = isFinite x |> fun c -> logicalAnd c (logicalNot c)
    let f = where never (Functions.binary op x y) zero
    let nothing = Array.create pairs.Length 0.0

    for v in [ x; y ] do
        let gradient = derivative f v
        requireNear $"{op}" dtype nothing gradient
        requireNear $"{op}, forward" dtype nothing (jvp f [ v ] [ onesLike v ])

        for w in [ x; y ] do
            requireNear $"{op}, second order" dtype nothing (derivative gradient w)

let floats = TheoryData<DType>(Arrays.floatTypes)

[<Theory; MemberData(nameof floats)>]
let ``norms of rows, some of them zero`` (dtype: DType) =
    let x = Leaf.variable "x" ((nd [ [ 3.0; 4.0 ]; [ 0.0; 0.0 ] ]).AsType dtype)
    let length = sqrt (sum [ 1 ] (x * x))
    let isLong = length .> zero
    let norms = where isLong length zero
    requireNear "gradient" dtype [| 0.6; 0.8; 0.0; 0.0 |] (derivative norms x)
    requireNear "forward" dtype [| 7.0 / 5.0; 0.0 |] (jvp norms [ x ] [ onesLike x ])
    // The Hessian of a norm times ones: (I - u u') 1 / |x|.
    requireNear
        "second"
        dtype
        [| (1.0 - 0.6 * 1.4) / 5.0; (1.0 - 0.8 * 1.4) / 5.0; 0.0; 0.0 |]
        (hvp norms x (onesLike x))

    let unit = where (unsqueeze 1 isLong) (x / unsqueeze 1 length) zero
    let weights = cast dtype (constant [ [ 1.0; 2.0 ]; [ 1.0; 2.0 ] ])
    // w (I - u u') / |x| for w = (1, 2).
    requireNear
        "normalised"
        dtype
        [| (1.0 - 0.6 * 2.2) / 5.0; (2.0 - 0.8 * 2.2) / 5.0; 0.0; 0.0 |]
        (derivative (unit * weights) x)

    requireNear
        "normalised, forward"
        dtype
        [| (1.0 - 0.6 * 1.4) / 5.0; (1.0 - 0.8 * 1.4) / 5.0; 0.0; 0.0 |]
        (jvp unit [ x ] [ onesLike x ])

    Assert.Empty(Lint.risks norms)
    Assert.Empty(Lint.risks unit)

[<Fact>]
let ``a long chain of masks stays one mask`` () =
    let x = variable "x" [ 0.5; -0.5 ]
    let chain = Seq.fold (fun (y: Node) _ -> relu (y * 1.0001 + 0.0001)) x [ 1..2000 ]
    let gradient = derivative chain x
    Assert.InRange((Traversal.order [ gradient ]).Length, 1, 2000 * 12)
    Assert.True((eval (isFinite gradient)).Item<bool> 0)

// What cannot be protected.

let private z = variable "z" 0.0
let private v = variable "v" [ 0.0; 0.0 ]
let private w = variable "w" [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ]

let private atRisk: (string * Node * string list) list =
    let none = v .> zero

    [
        "a number in a branch of an array", where none (v * log z) zero, [ "log" ]
        "a product of matrices", where none (log v *@ w) zero, [ "log" ]
        "a sum", where (z .> zero) (sum [] (sqrt v)) zero, []
        "a sum of roots of a number", where none (v + sum [] (sqrt z * v)) zero, [ "sqrt" ]
        "different conditions",
        (let root = sqrt v in where none root zero + where (v .> scalar 1.0) (2.0 * root) zero),
        [ "sqrt" ]
        "the same conditions", (let root = sqrt v in where none root zero + where none (2.0 * root) zero), []
        "a branch that counts elsewhere", (let root = sqrt v in where none root zero + root), []
        "a quotient by a number", where none (v / z) zero, []
        "a harmless argument", where none (v * log (where (z .> zero) z (scalar 1.0))) zero, []
        "a network of relus", sum [] (relu (exp (relu (v *@ w)) *@ w)), []
        "no choice at all", log v, []
        "whole numbers", argmax 0 v, []
    ]

let riskNames = TheoryData<string>(atRisk |> Seq.map (fun (name, _, _) -> name))

[<Theory; MemberData(nameof riskNames)>]
let ``lint names what the masks do not protect`` (name: string) =
    let _, y, expected = atRisk |> List.find (fun (other, _, _) -> other = name)
    let risks = Lint.risks y
    Assert.Equal<string list>(expected, risks |> List.map (fun risk -> Op.name risk.Node.Op))

    for risk in risks do
        Assert.Contains("can be NaN where 'where' did not take it", string risk)
        Assert.Contains(risk.LostAt, Traversal.order [ y ])

[<Fact>]
let ``what lint names is NaN, and what it does not name is not`` () =
    for name, y, expected in atRisk do
        if y.DType <> DType.Int64 then
            let isBad = grad y [ z; v ] |> List.exists (fun g -> Array.exists Double.IsNaN (asFloats g))
            Assert.True((isBad = not expected.IsEmpty), $"{name}: {isBad}")
