/// Whole numbers and truth values: casts between all types, and every function of two arguments over all pairs of types.
module Autodiff.Properties.Graph.WholeNumbers

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

let private types = [ DType.Float32; DType.Float64; DType.Int32; DType.Int64; DType.Bool ]
let private isFloat dtype = dtype = DType.Float32 || dtype = DType.Float64

/// Values that every type but Bool holds, without 0 where they divide.
let private left = [ -7L; -3L; -1L; 0L; 1L; 2L; 5L; 12L ]
let private right = [ 3L; -2L; 1L; 5L; -4L; 2L; 2L; -5L ]

/// The numbers that a type makes of whole ones.
let private held (dtype: DType) (x: int64) = if dtype = DType.Bool then (if x <> 0L then 1L else 0L) else x

let private ofType (dtype: DType) (values: int64 list) : Node =
    constant (NDArray.Create(Array.ofList values).AsType dtype)

/// NumPy's table, but that whole numbers take the type of the floats they meet.
let private met a b =
    match a, b with
    | a, b when a = b -> a
    | DType.Float64, _
    | _, DType.Float64 -> DType.Float64
    | DType.Float32, _
    | _, DType.Float32 -> DType.Float32
    | DType.Bool, other
    | other, DType.Bool -> other
    | _ -> DType.Int64

/// Truth values count as Int64 where they are numbers.
let private number dtype = if dtype = DType.Bool then DType.Int64 else dtype

let private modulo (x: int64) (y: int64) = ((x % y) + y) % y

/// Functions with whole values of whole numbers, which are exact in every type.
let private exactFunctions: (string * (Node -> Node -> Node) * (int64 -> int64 -> int64)) list =
    [
        "add", (+), (+)
        "sub", (-), (-)
        "mul", (*), (*)
        "maximum", maximum, max
        "minimum", minimum, min
        "remainder", remainder, modulo
        "fmod", fmod, (%)
        "floorDivide", floorDivide, (fun x y -> (x - modulo x y) / y)
        "squaredDifference", squaredDifference, (fun x y -> (x - y) * (x - y))
    ]

let private comparisons: (string * (Node -> Node -> Node) * (int64 -> int64 -> bool)) list =
    [
        "less", (.<), (<)
        "lessEqual", (.<=), (<=)
        "greater", (.>), (>)
        "greaterEqual", (.>=), (>=)
        "equal", (.=), (=)
        "notEqual", (.<>), (<>)
    ]

/// Functions whose values are fractions: whole numbers and truth values are taken in Float64.
let private realFunctions: (string * (Node -> Node -> Node) * (float -> float -> float)) list =
    [
        "div", (/), (/)
        "atan2", (fun x y -> atan2 x y), (fun x y -> Math.Atan2(x, y))
        "hypot", hypot, (fun x y -> sqrt (x * x + y * y))
        "logAddExp", logAddExp, (fun x y -> max x y + log (1.0 + exp -(abs (x - y))))
    ]

let pairs: TheoryData<DType, DType> =
    TheoryData<DType, DType>(
        [
            for a in types do
                for b in types -> struct (a, b)
        ]
    )

[<Theory; MemberData(nameof pairs)>]
let ``functions of two arguments give NumPy's values in the type that they meet in`` (a: DType) (b: DType) =
    let x, y = ofType a left, ofType b right
    let us, vs = List.map (held a) left, List.map (held b) right

    for name, f, exact in exactFunctions do
        let node = f x y
        let dtype = number (met a b)
        Assert.True((node.DType = dtype), $"{name} of {a} and {b} is {node.DType}")
        Assert.Equal<int64 list>(List.map2 exact us vs, List.ofArray ((eval node).AsType(DType.Int64).ToArray<int64>()))

    for name, f, exact in comparisons do
        let node = f x y
        Assert.True((node.DType = DType.Bool), name)
        Assert.Equal<bool list>(List.map2 exact us vs, List.ofArray ((eval node).ToArray<bool>()))

    for name, f, exact in realFunctions do
        let node = f x y
        let dtype = if isFloat (met a b) then met a b else DType.Float64
        Assert.True((node.DType = dtype), $"{name} of {a} and {b} is {node.DType}")
        let expected = List.map2 (fun u v -> exact (float u) (float v)) us vs
        let relative = if dtype = DType.Float32 then 1e-6 else 1e-14
        let tensor = Tensor.floats dtype [| left.Length |] (Array.ofList expected)
        Close.require name (Close.within relative tensor) (eval node)

