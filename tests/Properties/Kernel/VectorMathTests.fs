module Autodiff.Properties.Kernel.VectorMathTests

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Accuracy
open Autodiff.Properties.Kernel.Elements
open FsCheck.Xunit
open Xunit

let private unaryFloatCodes =
    [ Opcode.Neg; Opcode.Abs; Opcode.Sign; Opcode.Square ]
    @ [
        for code in Enum.GetValues<Opcode>() do
            if code >= Opcode.Reciprocal then
                code
    ]

/// Ulp that the functions of float may be off; the others are exact, or rounded once.
let private bound32 code =
    match code with
    | Opcode.Exp
    | Opcode.Log
    | Opcode.Log10
    | Opcode.Log1p -> 1.0
    | Opcode.Expm1
    | Opcode.Log1mExp
    | Opcode.Softplus
    | Opcode.Sin
    | Opcode.Cos
    | Opcode.Rsqrt
    | Opcode.Erf -> 2.0
    | Opcode.Exp2
    | Opcode.Log2
    | Opcode.Cbrt
    | Opcode.Atan -> 2.0
    | Opcode.Tanh
    | Opcode.Sigmoid
    | Opcode.ErfInv
    | Opcode.Digamma
    | Opcode.Trigamma
    | Opcode.Tan
    | Opcode.Asin
    | Opcode.Acos
    | Opcode.Sinh
    | Opcode.Cosh
    | Opcode.Asinh
    | Opcode.Acosh
    | Opcode.Atanh -> 3.0
    | Opcode.Lgamma -> 4.0
    | Opcode.Erfc -> 5.0
    | _ -> 0.5000001

let private specials32 =
    [|
        0f
        -0f
        1f
        -1f
        0.5f
        -0.5f
        2f
        -2f
        3f
        1e5f
        -1e5f
        1e10f
        -1e30f
        1e-20f
        88.72f
        88.73f
        -87.4f
        -103.9f
        -104.1f
        2.5f
        -2.5f
        1.5f
        Single.Epsilon
        -Single.Epsilon
        1.17549435e-38f
        1.1754942e-38f
        Single.MaxValue
        Single.MinValue
        Single.PositiveInfinity
        Single.NegativeInfinity
        Single.NaN
    |]

/// One float of each 65,537, over all bit patterns.
let private spread32 =
    [|
        for pattern in 0u .. 65537u .. UInt32.MaxValue - 65537u -> BitConverter.UInt32BitsToSingle pattern
    |]

[<Fact>]
let ``every function of float keeps its accuracy over all floats`` () =
    let xs = Array.append specials32 spread32

    for code in unaryFloatCodes do
        let ys = apply32 code xs

        for x, y in Array.zip xs ys do
            let exact = ScalarMath.Evaluate(code, float x)
            let fits = isWithin (bound32 code) ulp32 (float Single.MaxValue) exact (float y)
            let vanishes = Math.Abs exact < 1e-45 && Math.Abs(float y) < 2e-45
            Assert.True(fits || vanishes, $"{code} {x:R} gave {y:R}, not {exact:R}")

[<Fact>]
let ``exp and expm1 of double are within 1 and 2 ulp`` () =
    isDoublyExact 1.0 (DoubleDouble.dd >> DoubleDouble.exp) Opcode.Exp (arguments -670.0 709.0 2.0)
    isDoublyExact 2.0 (DoubleDouble.dd >> DoubleDouble.expm1) Opcode.Expm1 (arguments -50.0 709.0 2.0)

[<Fact>]
let ``log and log1p of double are within 1 and 2 ulp`` () =
    let random = Random 8
    let wide = Array.init 3000 (fun _ -> log10Uniform random -307.0 308.0)
    let near = Array.init 3000 (fun _ -> 1.0 + signed random (log10Uniform random -15.0 -0.1))
    isDoublyExact 1.0 (DoubleDouble.dd >> DoubleDouble.log) Opcode.Log (Array.append wide near)
    isDoublyExact 2.0 (DoubleDouble.dd >> DoubleDouble.log1p) Opcode.Log1p (arguments -0.99 1e3 0.9)
    isDoublyExact 2.0 (DoubleDouble.dd >> DoubleDouble.log1p) Opcode.Log1p wide

