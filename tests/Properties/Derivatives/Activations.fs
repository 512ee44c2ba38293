/// Elementwise functions that are made of others: value, first and second derivative against differences of a formula in
/// double precision, and what they are far out, at infinity and at their edges.
module Autodiff.Properties.Derivatives.Activations

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Autodiff.Properties.Derivatives.Scalar
open Xunit

let private inf = Double.PositiveInfinity

let private value (f: Node -> Node) (x: float) = (eval (f (constant x))).Item<float>()

/// A function, the same in plain floats, and what it and its slope are at minus and plus infinity, as functions of x.
type private Activation =
    {
        Name: string
        Function: Node -> Node
        Plain: float -> float
        HasKink: bool
        Low: struct ((float -> float) * float)
        High: struct ((float -> float) * float)
    }

let private flat (y: float) = struct ((fun (_: float) -> y), 0.0)
let private line (slope: float) = struct ((fun x -> slope * x), slope)

let private softplus x = max x 0.0 + Math.Log(1.0 + exp -(abs x))
let private sigmoid x = 1.0 / (1.0 + exp -x)
let private seluScale, seluAlpha = 1.0507009873554804934, 1.6732632423543772848

/// The probability that a normal variable is below x, from the series of the error function.
let private normal x = 0.5 * (1.0 + (Scalars.unary Unary.Erf).Value(x / sqrt 2.0))

let private activations =
    let row name f plain hasKink low high =
        { Name = name; Function = f; Plain = plain; HasKink = hasKink; Low = low; High = high }

    let plainElu alpha x = if x > 0.0 then x else alpha * (exp x - 1.0)

    [
        row "logSigmoid" logSigmoid (fun x -> -(softplus -x)) false (line 1.0) (flat 0.0)
        row "leakyRelu" (leakyRelu 0.01) (fun x -> if x > 0.0 then x else 0.01 * x) true (line 0.01) (line 1.0)
        row "steep leakyRelu" (leakyRelu 3.0) (fun x -> if x > 0.0 then x else 3.0 * x) true (line 3.0) (line 1.0)
        row "elu" (elu 1.0) (plainElu 1.0) true (flat -1.0) (line 1.0)
        row "elu with a limit" (elu 2.5) (plainElu 2.5) true (flat -2.5) (line 1.0)
        row
            "selu"
            selu
            (fun x -> seluScale * plainElu seluAlpha x)
            true
            (flat (-seluScale * seluAlpha))
            (line seluScale)
        row "gelu" gelu (fun x -> x * normal x) false (flat 0.0) (line 1.0)
        row
            "geluApproximate"
            geluApproximate
            (fun x -> 0.5 * x * (1.0 + tanh (sqrt (2.0 / Math.PI) * (x + 0.044715 * x * x * x))))
            false
            (flat 0.0)
            (line 1.0)
        row "silu" silu (fun x -> x * sigmoid x) false (flat 0.0) (line 1.0)
        row "mish" mish (fun x -> x * tanh (softplus x)) false (flat 0.0) (line 1.0)
        row "softsign" softsign (fun x -> x / (1.0 + abs x)) true (flat -1.0) (flat 1.0)
    ]

let names: TheoryData<string, DType> =
    let data = TheoryData<string, DType>()

    for row in activations do
        for dtype in Arrays.floatTypes do
            data.Add(row.Name, dtype)

    data

let private find name = activations |> List.find (fun row -> row.Name = name)

[<Theory; MemberData(nameof names)>]
let ``an activation has its value and two derivatives`` (name: string) (dtype: DType) =
    let row = find name

    // Softsign has its kink in the second derivative; where its formula changes, at 1, it has none.
    let isKink x = row.HasKink && abs x < 0.05
    let xs = points 11 -3.0 3.0 isKink |> Seq.take 257 |> Array.ofSeq
    let x = leaf "x" dtype xs
    let y = row.Function x
    let dy = derivative y x
    requireClose name dtype 1e-14 (Array.map row.Plain xs) y
    requireClose $"{name}'" dtype 2e-8 (xs |> Array.map (first row.Plain)) dy
    requireClose $"{name}''" dtype 2e-7 (xs |> Array.map (second row.Plain)) (derivative dy x)
    let forward = jvp y [ x ] [ onesLike x ]
    Close.requireWithin 1e-6 $"{name}, forward" (eval dy) (eval forward)

    Close.requireWithin
        1e-5
        $"{name}, forward over reverse"
        (eval (derivative dy x))
        (eval (jvp dy [ x ] [ onesLike x ]))

