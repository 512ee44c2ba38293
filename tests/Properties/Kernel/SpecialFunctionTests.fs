module Autodiff.Properties.Kernel.SpecialFunctionTests

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Accuracy
open Autodiff.Properties.Kernel.Elements
open FsCheck.Xunit
open Xunit

let private isNear relative (expected: float) (actual: float) =
    Math.Abs(actual - expected) <= relative * Math.Abs expected || actual.Equals expected

let private evaluate code (x: float) = ScalarMath.Evaluate(code, x)

[<Fact>]
let ``the gamma family has its known values`` () =
    let is code x expected = Assert.True(isNear 1e-14 expected (evaluate code x), $"{code} {x}: {evaluate code x:R}")
    let euler = 0.57721566490153286
    is Opcode.Lgamma 0.5 (Math.Log Math.PI / 2.0)
    is Opcode.Lgamma -0.5 (Math.Log(2.0 * Math.Sqrt Math.PI))
    is Opcode.Lgamma 100.0 359.13420536957540
    is Opcode.Lgamma 1e-300 690.77552789821368
    is Opcode.Lgamma 1.0000001 -5.772155829918507e-08
    is Opcode.Lgamma 2.0000001 4.227843666532498e-08
    is Opcode.Lgamma 7.5 7.534364236758733
    is Opcode.Digamma 1.0 -euler
    is Opcode.Digamma 0.5 (-euler - 2.0 * Math.Log 2.0)
    is Opcode.Digamma 7.5 1.9467574842460869
    is Opcode.Digamma -0.25 2.9141391202135276
    is Opcode.Digamma 2.0 (1.0 - euler)
    is Opcode.Digamma 1e-300 -1e300
    is Opcode.Trigamma 1.0 (Math.PI * Math.PI / 6.0)
    is Opcode.Trigamma 0.5 (Math.PI * Math.PI / 2.0)
    is Opcode.Trigamma -0.5 (Math.PI * Math.PI / 2.0 + 4.0)
    let zeta3 = 1.2020569031595942
    Assert.True(isNear 1e-14 (-2.0 * zeta3) (ScalarMath.Evaluate(Opcode.Polygamma, 2.0, 1.0)))
    Assert.True(isNear 1e-14 (Math.Pow(Math.PI, 4.0) / 15.0) (ScalarMath.Evaluate(Opcode.Polygamma, 3.0, 1.0)))
    Assert.True(Double.IsNaN(ScalarMath.Evaluate(Opcode.Polygamma, 1.5, 1.0)))
    Assert.Equal(Double.PositiveInfinity, evaluate Opcode.Lgamma -3.0)
    Assert.True(Double.IsNaN(evaluate Opcode.Digamma -3.0))
    Assert.Equal(Double.PositiveInfinity, evaluate Opcode.Trigamma 0.0)

/// A positive argument from FsCheck's integers, between 1/64 and 1024.
let private positive (n: int) = float (1 + (n &&& 0xFFFF)) / 64.0

[<Property(MaxTest = 500)>]
let ``gamma of x + 1 follows from gamma of x`` (n: int) =
    let x = positive n

    let follows code (change: float) =
        let here, next = evaluate code x, evaluate code (x + 1.0)
        let size = Math.Abs here + Math.Abs next + Math.Abs change
        Math.Abs(here + change - next) <= 4e-15 * size

    follows Opcode.Lgamma (Math.Log x)
    && follows Opcode.Digamma (1.0 / x)
    && follows Opcode.Trigamma (-1.0 / (x * x))

[<Property(MaxTest = 500)>]
let ``polygamma at negative x is the reflection of the positive side`` (n: int) =
    let x = positive (n &&& 0x3FF)

    if x = Math.Floor x then
        true
    else
        let order2 y = ScalarMath.Evaluate(Opcode.Polygamma, 2.0, y)
        let turn = x - Math.Round x
        let sine = Math.Sin(Math.PI * turn)
        let right = 2.0 * Math.Pow(Math.PI, 3.0) * Math.Cos(Math.PI * turn) / (sine * sine * sine)
        // psi2(1 - x) - psi2(x) = 2 pi^3 cos(pi x) / sin^3(pi x), whichever side the argument is on.
        let left = order2 (1.0 - x) - order2 x
        Math.Abs(left - right) <= 1e-12 * (Math.Abs right + Math.Abs(order2 x) + 1.0)