[<Fact>]
let ``tanh, sigmoid and softplus of double are within 3 ulp`` () =
    let tanh (x: float) =
        let e = DoubleDouble.expm1 (DoubleDouble.dd (2.0 * x))
        e / (e + DoubleDouble.dd 2.0)

    let sigmoid (x: float) = DoubleDouble.one / (DoubleDouble.one + DoubleDouble.exp (DoubleDouble.dd -x))

    let softplus (x: float) =
        DoubleDouble.dd (max x 0.0) + DoubleDouble.log1p (DoubleDouble.exp (DoubleDouble.dd -(Math.Abs x)))

    isDoublyExact 3.0 tanh Opcode.Tanh (arguments -25.0 25.0 1.0)
    isDoublyExact 3.0 sigmoid Opcode.Sigmoid (arguments -600.0 40.0 4.0)
    isDoublyExact 3.0 softplus Opcode.Softplus (arguments -600.0 40.0 4.0)

[<Fact>]
let ``sin and cos of double are within 2 ulp up to 1e5, multiples of pi included`` () =
    let random = Random 9
    let nearZeros = Array.init 3000 (fun _ -> float (random.Next 60000) * Math.PI / 2.0)
    let xs = Array.append nearZeros (arguments -1e5 1e5 7.0)
    isDoublyExact 2.0 DoubleDouble.sin Opcode.Sin xs
    isDoublyExact 2.0 DoubleDouble.cos Opcode.Cos xs

let private lnTwo = DoubleDouble.log (DoubleDouble.dd 2.0)

[<Fact>]
let ``exp2, log2 and tan of double are within 2 and 3 ulp`` () =
    let random = Random 15
    let wide = Array.init 3000 (fun _ -> log10Uniform random -307.0 308.0)
    let near = Array.init 3000 (fun _ -> 1.0 + signed random (log10Uniform random -15.0 -0.1))
    let exp2 x = DoubleDouble.exp (DoubleDouble.dd x * lnTwo)
    isDoublyExact 2.0 exp2 Opcode.Exp2 (arguments -960.0 1023.0 2.0)
    let log2 x = DoubleDouble.log (DoubleDouble.dd x) / lnTwo
    isDoublyExact 2.0 log2 Opcode.Log2 (Array.append wide near)
    let nearPoles = Array.init 3000 (fun _ -> float (random.Next 60000) * Math.PI / 2.0)
    let tan x = DoubleDouble.sin x / DoubleDouble.cos x
    isDoublyExact 3.0 tan Opcode.Tan (Array.append nearPoles (arguments -1e5 1e5 7.0))

[<Fact>]
let ``powers of two and their logarithms are exact`` () =
    for n in -1022 .. 1023 do
        let power = Math.ScaleB(1.0, n)
        Assert.Equal<float[]>([| power |], apply64 Opcode.Exp2 [| float n |])
        Assert.Equal<float[]>([| float n |], apply64 Opcode.Log2 [| power |])

    for n in -126 .. 127 do
        Assert.Equal<float32[]>([| float32 (Math.ScaleB(1.0, n)) |], apply32 Opcode.Exp2 [| float32 n |])
        Assert.Equal<float32[]>([| float32 n |], apply32 Opcode.Log2 [| float32 (Math.ScaleB(1.0, n)) |])

let private sinhOf (x: float) =
    let e = DoubleDouble.expm1 (DoubleDouble.dd x)
    (e + e / (e + DoubleDouble.one)) * DoubleDouble.dd 0.5

let private coshOf (x: float) =
    let e = DoubleDouble.exp (DoubleDouble.dd x)
    (e + DoubleDouble.one / e) * DoubleDouble.dd 0.5

