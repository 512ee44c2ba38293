/// Results that are written to the caller's memory.
module Autodiff.Properties.Plans.Into

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

let private place (result: NDArray) : ResultBuffer =
    match result.DType with
    | DType.Float32 -> ResultBuffer.FromMemory<float32>(Memory(Array.zeroCreate result.Length))
    | DType.Float64 -> ResultBuffer.FromMemory<float>(Memory(Array.zeroCreate result.Length))
    | DType.Int32 -> ResultBuffer.FromMemory<int>(Memory(Array.zeroCreate result.Length))
    | DType.Int64 -> ResultBuffer.FromMemory<int64>(Memory(Array.zeroCreate result.Length))
    | _ -> ResultBuffer.FromMemory<bool>(Memory(Array.zeroCreate result.Length))

[<Property(MaxTest = 60)>]
let ``what is written is what Run gives, bit for bit`` (FsCheck.DoNotSize(seed: int)) =
    let graph = Graphs.ofSeed DType.Float64 15 (abs (seed % 1_000_000))
    let floats = graph.Outputs |> List.filter (fun node -> node.DType = DType.Float64)
    let f = compile [] (floats @ floats)
    let results = f.Run []
    let memory = results |> Array.map (fun result -> Array.zeroCreate<float> result.Length)
    f.RunInto([||], memory |> Array.map (fun array -> ResultBuffer.op_Implicit array))

    for i in 0 .. results.Length - 1 do
        let expected = results[i].ToArray<float>() |> Array.map BitConverter.DoubleToInt64Bits
        Assert.Equal<int64[]>(expected, memory[i] |> Array.map BitConverter.DoubleToInt64Bits)

[<Fact>]
let ``spans, parts of arrays, inputs that are results`` () =
    let x = input "x" [ 2 ] DType.Float64
    let value = nd [ 1.0; 2.0 ]
    let one = compile [ x ] [ x * 2.0 ]
    let memory = Array.zeroCreate<float> 4
    one.RunInto([| value |], Span<float>(memory, 1, 2))
    Assert.Equal<float[]>([| 0.0; 2.0; 4.0; 0.0 |], memory)
    let two = compile [ x ] [ x; x + 1.0 ]
    let first, second = Array.zeroCreate<float> 2, Array.zeroCreate<float> 2
    two.RunInto([| value |], first.AsSpan(), second.AsSpan())
    Assert.Equal<float[]>([| 1.0; 2.0 |], first)
    Assert.Equal<float[]>([| 2.0; 3.0 |], second)

[<Fact>]
let ``a place that does not fit is refused`` () =
    let x = input "x" [ 2 ] DType.Float64
    let f = compile [ x ] [ x * 2.0 ]
    let value = [| nd [ 1.0; 2.0 ] |]
    let into (buffers: ResultBuffer[]) () = f.RunInto(value, buffers)
    let count = Assert.Throws<ArgumentException>(into [||])
    Assert.Contains("1 results, there are 0 places", count.Message)
    let size = Assert.Throws<ShapeException>(into [| ResultBuffer.op_Implicit [| 0.0 |] |])
    Assert.Contains("[2], 2 elements, the place for it 1", size.Message)
    let dtype = Assert.Throws<DTypeException>(into [| ResultBuffer.op_Implicit [| 0f; 0f |] |])
    Assert.Contains("Float64, the place for it Float32", dtype.Message)

[<Fact>]
let ``a run into the caller's memory allocates nothing`` () =
    let x = input "x" [ 300 ] DType.Float64
    let f = compile [ x ] [ tanh (x * x) + 1.0 ]
    let values = [| NDArray.Ones(300) |]
    let places = [| place values[0] |]

    for _ in 1..50 do
        f.RunInto(values, places)

    let before = GC.GetAllocatedBytesForCurrentThread()

    for _ in 1..10 do
        f.RunInto(values, places)

    Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread())
