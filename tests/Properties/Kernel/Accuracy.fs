/// How far the results of functions are from the exact ones.
module Autodiff.Properties.Kernel.Accuracy

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Elements
open Xunit

let apply32 code (xs: float32[]) = Elementwise.Apply(code, vector xs).ToArray<float32>()

let apply64 code (xs: float[]) = Elementwise.Apply(code, vector xs).ToArray<float>()

/// The distance of neighbouring floats at a magnitude, also among the subnormals.
let ulp32 (x: float) = Math.ScaleB(1.0, max (Math.ILogB x - 23) -149)

let ulp64 (x: float) = Math.ScaleB(1.0, max (Math.ILogB x - 52) -1074)

/// Whether y stands for the exact value within a number of ulp; infinities, zeros and NaN must be the same.
let isWithin bound (ulp: float -> float) (largest: float) (exact: float) (y: float) =
    if Double.IsNaN exact then
        Double.IsNaN y
    elif Math.Abs exact > largest then
        Math.Abs y >= largest && Math.Sign y = Math.Sign exact
    elif exact = 0.0 then
        BitConverter.DoubleToInt64Bits y = BitConverter.DoubleToInt64Bits exact
    else
        Math.Abs(y - exact) <= bound * ulp exact

let log10Uniform (random: Random) low high = Math.Pow(10.0, low + (high - low) * random.NextDouble())

let uniform (random: Random) low high = low + (high - low) * random.NextDouble()

let signed (random: Random) (x: float) = if random.Next 2 = 0 then x else -x

/// Some thousand arguments of a function of double: over its range, around its centre, and tiny.
let arguments low high centre =
    let random = Random 7
    let tiny () = signed random (log10Uniform random -300.0 -1.0)

    [|
        for _ in 1..1500 do
            uniform random low high
            uniform random -centre centre
            if low < 0.0 then tiny () else Math.Abs(tiny ())
    |]

let isDoublyExact bound (exact: float -> DoubleDouble.DD) code xs =
    for x, y in Array.zip xs (apply64 code xs) do
        let e = exact x
        let miss = Math.Abs((y - e.Hi) - e.Lo) / ulp64 e.Hi
        Assert.True(miss <= bound, $"{code} {x:R} gave {y:R}, off by {miss} ulp")