[<Fact>]
let ``sinh and cosh of double are within 3 ulp`` () =
    isDoublyExact 3.0 sinhOf Opcode.Sinh (arguments -300.0 300.0 2.0)
    isDoublyExact 3.0 coshOf Opcode.Cosh (arguments -300.0 300.0 2.0)

/// The inverse of f at x, by a step of Newton's in twice the digits from the value that the scalar function gives.
let private inverse (f: float -> DoubleDouble.DD) (slope: float -> DoubleDouble.DD) (guess: float -> float) (x: float) =
    let y = guess x
    DoubleDouble.dd y + (DoubleDouble.dd x - f y) / slope y

[<Fact>]
let ``the inverse functions of double are within 2 and 3 ulp`` () =
    let dd, one = DoubleDouble.dd, DoubleDouble.one
    let sinOf, cosOf = DoubleDouble.sin, DoubleDouble.cos
    let inside = arguments -0.999 0.999 0.6
    isDoublyExact 3.0 (inverse sinOf cosOf Math.Asin) Opcode.Asin inside
    isDoublyExact 3.0 (inverse cosOf (fun y -> -(sinOf y)) Math.Acos) Opcode.Acos inside

    let tanOf y = sinOf y / cosOf y
    let tanSlope y = one / (cosOf y * cosOf y)
    isDoublyExact 2.0 (inverse tanOf tanSlope Math.Atan) Opcode.Atan (arguments -50.0 50.0 3.0)

    isDoublyExact 3.0 (inverse sinhOf coshOf Math.Asinh) Opcode.Asinh (arguments -1e6 1e6 3.0)
    let above = arguments 0.0 1e6 3.0 |> Array.map (fun x -> 1.0 + Math.Abs x)
    let apart = above |> Array.filter (fun x -> x > 1.0001)
    isDoublyExact 3.0 (inverse coshOf sinhOf Math.Acosh) Opcode.Acosh apart

    let tanhOf (y: float) =
        let e = DoubleDouble.expm1 (dd (2.0 * y))
        e / (e + dd 2.0)

    let tanhSlope y = one - tanhOf y * tanhOf y
    isDoublyExact 3.0 (inverse tanhOf tanhSlope Math.Atanh) Opcode.Atanh inside

    let cubeSlope (y: float) = dd 3.0 * (dd y * dd y)

    let wide =
        let random = Random 16 in Array.init 3000 (fun _ -> signed random (log10Uniform random -280.0 300.0))

    isDoublyExact 2.0 (inverse (fun y -> dd y * dd y * dd y) cubeSlope Math.Cbrt) Opcode.Cbrt wide

[<Fact>]
let ``erf and erfc of double are within 2 and 5 ulp`` () =
    isDoublyExact 2.0 (DoubleDouble.dd >> DoubleDouble.erf) Opcode.Erf (arguments -6.5 6.5 1.5)
    isDoublyExact 5.0 (DoubleDouble.dd >> DoubleDouble.erfc) Opcode.Erfc (arguments -5.0 26.0 1.5)

[<Fact>]
let ``pow is within 1 ulp in both types`` () =
    let random = Random 10

    let pairs =
        [|
            for _ in 1..3000 do
                log10Uniform random -3.0 3.0, uniform random -90.0 90.0
                log10Uniform random -290.0 290.0, uniform random -1.0 1.0
                1.0 + signed random (log10Uniform random -8.0 -1.0), signed random (log10Uniform random 0.0 3.0)
        |]

    let xs, ys = Array.unzip pairs
    let powers = Elementwise.Apply(Opcode.Pow, vector xs, vector ys).ToArray<float>()

    for (x, y), power in Array.zip pairs powers do
        let e = DoubleDouble.exp (DoubleDouble.dd y * DoubleDouble.log (DoubleDouble.dd x))
        let miss = Math.Abs((power - e.Hi) - e.Lo) / ulp64 e.Hi
        Assert.True(miss <= 1.0, $"{x:R} to the power {y:R} gave {power:R}, off by {miss} ulp")

    let xs32, ys32 = Array.map float32 xs, Array.map float32 ys
    let powers32 = Elementwise.Apply(Opcode.Pow, vector xs32, vector ys32).ToArray<float32>()

    for i in 0 .. xs.Length - 1 do
        let exact = Math.Pow(float xs32[i], float ys32[i])
        let fits = isWithin 1.0 ulp32 (float Single.MaxValue) exact (float powers32[i])
        let vanishes = exact < 1e-45 && powers32[i] < 2e-45f
        Assert.True(fits || vanishes, $"{xs32[i]:R} to the power {ys32[i]:R} gave {powers32[i]:R}")

