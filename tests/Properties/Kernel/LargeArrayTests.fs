module Autodiff.Properties.Kernel.LargeArrayTests

#nowarn "9" // addresses

open System
open Microsoft.FSharp.NativeInterop
open Xunit
open FsCheck.FSharp
open FsCheck.Xunit
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Strided

let private address (array: NDArray) =
    use start = fixed (Storage.Of array).Span<byte>()
    NativePtr.toNativeInt start

/// Sizes about the one from which on arrays do not move.
let private sizes = Gen.oneof [ Gen.choose (1, 40); Gen.choose (9_000, 23_000) ]

[<Property(MaxTest = 100)>]
let ``large arrays begin on the boundary of a cache line, and hold what they were made of`` () =
    let case =
        Gen.zip sizes (Gen.elements [ DType.Float32; DType.Float64; DType.Int32; DType.Int64; DType.Bool ])

    forAll case (fun (size, dtype) ->
        let elements = Array.init size (fun i -> float (i % 3))
        let array = NDArray.Create(elements).AsType dtype
        let expected = if dtype = DType.Bool then Array.map (min 1.0) elements else elements
        let zeros = NDArray.Zeros([| size |], dtype)
        let isLarge = size * dtype.Size() >= 85_000 && dtype <> DType.Bool

        (not isLarge || (address array % 64n = 0n && address zeros % 64n = 0n))
        && array.AsType(DType.Float64).ToArray<float>() = expected
        && array.Length = size
        && zeros.AsType(DType.Float64).ToArray<float>() = Array.zeroCreate size)

[<Fact>]
let ``copies of elements that do not fill the shape are errors`` () =
    let found =
        Assert.Throws<ShapeException>(fun () -> NDArray.From(ReadOnlySpan [| 1.0; 2.0 |], [| 3 |]) |> ignore)

    Assert.Contains("2 elements do not fill shape [3]", found.Message)
