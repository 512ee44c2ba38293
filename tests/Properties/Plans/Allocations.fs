/// Runs into the caller's memory allocate nothing once they are warm, whatever the instructions.
module Autodiff.Properties.Plans.Allocations

open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

let private rows, columns = 6, 6

let private place (dtype: DType) size : ResultBuffer =
    match dtype with
    | DType.Float32 -> ResultBuffer.op_Implicit (Array.zeroCreate<float32> size)
    | DType.Float64 -> ResultBuffer.op_Implicit (Array.zeroCreate<float> size)
    | DType.Int32 -> ResultBuffer.op_Implicit (Array.zeroCreate<int> size)
    | DType.Int64 -> ResultBuffer.op_Implicit (Array.zeroCreate<int64> size)
    | _ -> ResultBuffer.op_Implicit (Array.zeroCreate<bool> size)

/// The bytes that ten warm runs allocate on this thread.
let private allocated (inputs: Node list) (outputs: Node list) (values: NDArray[]) =
    let f = compile inputs outputs
    let places = outputs |> List.map (fun y -> place y.DType y.Shape.Size) |> Array.ofList

    for _ in 1..40 do
        f.RunInto(values, places)

    let before = System.GC.GetAllocatedBytesForCurrentThread()

    for _ in 1..10 do
        f.RunInto(values, places)

    System.GC.GetAllocatedBytesForCurrentThread() - before

/// The least of a few measurements: a collection meanwhile may empty a pool.
let private steady inputs outputs values = Seq.init 4 (fun _ -> allocated inputs outputs values) |> Seq.tryFind ((=) 0L)

[<Theory>]
[<InlineData(DType.Float32)>]
[<InlineData(DType.Float64)>]
let ``factorisations and systems`` (dtype: DType) =
    for f in MatrixFunctions.all do
        let value = MatrixFunctions.batch f dtype 3 [| 5 |] rows columns
        let x = input "x" [ 5; rows; columns ] dtype
        Assert.True((steady [ x ] [ f.Apply x ] [| value |]).IsSome, f.Name)

let private instructions: (string * (Node -> Node)) list =
    [
        "cumsum", cumsum 0
        "cumsum along rows", cumsum 1
        "cumprod", cumprod 1
        "cummax", cummax 1
        "recurrence", (fun x -> recurrence 0 (cos x) x)
        "logCumSumExp", logCumSumExp 1
        "argsort", argsort 1
        "argsort of columns", argsort 0
        "sort", sort 0
        "amax", amax [ 1 ]
        "argmax", argmax 0
        "softmax", softmax 1
        "einsum", (fun x -> einsum "ij,kj->ik" [ x; x ])
        "diagonal", (fun x -> diagEmbed (x * 2.0))
        "transpose", transpose
        "concat", (fun x -> concat 1 [ x; x * 2.0 ])
        "pad", pad [ struct (1, 2); struct (0, 1) ]
        "gather", (fun x -> takeAlongAxis 1 (argsort 1 x) x)
        "lgamma", lgamma
    ]

[<Fact>]
let ``scans, sorts, reductions, products and movements`` () =
    let value = MatrixFunctions.batch MatrixFunctions.all.Head DType.Float64 3 [||] rows columns

    for name, apply in instructions do
        let x = input "x" [ rows; columns ] DType.Float64
        Assert.True((steady [ x ] [ apply (x + 0.5) ] [| value |]).IsSome, name)

[<Fact>]
let ``draws of all kinds`` () =
    let keys = input "keys" [ 4 ] DType.Int64
    let values = [| NDArray.Create [| 1L; 2L; 3L; 4L |] |]
    let backwards = flip [ 0 ] keys

    for name, drawn in
        [
            "uniform", Random.uniform keys [ 50 ]
            "normal", Random.normal backwards [ 50 ]
            "bits", Random.bits keys [ 50 ]
            "integers", Random.integers keys 0L 10L [ 50 ]
            "permutation", Random.permutation keys 20
            "split", Random.split backwards 3
            "foldIn", Random.foldIn backwards (keys * keys)
            "gamma", Random.gamma backwards (broadcastTo [ 4; 5 ] (scalar 2.5))
        ] do
        Assert.True((steady [ keys ] [ drawn ] values).IsSome, name)