[<Property>]
let ``small integer powers are exact`` (b: int8) (n: byte) =
    let b, n = float b, float (n % 7uy)
    let power = Elementwise.Apply(Opcode.Pow, NDArray.Scalar b, NDArray.Scalar n).ToArray<float>()
    power[0] = Seq.fold (*) 1.0 (Seq.replicate (int n) b)

[<Fact>]
let ``pow at the ends is what IEEE says`` () =
    let inf, nan = Double.PositiveInfinity, Double.NaN

    let values =
        [|
            0.0
            -0.0
            1.0
            -1.0
            2.0
            -2.0
            3.0
            -3.0
            0.5
            -0.5
            inf
            -inf
            nan
            Double.Epsilon
            -7e-310
            1e300
        |]

    let pairs = Array.allPairs values values
    let xs, ys = Array.unzip pairs
    let powers = Elementwise.Apply(Opcode.Pow, vector xs, vector ys).ToArray<float>()

    for (x, y), power in Array.zip pairs powers do
        Assert.True(
            isWithin 1.0 ulp64 Double.MaxValue (Math.Pow(x, y)) power,
            $"{x:R} to the power {y:R} gave {power:R}"
        )

[<Fact>]
let ``exact points are exact and signed zeros keep their sign`` () =
    let at code (x: float) = Array.head (apply64 code [| x |]), float (Array.head (apply32 code [| float32 x |]))

    let same (a: float) (b: float) =
        a.Equals b && Double.IsNegative a = Double.IsNegative b || Double.IsNaN a && Double.IsNaN b

    let is code x y =
        let wide, narrow = at code x
        Assert.True(same wide y && same narrow y, $"{code} {x} gave {wide} and {narrow}")

    for code in [ Opcode.Exp; Opcode.Cos; Opcode.Cosh; Opcode.Erfc ] do
        is code 0.0 1.0
        is code -0.0 1.0

    for code in [ Opcode.Log; Opcode.Log2; Opcode.Log10 ] do
        is code 1.0 0.0
        is code 0.0 Double.NegativeInfinity
        is code -0.0 Double.NegativeInfinity
        is code -1.0 Double.NaN

    for code in
        [
            Opcode.Expm1
            Opcode.Log1p
            Opcode.Sin
            Opcode.Tan
            Opcode.Tanh
            Opcode.Erf
            Opcode.ErfInv
            Opcode.Sinh
            Opcode.Asin
            Opcode.Atan
            Opcode.Asinh
            Opcode.Atanh
            Opcode.Cbrt
            Opcode.Sqrt
            Opcode.Sign
            Opcode.Floor
            Opcode.Ceil
            Opcode.Round
            Opcode.Trunc
        ] do
        is code 0.0 0.0
        is code -0.0 -0.0

    is Opcode.Sigmoid 0.0 0.5
    is Opcode.Rsqrt 4.0 0.5
    is Opcode.Lgamma 1.0 0.0
    is Opcode.Lgamma 2.0 0.0