[<Theory; MemberData(nameof pairs)>]
let ``powers of whole numbers are exact`` (a: DType) (b: DType) =
    let exponents = [ 3L; 2L; 5L; 0L; 7L; 31L; 1L; 4L ]
    let node = ofType a left ** ofType b exponents
    Assert.Equal(number (met a b), node.DType)
    let power (x: int64) (n: int64) = Seq.fold (fun p _ -> p * x) 1L [ 1L .. n ]
    let expected = List.map2 (fun x n -> power (held a x) (held b n)) left exponents

    let wrapped =
        expected
        |> List.map (fun p ->
            match node.DType with
            | DType.Int32 -> int64 (int32 p)
            | DType.Float32 -> int64 (float32 p)
            | _ -> p)

    Assert.Equal<int64 list>(wrapped, List.ofArray ((eval node).AsType(DType.Int64).ToArray<int64>()))

[<Theory; MemberData(nameof pairs)>]
let ``joins and choices meet in one type`` (a: DType) (b: DType) =
    let x, y = ofType a left, ofType b right
    let joined = concat 0 [ x; y ]
    Assert.Equal(met a b, joined.DType)
    let expected = List.map (held a) left @ List.map (held b) right
    Assert.Equal<int64 list>(expected, List.ofArray ((eval joined).AsType(DType.Int64).ToArray<int64>()))
    let chosen = where (ofType DType.Bool left) x y
    Assert.Equal(met a b, chosen.DType)
    let expected = List.map2 (fun l r -> if l <> 0L then held a l else held b r) left right
    Assert.Equal<int64 list>(expected, List.ofArray ((eval chosen).AsType(DType.Int64).ToArray<int64>()))

/// Numbers at which conversions differ: fractions, ends of the ranges, what is no number.
let private awkward (dtype: DType) : NDArray =
    match dtype with
    | DType.Int32 -> nd [ 0; 1; -1; 7; Int32.MaxValue; Int32.MinValue ]
    | DType.Int64 -> nd [ 0L; 1L; -1L; 1L <<< 31; (1L <<< 32) + 5L; Int64.MaxValue; Int64.MinValue; 9007199254740993L ]
    | DType.Bool -> nd [ true; false ]
    | _ ->
        (nd
            [
                0.0
                -0.0
                1.9
                -1.9
                0.5
                -0.5
                3e9
                -3e9
                1e19
                -1e19
                1e-30
                nan
                infinity
                -infinity
                2147483647.5
                16777217.0
            ])
            .AsType
            dtype

/// A float cut off at the range of a whole type; NaN is 0.
let private saturated (low: float) (high: float) (least: int64) (most: int64) (x: float) =
    if Double.IsNaN x then 0L
    elif x >= high then most
    elif x <= low then least
    else int64 x

let private expectedCast (value: NDArray) (target: DType) : float list =
    let floats = List.ofArray ((value.AsType DType.Float64).ToArray<float>())

    match value.DType, target with
    | (DType.Float32 | DType.Float64), DType.Int32 ->
        floats |> List.map (saturated -2147483648.0 2147483647.0 -2147483648L 2147483647L >> float)
    | (DType.Float32 | DType.Float64), DType.Int64 ->
        floats
        |> List.map (saturated -9223372036854775808.0 9223372036854775808.0 Int64.MinValue Int64.MaxValue >> float)
    | DType.Int64, DType.Int32 -> value.ToArray<int64>() |> List.ofArray |> List.map (fun x -> float (int32 x))
    | DType.Int64, DType.Float32 -> value.ToArray<int64>() |> List.ofArray |> List.map (fun x -> float (float32 x))
    | _, DType.Bool -> floats |> List.map (fun x -> if x = 0.0 then 0.0 else 1.0)
    | _, DType.Float32 -> floats |> List.map (fun x -> float (float32 x))
    | _ -> floats

