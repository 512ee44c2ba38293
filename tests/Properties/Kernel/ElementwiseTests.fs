module Autodiff.Properties.Kernel.ElementwiseTests

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Elements
open FsCheck.Xunit
open Xunit

let private codes = Enum.GetValues<Opcode>() |> Array.toList

let private types = Enum.GetValues<DType>() |> Array.toList

let private floats =
    [|
        0.3
        -0.0
        1.0
        -1.0
        0.0
        2.5
        -2.5
        1e-9
        40.0
        -40.0
        1e5
        3e8
        -3e8
        700.0
        nan
        infinity
        -infinity
        1e-310
        0.99
    |]

/// Some elements of a type, with all its special values among the first.
let private sample (dtype: DType) length (seed: int) =
    let random = Random seed
    let at (values: 'T[]) other = Array.init length (fun i -> if i < values.Length then values[i] else other ())
    let wide () = (random.NextDouble() - 0.5) * Math.Pow(10.0, float (random.Next(-4, 5)))

    match dtype with
    | DType.Float32 -> vector (at (Array.map float32 floats) (fun () -> float32 (wide ())))
    | DType.Float64 -> vector (at floats wide)
    | DType.Int32 -> vector (at [| Int32.MinValue; Int32.MaxValue; 1; -1 |] (fun () -> random.Next(-50, 50) * 2 + 1))
    | DType.Int64 ->
        vector (at [| Int64.MinValue; Int64.MaxValue; 1L; -1L |] (fun () -> random.NextInt64(-50L, 50L) * 2L + 1L))
    | _ -> vector (Array.init length (fun _ -> random.Next 2 = 0))

let private bits (x: NDArray) = bitsOf (View.Of x)

let private element (x: NDArray) i : NDArray =
    match x.DType with
    | DType.Float32 -> NDArray.Scalar((x.ToArray<float32>())[i])
    | DType.Float64 -> NDArray.Scalar((x.ToArray<float>())[i])
    | DType.Int32 -> NDArray.Scalar((x.ToArray<int>())[i])
    | DType.Int64 -> NDArray.Scalar((x.ToArray<int64>())[i])
    | _ -> NDArray.Scalar((x.ToArray<bool>())[i])

/// Every operation with every type it takes, as a function of three arrays.
let private applications: (string * DType * (NDArray -> NDArray -> NDArray -> NDArray)) list =
    [
        for dtype in types do
            for code in codes do
                if code <> Opcode.Cast && code <> Opcode.Select && Opcodes.Takes(code, dtype) then
                    let apply (a: NDArray) (b: NDArray) _ =
                        if Opcodes.Arity code = 1 then
                            Elementwise.Apply(code, a)
                        else
                            Elementwise.Apply(code, a, b)

                    $"{code} of {dtype}", dtype, apply

            for target in types do
                $"Cast of {dtype} to {target}", dtype, (fun a _ _ -> Elementwise.Cast(a, target))

            let choose a b condition = Elementwise.Select(condition, a, b)
            $"Select of {dtype}", dtype, choose
    ]

[<Fact>]
let ``an element's bits do not depend on where it stands`` () =
    let lengths = [ 0; 1; 2; 3; 4; 5; 7; 8; 9; 15; 16; 17; 31; 33; 63; 64; 65; 130; 1500 ]

    for name, dtype, apply in applications do
        let longest = List.last lengths
        let a, b, c = sample dtype longest 1, sample dtype longest 2, sample DType.Bool longest 3
        let whole = bits (apply a b c)

        for length in lengths do
            let first (x: NDArray) =
                match x.DType with
                | DType.Float32 -> vector (Array.truncate length (x.ToArray<float32>()))
                | DType.Float64 -> vector (Array.truncate length (x.ToArray<float>()))
                | DType.Int32 -> vector (Array.truncate length (x.ToArray<int>()))
                | DType.Int64 -> vector (Array.truncate length (x.ToArray<int64>()))
                | _ -> vector (Array.truncate length (x.ToArray<bool>()))

            let part = bits (apply (first a) (first b) (first c))
            Assert.True((Array.truncate length whole = part), $"{name}, {length} elements")

        for i in [ 0..40 ] @ [ longest - 1 ] do
            let single = bits (apply (element a i) (element b i) (element c i))
            Assert.True(([| whole[i] |] = single), $"{name}, element {i}")

let private binary code (x: float) (y: float) =
    (Elementwise.Apply(code, NDArray.Scalar x, NDArray.Scalar y).ToArray<float>())[0]

let private isNear (a: float) (b: float) = a.Equals b || Math.Abs(a - b) <= 4e-16 * Math.Abs b + 1e-323

[<Fact>]
let ``binary functions of double agree with the reference, at the ends too`` () =
    let codes =
        codes
        |> List.filter (fun code ->
            Opcodes.Arity code = 2 && Opcodes.Takes(code, DType.Float64) && not (Opcodes.IsTest code))

    for code in codes do
        for x, y in Array.allPairs floats floats do
            let expected, actual = ScalarMath.Evaluate(code, x, y), binary code x y
            Assert.True(isNear expected actual, $"{code} of {x:R} and {y:R} gave {actual:R}, not {expected:R}")

[<Property>]
let ``binary functions of float are those of double, rounded`` (x: float) (y: float) =
    let x, y = float32 x, float32 y

    codes
    |> List.filter (fun code ->
        Opcodes.Arity code = 2 && Opcodes.Takes(code, DType.Float32) && not (Opcodes.IsTest code))
    |> List.except [ Opcode.Pow; Opcode.LogAddExp; Opcode.Atan2; Opcode.Hypot ]
    |> List.forall (fun code ->
        let actual = (Elementwise.Apply(code, NDArray.Scalar x, NDArray.Scalar y).ToArray<float32>())[0]
        actual.Equals(float32 (ScalarMath.Evaluate(code, float x, float y))))

[<Fact>]
let ``logaddexp is stable`` () =
    Assert.Equal(1000.0 + Math.Log 2.0, binary Opcode.LogAddExp 1000.0 1000.0)
    Assert.Equal(-1000.0, binary Opcode.LogAddExp -1000.0 -2000.0)
    Assert.Equal(-infinity, binary Opcode.LogAddExp -infinity -infinity)
    Assert.Equal(infinity, binary Opcode.LogAddExp infinity -infinity)
    Assert.Equal(3.0, binary Opcode.LogAddExp 3.0 -infinity)
    Assert.True(Double.IsNaN(binary Opcode.LogAddExp nan 1.0))

[<Fact>]
let ``maximum and minimum let NaN through and order the zeros, in vectors and what they leave over`` () =
    let values = [ nan; 0.0; -0.0; 1.0; -1.0; infinity; -infinity ]
    let xs, ys = List.allPairs values values |> List.unzip

    for dtype in [ DType.Float32; DType.Float64 ] do
        for isMaximum in [ true; false ] do
            let code = if isMaximum then Opcode.Maximum else Opcode.Minimum
            // All pairs, and each by itself.
            for size in [ xs.Length; 1 ] do
                for xs, ys in List.zip (List.chunkBySize size xs) (List.chunkBySize size ys) do
                    let of' (x: float list) = (vector (Array.ofList x)).AsType dtype
                    let actual = (Elementwise.Apply(code, of' xs, of' ys)).AsType(DType.Float64).ToArray<float>()

                    for x, y, z in List.zip3 xs ys (List.ofArray actual) do
                        let wanted = if isMaximum then Math.Max(x, y) else Math.Min(x, y)
                        let isSame = wanted.Equals z && Double.IsNegative wanted = Double.IsNegative z
                        Assert.True(isSame || Double.IsNaN wanted && Double.IsNaN z, $"{code} of {x} and {y} is {z}")

[<Property>]
let ``remainder has the sign of the divisor, fmod that of the dividend``
    (x: FsCheck.NormalFloat)
    (y: FsCheck.NormalFloat)
    =
    let x, y = x.Get, y.Get
    let floored, truncated = binary Opcode.Remainder x y, binary Opcode.Fmod x y

    y = 0.0
    || (truncated = Math.IEEERemainder(x, y) || Math.Abs truncated < Math.Abs y)
       && (truncated = 0.0 || Math.Sign truncated = Math.Sign x)
       && (floored = 0.0 || Math.Sign floored = Math.Sign y)
       && (floored = truncated || floored = truncated + y)

let private integer code (x: int64) (y: int64) =
    (Elementwise.Apply(code, NDArray.Scalar x, NDArray.Scalar y).ToArray<int64>())[0]

let private integer32 code (x: int) (y: int) =
    (Elementwise.Apply(code, NDArray.Scalar x, NDArray.Scalar y).ToArray<int>())[0]

[<Property>]
let ``integer arithmetic is that of dotnet`` (x: int) (y: int) =
    let wide = integer Opcode.Mul (int64 x) (int64 y)

    wide = int64 x * int64 y
    && integer32 Opcode.Add x y = x + y
    && integer32 Opcode.Sub x y = x - y
    && integer32 Opcode.Mul x y = x * y
    && integer32 Opcode.Maximum x y = max x y
    && integer32 Opcode.Minimum x y = min x y
    && (y = 0
        || integer32 Opcode.Div x y = x / y
           && integer32 Opcode.Fmod x y = x % y
           && integer32 Opcode.Remainder x y = ((x % y) + y) % y
           && integer Opcode.Remainder (int64 x) (int64 y) = int64 (((x % y) + y) % y))

[<Fact>]
let ``integers wrap around, and division by zero throws`` () =
    Assert.Equal(Int32.MinValue, integer32 Opcode.Div Int32.MinValue -1)
    Assert.Equal(0L, integer Opcode.Remainder Int64.MinValue -1L)
    Assert.Equal(Int32.MinValue, (Elementwise.Apply(Opcode.Abs, NDArray.Scalar Int32.MinValue).ToArray<int>())[0])

    for code in [ Opcode.Div; Opcode.Remainder; Opcode.Fmod ] do
        Assert.Throws<DivideByZeroException>(fun () -> integer32 code 5 0 |> ignore) |> ignore
        Assert.Throws<DivideByZeroException>(fun () -> integer code 5L 0L |> ignore) |> ignore

[<Fact>]
let ``integer powers square their way up, and negative ones truncate`` () =
    Assert.Equal(1024, integer32 Opcode.Pow 2 10)
    Assert.Equal(-243L, integer Opcode.Pow -3L 5L)
    Assert.Equal(1, integer32 Opcode.Pow 0 0)
    Assert.Equal(0, integer32 Opcode.Pow 5 -1)
    Assert.Equal(-1, integer32 Opcode.Pow -1 -3)
    Assert.Equal(1, integer32 Opcode.Pow -1 -4)
    Assert.Throws<DivideByZeroException>(fun () -> integer32 Opcode.Pow 0 -1 |> ignore) |> ignore

[<Fact>]
let ``truth values obey their tables`` () =
    let a, b = vector [| false; false; true; true |], vector [| false; true; false; true |]
    let is code expected = Assert.Equal<bool[]>(expected, Elementwise.Apply(code, a, b).ToArray<bool>())
    is Opcode.And [| false; false; false; true |]
    is Opcode.Or [| false; true; true; true |]
    is Opcode.Xor [| false; true; true; false |]
    is Opcode.Less [| false; true; false; false |]
    is Opcode.LessEqual [| true; true; false; true |]
    is Opcode.Equal [| true; false; false; true |]
    is Opcode.NotEqual [| false; true; true; false |]
    Assert.Equal<bool[]>([| true; true; false; false |], Elementwise.Apply(Opcode.Not, a).ToArray<bool>())

[<Fact>]
let ``comparisons are those of IEEE, and NaN is equal to nothing`` () =
    let xs, ys = Array.allPairs floats floats |> Array.unzip

    let check (a: NDArray) (b: NDArray) (xs: float[]) (ys: float[]) =
        let is code relation =
            Assert.Equal<bool[]>(Array.map2 relation xs ys, Elementwise.Apply(code, a, b).ToArray<bool>())

        is Opcode.Less (fun x y -> x < y)
        is Opcode.LessEqual (fun x y -> x <= y)
        is Opcode.Equal (fun x y -> x = y)
        is Opcode.NotEqual (fun x y -> x <> y)

    check (vector xs) (vector ys) xs ys
    let xs32, ys32 = Array.map float32 xs, Array.map float32 ys
    check (vector xs32) (vector ys32) (Array.map float xs32) (Array.map float ys32)
    let finite = Array.map Double.IsFinite xs
    Assert.Equal<bool[]>(finite, Elementwise.Apply(Opcode.IsFinite, vector xs).ToArray<bool>())
    Assert.Equal<bool[]>(Array.map Double.IsNaN xs, Elementwise.Apply(Opcode.IsNaN, vector xs32).ToArray<bool>())

[<Property>]
let ``integers compare as dotnet's do`` (pairs: (int64 * int64)[]) =
    let xs, ys = Array.unzip pairs

    let agrees code relation = Elementwise.Apply(code, vector xs, vector ys).ToArray<bool>() = Array.map2 relation xs ys

    agrees Opcode.Less (<)
    && agrees Opcode.LessEqual (<=)
    && agrees Opcode.Equal (=)
    && agrees Opcode.NotEqual (<>)

[<Property>]
let ``select chooses element by element`` (choices: (bool * float * int)[]) =
    let condition, a, n = Array.unzip3 choices
    let b = Array.map float n
    let chosen = Elementwise.Select(vector condition, vector a, vector b)

    let narrow =
        Elementwise.Select(vector condition, vector (Array.map float32 a), vector (Array.map float32 b))

    let expected = Array.map3 (fun c x y -> if c then x else y) condition a b
    bits chosen = bits (vector expected) && bits narrow = bits (vector (Array.map float32 expected))

[<Fact>]
let ``casts truncate, saturate, and keep low bits`` () =
    let cast (x: NDArray) (dtype: DType) = Elementwise.Cast(x, dtype)
    let xs = vector [| 1.9; -1.9; nan; infinity; -infinity; 3e9; 0.0; -0.0; 1e300 |]

    Assert.Equal<int[]>(
        [| 1; -1; 0; Int32.MaxValue; Int32.MinValue; Int32.MaxValue; 0; 0; Int32.MaxValue |],
        (cast xs DType.Int32).ToArray<int>()
    )

    Assert.Equal<int64[]>(
        [| 1L; -1L; 0L; Int64.MaxValue; Int64.MinValue; 3000000000L; 0L; 0L; Int64.MaxValue |],
        (cast xs DType.Int64).ToArray<int64>()
    )

    Assert.Equal<bool[]>(
        [| true; true; true; true; true; true; false; false; true |],
        (cast xs DType.Bool).ToArray<bool>()
    )

    Assert.Equal<int[]>([| 5; -1 |], (cast (vector [| 0x100000005L; -1L |]) DType.Int32).ToArray<int>())
    Assert.Equal<float[]>([| 1.0; 0.0 |], (cast (vector [| true; false |]) DType.Float64).ToArray<float>())
    let wide = Array.init 37 (fun i -> 0.1 * float i)
    Assert.Equal<float32[]>(Array.map float32 wide, (cast (vector wide) DType.Float32).ToArray<float32>())
    let narrow = Array.map float32 wide
    Assert.Equal<float[]>(Array.map float narrow, (cast (vector narrow) DType.Float64).ToArray<float>())

let private refuses<'E when 'E :> exn> (f: unit -> NDArray) = Assert.ThrowsAny<'E>(fun () -> f () |> ignore) |> ignore

[<Fact>]
let ``operands that do not fit are refused`` () =
    refuses<DTypeException>(fun () -> Elementwise.Apply(Opcode.Exp, vector [| 1; 2 |]))
    refuses<DTypeException>(fun () -> Elementwise.Apply(Opcode.And, vector [| 1 |], vector [| 2 |]))
    refuses<DTypeException>(fun () -> Elementwise.Apply(Opcode.Neg, vector [| true |]))
    refuses<DTypeException>(fun () -> Elementwise.Apply(Opcode.Add, vector [| 1 |], vector [| 2.0 |]))
    refuses<DTypeException>(fun () -> Elementwise.Select(vector [| 1 |], vector [| 1 |], vector [| 2 |]))
    refuses<ShapeException>(fun () -> Elementwise.Apply(Opcode.Add, vector [| 1 |], vector [| 2; 3 |]))
    refuses<ArgumentException>(fun () -> Elementwise.Apply(Opcode.Add, vector [| 1 |]))