[<Fact>]
let ``subnormal results and arguments keep their digits`` () =
    for x in [ 1e-310; -3e-320; Double.Epsilon; 5e-309 ] do
        for code in [ Opcode.Expm1; Opcode.Log1p; Opcode.Sin; Opcode.Tanh ] do
            Assert.Equal<float[]>([| x |], apply64 code [| x |])

    Assert.Equal(Math.Log 1e-310, Array.head (apply64 Opcode.Log [| 1e-310 |]), 1e-12)
    let xs = [| -708.5 .. -0.37 .. -745.0 |]

    for x, y in Array.zip xs (apply64 Opcode.Exp xs) do
        Assert.True(Math.Abs(y - Math.Exp x) <= ulp64 y, $"exp {x:R} gave {y:R}")

    for x, y in Array.zip xs (apply64 Opcode.Sigmoid xs) do
        Assert.True(Math.Abs(y - Math.Exp x) <= 3.0 * ulp64 y, $"sigmoid {x:R} gave {y:R}")

let private bits32 x = BitConverter.SingleToInt32Bits x

let private bits64 (x: float) = BitConverter.DoubleToInt64Bits x

/// Whether an operator gives the same bits at the three widths.
let private isOneFunction<'Op when 'Op: struct and 'Op :> IUnaryOperator> (x: float) =
    let wide = Wide512<float>.First('Op.Apply<Wide512<float>, float>(Wide512<float>.Fill x))
    let middle = Wide256<float>.First('Op.Apply<Wide256<float>, float>(Wide256<float>.Fill x))
    let narrow = Wide128<float>.First('Op.Apply<Wide128<float>, float>(Wide128<float>.Fill x))
    let y = float32 x
    let wide32 = Wide512<float32>.First('Op.Apply<Wide512<float32>, float32>(Wide512<float32>.Fill y))
    let middle32 = Wide256<float32>.First('Op.Apply<Wide256<float32>, float32>(Wide256<float32>.Fill y))
    let narrow32 = Wide128<float32>.First('Op.Apply<Wide128<float32>, float32>(Wide128<float32>.Fill y))

    (Double.IsNaN wide && Double.IsNaN middle && Double.IsNaN narrow
     || bits64 wide = bits64 middle && bits64 wide = bits64 narrow)
    && (Single.IsNaN wide32 && Single.IsNaN middle32 && Single.IsNaN narrow32
        || bits32 wide32 = bits32 middle32 && bits32 wide32 = bits32 narrow32)

[<Property(MaxTest = 1000)>]
let ``a vector function gives the same bits at every width`` (x: float) (exponent: int8) =
    [ x; x * Math.Pow(10.0, float exponent); Math.Abs x; x / 100.0 ]
    |> List.forall (fun x ->
        isOneFunction<ExpOperator> x
        && isOneFunction<Expm1Operator> x
        && isOneFunction<LogOperator> x
        && isOneFunction<Log1pOperator> x
        && isOneFunction<SinOperator> x
        && isOneFunction<CosOperator> x
        && isOneFunction<TanhOperator> x
        && isOneFunction<Exp2Operator> x
        && isOneFunction<Log2Operator> x
        && isOneFunction<CbrtOperator> x
        && isOneFunction<TanOperator> x
        && isOneFunction<AsinOperator> x
        && isOneFunction<AcosOperator> x
        && isOneFunction<AtanOperator> x
        && isOneFunction<SinhOperator> x
        && isOneFunction<CoshOperator> x
        && isOneFunction<AsinhOperator> x
        && isOneFunction<AcoshOperator> x
        && isOneFunction<AtanhOperator> x
        && isOneFunction<SigmoidOperator> x
        && isOneFunction<SoftplusOperator> x
        && isOneFunction<ErfOperator> x
        && isOneFunction<ErfcOperator> x
        && isOneFunction<Log10Operator> x
        && isOneFunction<Log1mExpOperator> x
        && isOneFunction<ErfInvOperator> x
        && isOneFunction<LgammaOperator> x
        && isOneFunction<DigammaOperator> x
        && isOneFunction<TrigammaOperator> x
        && isOneFunction<RsqrtOperator> x
        && isOneFunction<ReluOperator> x
        && isOneFunction<SignOperator> x)