[<Theory; MemberData(nameof names)>]
let ``an activation of every shape`` (name: string) (dtype: DType) =
    let row = find name

    for sizes in [ [||]; [| 0 |]; [| 1 |]; [| 7 |]; [| 3; 0 |]; [| 2; 17 |] ] do
        let xs = points 5 0.1 3.0 (fun _ -> false) |> Seq.take (Array.fold (*) 1 sizes) |> Array.ofSeq
        let x = Leaf.variable "x" (((NDArray.Create xs).Reshape sizes).AsType dtype)
        let y = row.Function x
        Assert.Equal(dtype, y.DType)
        Assert.Equal<int[]>(sizes, (eval (derivative y x)).Shape.ToArray())
        requireClose name dtype 1e-14 (Array.map row.Plain xs) (flatten y)

/// Numbers so far out that an activation is its own limit there.
let private farOut (dtype: DType) =
    let largest = if dtype = DType.Float32 then float Single.MaxValue else Double.MaxValue
    [| 1e10; 1e20; 1e37; largest; inf |]

[<Theory; MemberData(nameof names)>]
let ``an activation and its derivatives keep their limits`` (name: string) (dtype: DType) =
    let row = find name
    let struct (low, lowSlope), struct (high, highSlope) = row.Low, row.High
    let rounded x = if dtype = DType.Float32 then float (float32 x) else x
    let right = Array.map rounded (farOut dtype)
    let xs = Array.append (Array.map (~-) right) right
    let x = leaf "x" dtype xs

    let relative (expected: float[]) (node: Node) what =
        let actual = eval node |> Tensor.ofArray |> Tensor.asFloats

        for i in 0 .. xs.Length - 1 do
            let isSame =
                actual[i] = expected[i]
                || abs (actual[i] - expected[i]) <= 1e-6 * max (min 1e-9 (abs xs[i])) (abs expected[i])

            Assert.True(isSame, $"{what} of {name} at {xs[i]} is {actual[i]} instead of {expected[i]}")

    let y = row.Function x
    let dy = derivative y x
    let atEnds low high = Array.map (fun x -> if x < 0.0 then low x else high x) xs
    // A float has no finite number beyond its range: where the product overflows, infinity is its limit.
    relative (atEnds (low >> rounded) (high >> rounded)) y "value"
    relative (atEnds (fun _ -> lowSlope) (fun _ -> highSlope)) dy "slope"
    relative (Array.create xs.Length 0.0) (derivative dy x) "second derivative"
    relative (atEnds (fun _ -> lowSlope) (fun _ -> highSlope)) (jvp y [ x ] [ onesLike x ]) "forward slope"

[<Theory; MemberData(nameof names)>]
let ``an activation has no NaN anywhere, and NaN at NaN`` (name: string) (dtype: DType) =
    let row = find name
    let magnitudes = [| for exponent in -300.0 .. 0.5..300.0 -> Math.Pow(10.0, exponent) |]
    let inRange = magnitudes |> Array.filter (fun x -> dtype = DType.Float64 || x < 3e38)
    let xs = Array.concat [ inRange; Array.map (~-) inRange; [| 0.0; -0.0; inf; -inf |] ]
    let x = leaf "x" dtype xs
    let dy = derivative (row.Function x) x

    for node in [ row.Function x; dy; derivative dy x; jvp dy [ x ] [ onesLike x ] ] do
        let isBad = isNaN node
        Assert.False((eval (sum [] (cast DType.Int64 isBad) .> scalar 0.0)).Item<bool>(), $"{name}: {eval node}")

    Assert.True((eval (isNaN (row.Function(leaf "x" dtype [| nan |])))).Item<bool> 0)

