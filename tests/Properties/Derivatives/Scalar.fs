/// Every elementwise function, taken from the unions by reflection: value, first and second derivative against central
/// differences of the function itself.
module Autodiff.Properties.Derivatives.Scalar

open System
open System.Numerics
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

/// The step of the differences: below the margin that points keep from kinks.
let private step = 0.015

/// Three step widths cancel the terms in h^2 and h^4 of a central difference.
let private richardson (quotient: float -> float) =
    let a, b, c = quotient step, quotient (step / 2.0), quotient (step / 4.0)
    let ab, bc = (4.0 * b - a) / 3.0, (4.0 * c - b) / 3.0
    (16.0 * bc - ab) / 15.0

let first (f: float -> float) x = richardson (fun h -> (f (x + h) - f (x - h)) / (2.0 * h))

let second (f: float -> float) x = richardson (fun h -> (f (x + h) - 2.0 * f x + f (x - h)) / (h * h))

/// d2f/dxdy.
let private mixed (f: float -> float -> float) x y = first (fun y -> first (fun x -> f x y) x) y

let points (seed: int) low high isKink =
    let random = Random seed
    let isGood x = x > low + step && x < high - step && not (isKink x)

    Seq.initInfinite (fun _ -> float (float32 (low + (high - low) * random.NextDouble())))
    |> Seq.filter isGood

let leaf name (dtype: DType) (xs: float[]) = Leaf.variable name ((NDArray.Create xs).AsType dtype)

let requireClose what (dtype: DType) relative (expected: float[]) (node: Node) =
    let relative = if dtype = DType.Float32 then max relative 2e-5 else relative
    let tolerance = expected |> Array.map (fun e -> relative * max 1.0 (abs e))
    let value = Tensor.floats DType.Float64 [| expected.Length |] expected
    let expectation = { Value = { value with Type = dtype }; Allowed = tolerance }
    Close.require what expectation (eval node)

let unaries: TheoryData<Unary, DType> =
    let data = TheoryData<Unary, DType>()

    for op in Functions.cases<Unary> do
        for dtype in Arrays.floatTypes do
            data.Add(op, dtype)

    data

/// Noise takes the reference's arguments anywhere: a series that does not end there stops the whole suite.
[<Fact>]
let ``the reference has a value for every argument`` () =
    let far = [ 0.0; 7.0; 30.0; 1e3; 1e6; 1e17; 1e300; infinity ]

    for op in Functions.cases<Unary> do
        let value = (Scalars.unary op).Value
        Assert.True(Double.IsNaN(value nan), $"{op} of NaN")
        far |> List.iter (fun x -> value x + value -x |> ignore)

    let erf, lgamma = (Scalars.unary Unary.Erf).Value, (Scalars.unary Unary.Lgamma).Value
    Assert.Equal<float list>([ 1.0; -1.0; 1.0 ], List.map erf [ 30.0; -infinity; 6.5 ])
    Assert.Equal(359.1342053695754, lgamma 100.0, 1e-11)
    Assert.Equal(359.13420536957540 + Math.Log 100.0, lgamma 101.0, 1e-11)
    Assert.Equal(infinity, lgamma infinity)

[<Theory; MemberData(nameof unaries)>]
let ``a function of one argument has its value and two derivatives`` (op: Unary) (dtype: DType) =
    let row = Scalars.unary op
    let xs = points 1 row.Lower row.Upper row.IsKink |> Seq.take 101 |> Array.ofSeq
    let x = leaf "x" dtype xs
    let y = Functions.unary op x
    let dy = derivative y x
    requireClose $"{op}" dtype 1e-14 (Array.map row.Value xs) y
    requireClose $"{op}'" dtype 2e-8 (xs |> Array.map (first row.Value)) dy
    requireClose $"{op}''" dtype 2e-7 (xs |> Array.map (second row.Value)) (derivative dy x)

let binaries: TheoryData<Binary, DType> =
    let data = TheoryData<Binary, DType>()

    for op in Functions.cases<Binary> do
        for dtype in Arrays.floatTypes do
            data.Add(op, dtype)

    data

[<Theory; MemberData(nameof binaries)>]
let ``a function of two arguments has its value and all partial derivatives to order two`` (op: Binary) (dtype: DType) =
    let row = Scalars.binary op
    let struct (low0, high0), struct (low1, high1) = row.First, row.Second
    let pairs = Seq.zip (points 2 low0 high0 (fun _ -> false)) (points 3 low1 high1 (fun _ -> false))
    let isApart (x, y) = not (Seq.exists (fun h -> row.IsTie (x + h) y) [ -2.0 * step; 0.0; 2.0 * step ])
    let xs, ys = pairs |> Seq.filter isApart |> Seq.take 101 |> Array.ofSeq |> Array.unzip
    let x, y = leaf "x" dtype xs, leaf "y" dtype ys
    let z = Functions.binary op x y
    let inX f = Array.map2 (fun x y -> f (fun x -> row.Value2 x y) x) xs ys
    let inY f = Array.map2 (fun x y -> f (fun y -> row.Value2 x y) y) xs ys
    let dx, dy = derivative z x, derivative z y
    requireClose $"{op}" dtype 1e-14 (Array.map2 row.Value2 xs ys) z
    requireClose $"{op}'x" dtype 2e-8 (inX first) dx
    requireClose $"{op}'y" dtype 2e-8 (inY first) dy
    requireClose $"{op}''xx" dtype 2e-7 (inX second) (derivative dx x)
    requireClose $"{op}''yy" dtype 2e-7 (inY second) (derivative dy y)
    requireClose $"{op}''xy" dtype 2e-6 (Array.map2 (mixed row.Value2) xs ys) (derivative dx y)
    requireClose $"{op}''yx" dtype 2e-6 (Array.map2 (mixed row.Value2) xs ys) (derivative dy x)

