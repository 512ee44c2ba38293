namespace Autodiff.FSharp

open Autodiff
open Autodiff.Kernel

/// What a key draws: values that depend on it and on their position alone.
[<RequireQualifiedAccess>]
type Draw =
    /// Whole numbers (Int32) of which every bit is random.
    | Bits
    /// Fractions from 0 up to 1.
    | Uniform of dtype: DType
    /// Numbers with mean 0 and deviation 1.
    | Normal of dtype: DType
    /// Whole numbers (Int64) from low up to high.
    | Integers of low: int64 * high: int64
    /// The whole numbers (Int64) from 0 on in random order.
    | Permutation
    /// Keys (Int64) that are independent of each other.
    | Split

    /// The element type of what is drawn.
    member draw.DType =
        match draw with
        | Bits -> DType.Int32
        | Uniform dtype
        | Normal dtype -> dtype
        | Integers _
        | Permutation
        | Split -> DType.Int64

    /// The kernel's name of this draw.
    member internal draw.Kernel: KeyedDraw =
        match draw with
        | Bits -> KeyedDraw DrawKind.Bits
        | Uniform _ -> KeyedDraw DrawKind.Uniform
        | Normal _ -> KeyedDraw DrawKind.Normal
        | Integers(low, high) -> KeyedDraw(DrawKind.Integers, low, high)
        | Permutation -> KeyedDraw DrawKind.Permutation
        | Split -> KeyedDraw DrawKind.Split

    override draw.ToString() =
        match draw with
        | Bits -> "bits"
        | Uniform dtype -> $"uniform {dtype}"
        | Normal dtype -> $"normal {dtype}"
        | Integers(low, high) -> $"integers {low} {high}"
        | Permutation -> "permutation"
        | Split -> "split"

/// What a key makes of values: one element for each of theirs.
[<RequireQualifiedAccess>]
type KeyedMap =
    /// The keys (Int64) that belong to whole numbers.
    | FoldIn
    /// The logarithms of numbers of gamma distributions, whose shapes the values are.
    | LogGamma

    override map.ToString() =
        match map with
        | FoldIn -> "foldIn"
        | LogGamma -> "logGamma"