[<Fact>]
let ``activations keep their digits near zero and in their tails`` () =
    let is what (expected: float) actual =
        Assert.True(abs (actual - expected) <= 1e-13 * abs expected, $"{what} is {actual:R} instead of {expected:R}")

    is "logSigmoid 40" -4.248354255291589e-18 (value logSigmoid 40.0)
    is "gelu -10" -7.619853024160525e-23 (value gelu -10.0)
    is "gelu 1e-20" 0.5e-20 (value gelu 1e-20)
    is "silu -100" (-100.0 * exp -100.0) (value silu -100.0)
    is "elu -1e-20" -1e-20 (value (elu 1.0) -1e-20)
    is "mish -50" (-50.0 * exp -50.0) (value mish -50.0)
    is "softsign 1e-20" 1e-20 (value softsign 1e-20)
    let x = variable "x" 1e10
    is "softsign' 1e10" (1.0 / ((1.0 + 1e10) * (1.0 + 1e10))) ((eval (derivative (softsign x) x)).Item<float>())
    let low = variable "x" -6.0
    let u = 2.0 * sqrt (2.0 / Math.PI) * (-6.0 - 0.044715 * 216.0)
    is "geluApproximate -6" (-6.0 * exp u / (1.0 + exp u)) ((eval (geluApproximate low)).Item<float>())

[<Fact>]
let ``a gated linear unit`` () =
    let x = variable "x" (NDArray.Create([| for i in 0..23 -> 0.3 * float i - 3.5 |], 2, 4, 3))
    let expected = x.[*, 0..1, *] * Autodiff.FSharp.Elementwise.sigmoid x.[*, 2..3, *]
    Close.requireWithin 1e-15 "value" (eval expected) (eval (glu 1 x))
    Close.requireWithin 1e-15 "negative axis" (eval expected) (eval (glu -2 x))
    Assert.Equal<int[]>([| 2; 0 |], (eval (glu 1 (constant (NDArray.Zeros(2, 0))))).Shape.ToArray())

    for check in checkGradients 3 (glu 1 x) [ x ] do
        Assert.True(check.Passed, string check)

// Functions of two arguments.

let private asFloats (node: Node) = eval node |> Tensor.ofArray |> Tensor.asFloats

let private same (expected: float list) (node: Node) =
    let actual = asFloats node |> List.ofArray

    Assert.True(
        List.forall2 (fun (a: float) b -> a = b || Double.IsNaN a && Double.IsNaN b) expected actual,
        $"%A{actual}"
    )

let floats = TheoryData<DType>(Arrays.floatTypes)

[<Theory; MemberData(nameof floats)>]
let ``xlogy and xlog1py have their values and all partial derivatives to order two`` (dtype: DType) =
    let xs = points 21 -3.0 3.0 (fun _ -> false) |> Seq.take 101 |> Array.ofSeq
    let ys = points 22 0.3 3.0 (fun _ -> false) |> Seq.take 101 |> Array.ofSeq

    for name, f, plain, ys in
        [
            "xlogy", xlogy, (fun x y -> x * Math.Log y), ys
            "xlog1py", xlog1py, (fun x y -> x * Math.Log(1.0 + y)), Array.map (fun y -> float (float32 (y - 0.9))) ys
        ] do
        let x, y = leaf "x" dtype xs, leaf "y" dtype ys
        let z = f x y
        let inX (g: (float -> float) -> float -> float) = Array.map2 (fun x y -> g (fun x -> plain x y) x) xs ys
        let inY (g: (float -> float) -> float -> float) = Array.map2 (fun x y -> g (fun y -> plain x y) y) xs ys
        let dx, dy = derivative z x, derivative z y
        requireClose name dtype 1e-14 (Array.map2 plain xs ys) z
        requireClose $"{name}'x" dtype 2e-8 (inX first) dx
        requireClose $"{name}'y" dtype 1e-7 (inY first) dy
        requireClose $"{name}''yy" dtype 2e-6 (inY second) (derivative dy y)

        requireClose
            $"{name}''xy"
            dtype
            1e-7
            (Array.map2 (fun x y -> first (fun y -> first (fun x -> plain x y) x) y) xs ys)
            (derivative dx y)