[<Theory; MemberData(nameof pairs)>]
let ``casts cut off, saturate and count as documented`` (source: DType) (target: DType) =
    let value = awkward source
    let node = cast target (constant value)
    Assert.Equal(target, node.DType)
    let expected = expectedCast value target

    for actual in
        [
            eval node
            value.AsType target
            (compile [ node ] [ node + zerosLike node ]).Run([ eval node ])[0]
        ] do
        let actual = List.ofArray ((actual.AsType DType.Float64).ToArray<float>())
        Assert.Equal<float list>(expected, actual)

[<Fact>]
let ``whole arithmetic wraps around`` () =
    let check (expected: NDArray) (node: Node) =
        Assert.Equal(expected.DType, node.DType)
        Assert.True((eval node).IsSameAs expected, $"{eval node} instead of {expected}")

    let big, small = constant [ Int32.MaxValue; 3 ], constant [ Int32.MinValue; -3 ]
    check (nd [ Int32.MinValue; 4 ]) (big + 1)
    check (nd [ Int32.MaxValue; -4 ]) (small - 1)
    check (nd [ -2; 6 ]) (big * 2)
    check (nd [ Int32.MinValue; 3 ]) (-small)
    check (nd [ Int32.MinValue; 3 ]) (abs small)
    check (nd [ 1; 9 ]) (square big)
    check (nd [ 0; 0 ]) (remainder small (constant -1))
    check (nd [ Int32.MinValue; 3 ]) (floorDivide small (constant -1))
    let long = constant [ Int64.MaxValue; 3L ]
    check (nd [ Int64.MinValue; 4L ]) (long + 1)
    check (nd [ 1L; 9L ]) (long * long)
    check (nd [ -2L; 6L ]) (long * 2L)
    check (nd [ Int32.MaxValue + 3 - Int32.MaxValue - 1 ]) (constant [ 2 ])

[<Fact>]
let ``functions of one whole number`` () =
    for dtype in [ DType.Int32; DType.Int64; DType.Bool ] do
        let x = ofType dtype left
        let us = List.map (held dtype) left

        for name, f, exact in
            [
                "neg", (fun (x: Node) -> -x), (fun (u: int64) -> -u)
                "abs", abs, abs
                "square", square, (fun u -> u * u)
                "signum", signum, (fun u -> int64 (sign u))
                "relu", relu, max 0L
            ] do
            let node = f x
            Assert.True((node.DType = number dtype), $"{name} of {dtype} is {node.DType}")
            Assert.Equal<int64 list>(List.map exact us, List.ofArray ((eval node).AsType(DType.Int64).ToArray<int64>()))

        for f in [ exp; sqrt; tanh; sigmoid; floor; reciprocal ] do
            Assert.Equal(DType.Float64, (f x).DType)

[<Fact>]
let ``division of whole numbers by zero`` () =
    let x = constant [ 1; 0; -1 ]
    Assert.Equal<float[]>([| infinity; nan; -infinity |], (eval (x / 0)).ToArray<float>())
    Assert.Throws<DivideByZeroException>(fun () -> eval (remainder x (constant 0)) |> ignore) |> ignore
    Assert.Throws<DivideByZeroException>(fun () -> eval (fmod x (constant 0)) |> ignore) |> ignore

    Assert.Throws<DivideByZeroException>(fun () -> eval (floorDivide x (constant 0)) |> ignore)
    |> ignore

[<Fact>]
let ``what whole numbers cannot have is refused at the call`` () =
    let n, t = constant [ 1; 2 ], constant [ true; false ]
    let fails (call: unit -> Node) = Assert.Throws<DTypeException>(fun () -> call () |> ignore) |> ignore
    fails (fun () -> derivative n n)
    fails (fun () -> jvp (cast DType.Float64 n) [ n ] [ n ])
    fails (fun () -> derivative (cast DType.Float64 t) t)
    fails (fun () -> where n n n)
    fails (fun () -> logicalAnd n t)
    fails (fun () -> logicalNot n)
    fails (fun () -> take 0 t n)
    fails (fun () -> dropout 0.5 true (Random.key 1L) n)
