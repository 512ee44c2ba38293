/// Small arrays for tests, and their elements as bits.
module Autodiff.Properties.Kernel.Elements

open System
open Autodiff
open Autodiff.Kernel

let shapeOf (sizes: int list) = Shape.Create(ReadOnlySpan<int>(List.toArray sizes))

/// A vector that takes the array as its elements.
let vector (data: 'T[]) = NDArray.Own(data, shapeOf [ data.Length ])

let private bits32 x =
    if Single.IsNaN x then
        Int64.MaxValue
    else
        int64 (BitConverter.SingleToInt32Bits x)

let private bits64 (x: float) = if Double.IsNaN x then Int64.MaxValue else BitConverter.DoubleToInt64Bits x

/// All elements of a buffer as bit patterns; all NaN are the same.
let private patterns (view: View) =
    match view.DType with
    | DType.Float32 -> Array.map bits32 (view.Storage.Span<float32>().ToArray())
    | DType.Float64 -> Array.map bits64 (view.Storage.Span<float>().ToArray())
    | DType.Int32 -> Array.map int64 (view.Storage.Span<int>().ToArray())
    | DType.Int64 -> view.Storage.Span<int64>().ToArray()
    | _ -> Array.map int64 (view.Storage.Span<byte>().ToArray())

/// The elements of a view in row-major order, as bit patterns.
let bitsOf (view: View) =
    let along starts (size, stride) =
        [|
            for start in starts do
                for i in 0 .. size - 1 -> start + i * stride
        |]

    let positions =
        Array.zip (view.Shape.ToArray()) view.Layout.Strides |> Array.fold along [| view.Layout.Offset |]

    let all = patterns view
    positions |> Array.map (fun position -> all[position])