[<Theory; MemberData(nameof floats)>]
let ``zero times a logarithm is zero`` (dtype: DType) =
    let x = leaf "x" dtype [| 0.0; 0.0; 0.0; 0.0; 2.0; 2.0; 0.0 |]
    let y = leaf "y" dtype [| 0.0; 3.0; -1.0; inf; 0.0; 1.0; nan |]
    let z = xlogy x y
    let log3 = asFloats (log (leaf "three" dtype [| 3.0 |])) |> Array.head
    same [ 0.0; 0.0; 0.0; 0.0; -inf; 0.0; nan ] z
    same [ 0.0; log3; 0.0; 0.0; -inf; 0.0; nan ] (derivative z x)
    same [ 0.0; 0.0; 0.0; 0.0; inf; 2.0 ] (derivative z y).[0..5]
    same [ 0.0; 0.0; 0.0; 0.0; 0.0; 0.0 ] (derivative (derivative z x) x).[0..5]

    same
        [ 0.0; 1.0; 0.0; 0.0 ]
        (derivative (derivative z x) y * leaf "w" dtype [| 1.0; 3.0; 1.0; 1.0; 1.0; 1.0; 1.0 |] |> round).[0..3]

    let w = leaf "w" dtype [| -1.0; 2.0; -2.0; inf |]
    same [ 0.0; 0.0; 0.0; 0.0 ] (xlog1py (zerosLike w) w)
    same [ 0.0; log3; 0.0; 0.0 ] (let x = leaf "x" dtype [| 0.0; 0.0; 0.0; 0.0 |] in derivative (xlog1py x w) x)

[<Theory; MemberData(nameof floats)>]
let ``floorDivide is Python's`` (dtype: DType) =
    let x = leaf "x" dtype [| 7.0; -7.0; 7.0; -7.0; 6.0; -1.0; 1.0; inf; 1.0; -1.0; 0.0; nan |]
    let y = leaf "y" dtype [| 3.0; 3.0; -3.0; -3.0; 0.25; inf; -inf; 2.0; 0.0; 0.0; 0.0; 1.0 |]
    same [ 2.0; -3.0; -3.0; 2.0; 24.0; -1.0; -1.0; nan; inf; -inf; nan; nan ] (floorDivide x y)
    same (List.replicate 12 0.0) (derivative (floorDivide x y) x)
    same (List.replicate 12 0.0) (derivative (floorDivide x y) y)
    let tenth = leaf "y" dtype [| 0.1 |]
    // One tenth is a little above 1/10 in both types, so that it fits 9 times and a rest into 1.
    same [ 9.0 ] (floorDivide (leaf "x" dtype [| 1.0 |]) tenth)

[<Fact>]
let ``floorDivide of whole numbers stays whole`` () =
    let values = [| for x in -7L .. 7L -> x |]

    for d in [ -3L; -2L; -1L; 1L; 2L; 3L; 5L ] do
        let expected = values |> Array.map (fun x -> int64 (Math.Floor(float x / float d)))

        for dtype in [ DType.Int32; DType.Int64 ] do
            let x, y = cast dtype (constant values), cast dtype (constant d)
            let quotient = floorDivide x y
            Assert.Equal(dtype, quotient.DType)
            Assert.Equal<int64[]>(expected, (eval (cast DType.Int64 quotient)).ToArray<int64>())
            let again = quotient * y + remainder x y
            Assert.Equal<int64[]>(values, (eval (cast DType.Int64 again)).ToArray<int64>())

    let large = constant [| Int64.MaxValue; Int64.MinValue; Int64.MinValue + 1L |]

    Assert.Equal<int64[]>(
        [| Int64.MaxValue / 3L; Int64.MinValue / 3L - 1L; (Int64.MinValue + 1L) / 3L - 1L |],
        (eval (floorDivide large (constant 3L))).ToArray<int64>()
    )

    let truths = floorDivide (constant [| true; false |]) (constant [| true; true |])
    Assert.Equal<int64[]>([| 1L; 0L |], (eval truths).ToArray<int64>())