[<Property(MaxTest = 500)>]
let ``erf undoes its inverse`` (n: int) (tail: byte) =
    let near = Math.Pow(2.0, -float(tail % 50uy)) * (0.5 + float (n &&& 0xFFFF) / 131072.0)
    let y = if n &&& 0x10000 = 0 then near else 1.0 - near
    let x = evaluate Opcode.ErfInv y
    let slope = 2.0 / Math.Sqrt Math.PI * Math.Exp(-x * x)

    let miss =
        if y < 0.5 then
            evaluate Opcode.Erf x - y
        else
            evaluate Opcode.Erfc x - (1.0 - y)

    y >= 1.0 || Math.Abs miss <= 4e-15 * (slope * x + Math.Min(y, 1.0 - y))

let private dd = DoubleDouble.dd

/// Numerators and denominators of the Bernoulli numbers B2, B4, ... B24.
let private bernoulli =
    [
        1.0, 6.0
        -1.0, 30.0
        1.0, 42.0
        -1.0, 30.0
        5.0, 66.0
        -691.0, 2730.0
        7.0, 6.0
        -3617.0, 510.0
        43867.0, 798.0
        -174611.0, 330.0
        854513.0, 138.0
        -236364091.0, 2730.0
    ]

/// The sum of B2k f(k) z^k for z = 1 / x^2.
let private bernoulliSeries (z: DoubleDouble.DD) f =
    let term (sum, power) (k, (above, below)) =
        let power = power * z
        sum + dd above / dd below * f (float k) * power, power

    List.indexed bernoulli
    |> List.map (fun (k, pair) -> k + 1, pair)
    |> List.fold term (dd 0.0, DoubleDouble.one)
    |> fst

/// x and its successors up to 30, and the number that follows them: there the asymptotic series are exact.
let private climb (x: float) =
    let steps = max 0 (int (Math.Ceiling(30.0 - x)))
    [ for k in 0 .. steps - 1 -> dd x + dd (float k) ], dd x + dd (float steps)

let private sumOf = List.fold (fun (a: DoubleDouble.DD) b -> a + b) (dd 0.0)

let private lgammaOf x =
    let below, far = climb x

    let halfLogOfTwoPi = DoubleDouble.scale -1 (DoubleDouble.log (dd 4.0 * DoubleDouble.halfPi))

    let series =
        bernoulliSeries (DoubleDouble.one / (far * far)) (fun k -> DoubleDouble.one / dd (2.0 * k * (2.0 * k - 1.0)))

    let product = List.fold (fun (a: DoubleDouble.DD) b -> a * b) DoubleDouble.one below

    (far - dd 0.5) * DoubleDouble.log far - far + halfLogOfTwoPi + series * far
    - DoubleDouble.log product

let private digammaOf x =
    let below, far = climb x
    let series = bernoulliSeries (DoubleDouble.one / (far * far)) (fun k -> DoubleDouble.one / dd (2.0 * k))

    DoubleDouble.log far
    - dd 0.5 / far
    - series
    - sumOf (List.map (fun y -> DoubleDouble.one / y) below)

let private trigammaOf x =
    let below, far = climb x
    let series = bernoulliSeries (DoubleDouble.one / (far * far)) (fun _ -> DoubleDouble.one)
    let tail = (DoubleDouble.one + dd 0.5 / far + series) / far
    tail + sumOf (List.map (fun y -> DoubleDouble.one / (y * y)) below)

/// Positive numbers of every size, around 1, 2 and 3, and around the zero of digamma.
let private gammaArguments =
    let random = Random 21
    let around centre = Array.init 300 (fun _ -> centre + signed random (log10Uniform random -12.0 -0.4))

    Array.concat
        [
            Array.init 600 (fun _ -> log10Uniform random -30.0 30.0)
            Array.init 1200 (fun _ -> uniform random 1e-3 12.0)
            Array.collect around [| 1.0; 1.4616321449683622; 2.0; 3.0 |]
        ]

[<Fact>]
let ``the gamma family of double is within 3 and 5 ulp for positive numbers`` () =
    isDoublyExact 5.0 lgammaOf Opcode.Lgamma gammaArguments
    isDoublyExact 4.0 digammaOf Opcode.Digamma gammaArguments
    isDoublyExact 3.0 trigammaOf Opcode.Trigamma gammaArguments

[<Fact>]
let ``from 0 down the gamma family of float is that of double, rounded`` () =
    let random = Random 22
    let xs = Array.init 3000 (fun _ -> float32 -(log10Uniform random -3.0 1.5))

    for code in [ Opcode.Lgamma; Opcode.Digamma; Opcode.Trigamma ] do
        let expected = xs |> Array.map (fun x -> float32 (evaluate code (float x)))
        Assert.Equal<float32[]>(expected, apply32 code xs)