[<Theory; MemberData(nameof unaries)>]
let ``forward mode agrees with reverse mode`` (op: Unary) (dtype: DType) =
    let row = Scalars.unary op
    let xs = points 4 row.Lower row.Upper row.IsKink |> Seq.take 17 |> Array.ofSeq
    let x = leaf "x" dtype xs
    let y = Functions.unary op x
    let forward = jvp y [ x ] [ onesLike x ]
    Close.requireWithin 1e-6 $"{op}" (eval (derivative y x)) (eval forward)

/// Numbers between 1/2 and 3/2, no two alike, by which a wrong order of elements shows.
let private weights seed (dtype: DType) count =
    constant ((NDArray.Create(Array.init count (fun i -> 1.0 + 0.5 * sin (float (7 * i + seed))))).AsType dtype)

[<Theory; MemberData(nameof binaries)>]
let ``both modes weigh every element of two arguments by its own partial derivative`` (op: Binary) (dtype: DType) =
    let row = Scalars.binary op
    let struct (low0, high0), struct (low1, high1) = row.First, row.Second
    let pairs = Seq.zip (points 5 low0 high0 (fun _ -> false)) (points 6 low1 high1 (fun _ -> false))

    let xs, ys =
        pairs |> Seq.filter (fun (x, y) -> not (row.IsTie x y)) |> Seq.take 17 |> Array.ofSeq |> Array.unzip

    let x, y = leaf "x" dtype xs, leaf "y" dtype ys
    let z = Functions.binary op x y
    let dx, dy = derivative z x, derivative z y
    let s, t, c = weights 1 dtype 17, weights 2 dtype 17, weights 3 dtype 17
    Close.requireWithin 1e-6 $"{op} forward" (eval (dx * s + dy * t)) (eval (jvp z [ x; y ] [ s; t ]))

    match vjp z [ x; y ] c with
    | [ cx; cy ] ->
        Close.requireWithin 1e-6 $"{op} backward, x" (eval (dx * c)) (eval cx)
        Close.requireWithin 1e-6 $"{op} backward, y" (eval (dy * c)) (eval cy)
    | _ -> failwith "two cotangents"

[<Theory; MemberData(nameof unaries)>]
let ``every length of an array gives the same values`` (op: Unary) (dtype: DType) =
    let row = Scalars.unary op

    for size in [ 0; 1; 2; 7; 8; 15; 16; 17; 33; 257 ] do
        let xs = points size row.Lower row.Upper row.IsKink |> Seq.take size |> Array.ofSeq
        requireClose $"{op} of {size}" dtype 1e-14 (Array.map row.Value xs) (Functions.unary op (leaf "x" dtype xs))

[<Fact>]
let ``tanh has its derivatives of orders one to six`` () =
    let expected =
        [
            0.7864477329659275
            -0.7268619813835876
            -0.5652092882597701
            3.9522195637245834
            -3.2666864719713913
            -36.27954029179137
        ]

    let x = variable "x" 0.5
    let orders = Seq.scan (fun y _ -> derivative y x) (tanh x) [ 1..6 ] |> Seq.tail

    for order, (value, node) in Seq.indexed (Seq.zip expected orders) do
        Close.requireWithin 1e-13 $"order {order + 1}" (nd value) (eval node)

[<Fact>]
let ``derivatives of high order stay small`` () =
    let x = variable "x" 0.5
    let tenth = Seq.fold (fun y _ -> derivative y x) (tanh x) [ 1..10 ]
    Assert.InRange((Traversal.order [ tenth ]).Length, 1, 2000)

/// A finite number as m 2^-s with whole m and natural s.
let private binary (x: float) : struct (BigInteger * int) =
    let bits = BitConverter.DoubleToInt64Bits(abs x)
    let exponent = int (bits >>> 52)
    let mantissa = (bits &&& 0xFFFFFFFFFFFFFL) ||| (1L <<< 52)
    let m = BigInteger mantissa * BigInteger(sign x)
    let shift = 1075 - exponent
    if shift >= 0 then struct (m, shift) else struct (m <<< -shift, 0)

/// The coefficients of derivative n of tanh as a polynomial in y = tanh x, by y' = 1 - y^2.
let private polynomial n =
    let next (p: BigInteger[]) =
        let slope k = if k < p.Length then BigInteger k * p[k] else BigInteger.Zero
        Array.init (p.Length + 1) (fun k -> slope (k + 1) - (if k > 0 then slope (k - 1) else BigInteger.Zero))

    Seq.fold (fun p _ -> next p) [| BigInteger.Zero; BigInteger.One |] [ 1..n ]

[<Theory; InlineData(7.0); InlineData(0.5); InlineData(-3.0); InlineData(0.01)>]
let ``derivatives of high order keep their digits`` (at: float) =
    let x = variable "x" at
    let orders = Seq.scan (fun y _ -> derivative y x) (tanh x) [ 1..10 ] |> Array.ofSeq
    let struct (y, shift) = binary ((eval (tanh x)).Item<float>())

    for n in 1..10 do
        let p = polynomial n
        let degree = p.Length - 1
        // The polynomial at y exactly, times 2^(shift degree).
        let exact =
            p
            |> Seq.mapi (fun k a -> a * BigInteger.Pow(y, k) <<< (shift * (degree - k)))
            |> Seq.fold (+) BigInteger.Zero

        let struct (actual, scale) = binary ((eval orders[n]).Item<float>())
        let error = BigInteger.Abs((actual <<< (shift * degree)) - (exact <<< scale)) * BigInteger 1000000000L
        Assert.True((error <= (BigInteger.Abs exact <<< scale)), $"order {n} at {at}")