[<Theory; MemberData(nameof floats)>]
let ``maskedFill keeps shape and type`` (dtype: DType) =
    let x = Leaf.variable "x" ((nd [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ] ]).AsType dtype)
    let mask = constant [| true; false; false |]
    let filled = maskedFill mask (constant -inf) x
    Assert.Equal(dtype, filled.DType)
    same [ -inf; 2.0; 3.0; -inf; 5.0; 6.0 ] filled
    same [ 0.0; 1.0; 1.0; 0.0; 1.0; 1.0 ] (derivative filled x)
    let fill = Leaf.variable "v" ((nd 9.0).AsType dtype)
    same [ 2.0 ] (derivative (maskedFill mask fill x) fill)

    Assert.Equal<int[]>(
        [| 7; 2 |],
        (eval (maskedFill (constant [| true; false |]) (Node.op_Implicit 7) (constant [ 1; 2 ]))).ToArray<int>()
    )

[<Theory; MemberData(nameof floats)>]
let ``isInf tells infinities`` (dtype: DType) =
    let x = leaf "x" dtype [| inf; -inf; nan; 0.0; 1.0 |]
    Assert.Equal<bool[]>([| true; true; false; false; false |], (eval (isInf x)).ToArray<bool>())
    Assert.Equal<bool[]>([| false |], (eval (isInf (constant [ 3 ]))).ToArray<bool>())

[<Fact>]
let ``log1mExp keeps its digits near zero and far out`` () =
    let xs = [ 0.0; 1e-300; 1e-20; 40.0; 800.0; inf; -1.0 ]
    let expected = [ -inf; Math.Log 1e-300; Math.Log 1e-20; -exp -40.0; -exp -800.0; 0.0; nan ]
    requireClose "log1mExp" DType.Float64 1e-15 (Array.ofList expected) (log1mExp (constant xs))
    let x = variable "x" [ 1e-20; 800.0; inf ]
    same [ 1e20; 0.0; 0.0 ] (derivative (log1mExp x) x)

[<Theory; MemberData(nameof floats)>]
let ``the gamma family at its poles and for negative numbers`` (dtype: DType) =
    let x = leaf "x" dtype [| 0.0; -1.0; -2.0; inf; 1.0; 2.0 |]
    same [ inf; inf; inf; inf; 0.0; 0.0 ] (lgamma x)
    same [ -inf; nan; nan; inf ] (digamma x).[0..3]
    same [ inf; inf; inf; 0.0 ] (polygamma (scalar 1.0) x).[0..3]
    same [ nan; nan ] (polygamma (constant [ 0.5; -1.0 ]) (scalar 2.0))
    // gamma(-1/2) is -2 sqrt pi, of which the absolute value is meant.
    let half = leaf "x" dtype [| -0.5; -1.5; -2.5 |]
    let gamma = [| 2.0 * sqrt Math.PI; 4.0 / 3.0 * sqrt Math.PI; 8.0 / 15.0 * sqrt Math.PI |]
    requireClose "lgamma" dtype 1e-14 (Array.map Math.Log gamma) (lgamma half)
    let slopes = [| 0.03648997397857652; 0.70315664064524319; 1.10315664064524319 |]
    requireClose "lgamma'" dtype 1e-13 slopes (derivative (lgamma half) half)
    let curvatures = [| 8.934802200544679; 9.379246644989124; 9.539246644989124 |]
    requireClose "lgamma''" dtype 1e-13 curvatures (derivative (derivative (lgamma half) half) half)

[<Theory; MemberData(nameof floats)>]
let ``lgamma has derivatives of every order`` (dtype: DType) =
    let x = leaf "x" dtype [| 1.0 |]
    // Derivative n of lgamma at 1 is (-1)^n (n-1)! zeta(n).
    let zeta = [| Math.PI ** 2.0 / 6.0; 1.2020569031595942; Math.PI ** 4.0 / 90.0; 1.0369277551433699 |]
    let orders = Seq.scan (fun y _ -> derivative y x) (lgamma x) [ 1..5 ] |> Array.ofSeq

    for n in 2..5 do
        let factorial = Seq.fold (*) 1.0 [ for k in 1 .. n - 1 -> float k ]

        requireClose
            $"order {n}"
            dtype
            1e-13
            [| (if n % 2 = 0 then 1.0 else -1.0) * factorial * zeta[n - 2] |]
            orders[n]

// What does not fit.