[<Fact>]
let ``the inverse of erf in double is within 4 ulp`` () =
    let random = Random 23
    let slope y = DoubleDouble.exp (-(dd y * dd y)) * DoubleDouble.twoOverRootPi

    let exact (y: float) =
        let x = evaluate Opcode.ErfInv (Math.Abs y)

        let miss =
            if Math.Abs y < 0.5 then
                dd (Math.Abs y) - DoubleDouble.erf (dd x)
            else
                DoubleDouble.erfc (dd x) - (DoubleDouble.one - dd (Math.Abs y))

        let x = dd x + miss / slope x
        if y < 0.0 then -x else x

    let inside = Array.init 800 (fun _ -> uniform random -1.0 1.0)
    let outside = Array.init 800 (fun _ -> signed random (1.0 - log10Uniform random -15.0 -0.3))
    let tiny = Array.init 200 (fun _ -> signed random (log10Uniform random -290.0 -1.0))
    isDoublyExact 4.0 exact Opcode.ErfInv (Array.concat [ inside; outside; tiny ])

[<Fact>]
let ``log10 of double is within 1 ulp and exact for powers of ten`` () =
    let random = Random 24
    let tenth = DoubleDouble.log (dd 10.0)
    let wide = Array.init 3000 (fun _ -> log10Uniform random -307.0 308.0)
    let near = Array.init 3000 (fun _ -> 1.0 + signed random (log10Uniform random -15.0 -0.1))
    isDoublyExact 1.0 (fun x -> DoubleDouble.log (dd x) / tenth) Opcode.Log10 (Array.append wide near)

    for n in 0..22 do
        Assert.Equal<float[]>([| float n |], apply64 Opcode.Log10 [| Math.Pow(10.0, n) |])

    for n in 0..10 do
        Assert.Equal<float32[]>([| float32 n |], apply32 Opcode.Log10 [| float32 (Math.Pow(10.0, n)) |])

[<Fact>]
let ``log1mexp of double is within 3 ulp`` () =
    let exact (x: float) =
        if x < 1.0 then
            DoubleDouble.log (-(DoubleDouble.expm1 (dd -x)))
        else
            DoubleDouble.log1p (-(DoubleDouble.exp (dd -x)))

    let random = Random 25
    let tiny = Array.init 1000 (fun _ -> log10Uniform random -300.0 0.0)
    let middle = Array.init 4000 (fun _ -> uniform random 0.0 3.0)
    let far = Array.init 1000 (fun _ -> uniform random 3.0 600.0)
    isDoublyExact 3.0 exact Opcode.Log1mExp (Array.concat [ tiny; middle; far ])