let private x23 = variable "x" (NDArray.Zeros(2, 3))
let private w45 = variable "w" (NDArray.Zeros(4, 5))
let private wholes = constant [ 1; 2; 3 ]
let private truths = constant [| true; false; true |]
let private unknown = input "u" [ -1; 3 ] DType.Float64

/// A call, the exception it throws, and words of its message.
let private refusals: (string * (unit -> Node) * Type * string list) list =
    let shape, dtype = typeof<ShapeException>, typeof<DTypeException>
    let clash = [ "operand 0 'x' [2,3]"; "operand 1 'w' [4,5]"; "axis -2 is 2 and 4" ]

    [
        "xlogy", (fun () -> xlogy x23 w45), shape, "xlogy:" :: clash
        "xlog1py", (fun () -> xlog1py x23 w45), shape, "xlog1py:" :: clash
        "floorDivide", (fun () -> floorDivide x23 w45), shape, "floorDivide:" :: clash
        "polygamma", (fun () -> polygamma x23 w45), shape, "polygamma:" :: clash
        "hypot", (fun () -> hypot x23 w45), shape, "hypot:" :: clash
        "logAddExp", (fun () -> logAddExp x23 w45), shape, "logaddexp:" :: clash
        "remainder", (fun () -> remainder x23 w45), shape, "remainder:" :: clash
        "fmod", (fun () -> fmod x23 w45), shape, "fmod:" :: clash
        "maximum", (fun () -> maximum x23 w45), shape, "maximum:" :: clash
        "minimum", (fun () -> minimum x23 w45), shape, "minimum:" :: clash
        "atan2", (fun () -> atan2 x23 w45), shape, "atan2:" :: clash
        "clip, lower bound", (fun () -> clip w45 (scalar 1.0) x23), shape, [ "'x' [2,3]"; "'w' [4,5]" ]
        "glu, no such axis", (fun () -> glu 2 x23), shape, [ "glu: axis 2 is out of range for 'x' [2,3]" ]
        "glu, no axis at all", (fun () -> glu 0 (scalar 1.0)), shape, [ "glu: axis 0 is out of range" ]
        "glu, odd size", (fun () -> glu -1 x23), shape, [ "glu: axis 1 of 'x' [2,3] has size 3" ]
        "glu, size not known", (fun () -> glu 0 unknown), shape, [ "glu: axis 0 of 'u' [-1,3]"; "not known yet" ]
        "maskedFill, mask of numbers",
        (fun () -> maskedFill x23 (scalar 0.0) x23),
        dtype,
        [ "maskedFill: the mask 'x' [2,3] is Float64" ]
        "maskedFill, mask too large",
        (fun () -> maskedFill (x23 .> scalar 0.0) (scalar 0.0) x23.[0]),
        shape,
        [ "maskedFill: the mask shape [2,3] does not broadcast to shape [3]" ]
        "maskedFill, mask that does not fit",
        (fun () -> maskedFill truths (scalar 0.0) w45),
        shape,
        [ "maskedFill: the mask shape [3] does not broadcast to 'w' [4,5]" ]
        "maskedFill, many values",
        (fun () -> maskedFill truths x23 x23),
        shape,
        [ "maskedFill: the value 'x' [2,3] is no single number" ]
        "maskedFill, a fraction among whole numbers",
        (fun () -> maskedFill truths (scalar 0.5) wholes),
        dtype,
        [ "maskedFill: shape [3] is Int32, which does not hold a Float64" ]
        "logicalOr of numbers", (fun () -> logicalOr truths wholes), dtype, [ "or: operand 1 [3] is Int32" ]
        "logicalNot of numbers", (fun () -> logicalNot wholes), dtype, [ "not:"; "Int32" ]
        "where of numbers", (fun () -> where wholes wholes wholes), dtype, [ "where: the condition is Int32" ]
    ]

let refusalNames = TheoryData<string>(refusals |> Seq.map (fun (name, _, _, _) -> name))

[<Theory; MemberData(nameof refusalNames)>]
let ``what does not fit is refused where it is called`` (name: string) =
    let _, build, kind, words = refusals |> List.find (fun (other, _, _, _) -> other = name)
    let error = Assert.Throws(kind, (fun () -> build () |> ignore))

    for word in words do
        Assert.Contains(word, error.Message)