let private applyTwo<'T when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
    code
    (xs: 'T[])
    (ys: 'T[])
    =
    Elementwise.Apply(code, vector xs, vector ys).ToArray<'T>()

/// Pairs in every direction, of like and of unlike sizes.
let private pairs =
    let random = Random 26

    Array.unzip
        [|
            for _ in 1..3000 do
                signed random (log10Uniform random -3.0 3.0), signed random (log10Uniform random -3.0 3.0)
                let size = log10Uniform random -30.0 30.0
                signed random (size * uniform random 0.3 3.0), signed random (size * uniform random 0.3 3.0)
        |]

/// Pairs of what is special, and of what is near overflow and below the normal numbers.
let private unusualPairs largest least =
    let values =
        [| 0.0; 1.0; 0.75; least; 3.0 * least; largest; 0.6 * largest; 0.3 * largest; infinity; nan |]
        |> Array.collect (fun x -> [| x; -x |])

    Array.unzip (Array.allPairs values values)

[<Fact>]
let ``atan2 is within 3 ulp and hypot within 1 in both types`` () =
    let ys, xs = pairs

    let angle (y: float) (x: float) =
        let g = Math.Atan2(y, x)
        let s, c = DoubleDouble.sin g, DoubleDouble.cos g
        dd g + (dd y * c - dd x * s) / (dd x * c + dd y * s)

    let length (y: float) (x: float) =
        let h = Double.Hypot(y, x)
        dd h + (dd x * dd x + dd y * dd y - dd h * dd h) / dd (2.0 * h)

    for code, exact, bound in [ Opcode.Atan2, angle, 3.0; Opcode.Hypot, length, 1.0 ] do
        for y, x, found in Array.zip3 ys xs (applyTwo code ys xs) do
            let e = exact y x
            let miss = Math.Abs((found - e.Hi) - e.Lo) / ulp64 e.Hi
            Assert.True(miss <= bound, $"{code} {y:R} {x:R} gave {found:R}, off by {miss} ulp")

        let ys, xs = Array.map float32 ys, Array.map float32 xs

        for y, x, found in Array.zip3 ys xs (applyTwo code ys xs) do
            let exact = ScalarMath.Evaluate(code, float y, float x)

            Assert.True(
                isWithin bound ulp32 (float Single.MaxValue) exact (float found),
                $"{code} {y:R} {x:R} gave {found:R}"
            )

[<Fact>]
let ``atan2 and hypot of unusual pairs are what they are elsewhere`` () =
    for code in [ Opcode.Atan2; Opcode.Hypot ] do
        let ys, xs = unusualPairs Double.MaxValue Double.Epsilon

        for y, x, found in Array.zip3 ys xs (applyTwo code ys xs) do
            let exact = ScalarMath.Evaluate(code, y, x)

            Assert.True(
                isWithin 3.0 ulp64 Double.MaxValue exact found,
                $"{code} {y:R} {x:R} gave {found:R}, not {exact:R}"
            )

        let ys, xs = unusualPairs (float Single.MaxValue) (float Single.Epsilon)
        let ys, xs = Array.map float32 ys, Array.map float32 xs

        for y, x, found in Array.zip3 ys xs (applyTwo code ys xs) do
            let exact = ScalarMath.Evaluate(code, float y, float x)

            Assert.True(
                isWithin 3.0 ulp32 (float Single.MaxValue) exact (float found),
                $"{code} {y:R} {x:R} gave {found:R}, not {exact:R}"
            )

[<Fact>]
let ``fmod is exact, and remainder is made of it`` () =
    let random = Random 27
    let ordinary, unusual = pairs, unusualPairs Double.MaxValue Double.Epsilon
    let factors = Array.init 4000 (fun _ -> float (random.Next 100000), log10Uniform random -3.0 3.0)
    let near = factors |> Array.map (fun (n, y) -> n * y, y) |> Array.unzip

    for xs, ys in [ ordinary; unusual; near ] do
        let bits = Array.map (fun (r: float) -> if Double.IsNaN r then 0L else BitConverter.DoubleToInt64Bits r)
        Assert.Equal<int64[]>(bits (Array.map2 (fun (x: float) y -> x % y) xs ys), bits (applyTwo Opcode.Fmod xs ys))
        let floored = Array.map2 (fun x y -> ScalarMath.Evaluate(Opcode.Remainder, x, y)) xs ys
        Assert.Equal<int64[]>(bits floored, bits (applyTwo Opcode.Remainder xs ys))
        let xs, ys = Array.map float32 xs, Array.map float32 ys

        let bits =
            Array.map (fun (r: float32) -> if Single.IsNaN r then 0 else BitConverter.SingleToInt32Bits r)

        Assert.Equal<int[]>(bits (Array.map2 (fun (x: float32) y -> x % y) xs ys), bits (applyTwo Opcode.Fmod xs ys))

/// Numbers of every kind, in an order in which usual and unusual ones stand side by side.
let private mixture =
    let random = Random 28

    let unusual =
        [|
            0.0
            -0.0
            nan
            infinity
            -infinity
            Double.Epsilon
            -3e-310
            1e300
            -1e300
            1e-40
            0.99999999
            -7.5
        |]

    [|
        for _ in 1..150 do
            signed random (log10Uniform random -3.0 2.0)

            if random.Next 9 = 0 then
                unusual[random.Next unusual.Length]
    |]

/// The bits of both types, all NaN the same.
let private bitsOfBoth (wide: float[]) (narrow: float32[]) =
    Array.map (fun x -> if Double.IsNaN x then 0L else BitConverter.DoubleToInt64Bits x) wide,
    Array.map (fun x -> if Single.IsNaN x then 0 else BitConverter.SingleToInt32Bits x) narrow

[<Fact>]
let ``what an element gives does not depend on its neighbours`` () =
    let narrow = Array.map float32 mixture
    let backwards = Array.rev mixture
    let narrowBackwards = Array.rev narrow

    for code in Enum.GetValues<Opcode>() do
        if
            Opcodes.Takes(code, DType.Float64)
            && not (Opcodes.Takes(code, DType.Bool))
            && not (Opcodes.IsTest code)
        then
            let together, alone =
                if Opcodes.Arity code = 1 then
                    bitsOfBoth (apply64 code mixture) (apply32 code narrow),
                    bitsOfBoth
                        (mixture |> Array.collect (fun x -> apply64 code [| x |]))
                        (narrow |> Array.collect (fun x -> apply32 code [| x |]))
                else
                    bitsOfBoth (applyTwo code mixture backwards) (applyTwo code narrow narrowBackwards),
                    bitsOfBoth
                        (Array.map2 (fun x y -> Array.head (applyTwo code [| x |] [| y |])) mixture backwards)
                        (Array.map2 (fun x y -> Array.head (applyTwo code [| x |] [| y |])) narrow narrowBackwards)

            Assert.True((together = alone), $"{code}")
