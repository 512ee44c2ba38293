/// What a compiled function may be asked for: views, arguments, constants, one node twice; with inner nodes as inputs;
/// from many threads at once.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Plans.Results

open System
open System.Threading
open System.Threading.Tasks
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit

let private x = variable "x" ((NDArray.Arange 12.0).Reshape(3, 4))
let private value = Leaf.start x

let private same (expected: NDArray) (actual: NDArray) =
    Assert.True(actual.IsSameAs(expected, true), $"{actual} instead of {expected}")

[<Fact>]
let ``views are results`` () =
    let f =
        compile
            [ x ]
            [
                transpose x
                reshape [ 2; 6 ] x
                x.[1]
                slice [ Slice.Step -1 ] x
                broadcastTo [ 2; 3; 4 ] x
                diagonal x.[0..2, 0..2]
            ]

    let results = f.Run [ value ]
    same (NDArray.From(Array2D.init 4 3 (fun i j -> float (4 * j + i)))) results[0]
    same (value.Reshape(2, 6)) results[1]
    same (value.Slice(Slice.op_Implicit 1)) results[2]
    same (value.Slice(Slice.Step -1)) results[3]
    same (NDArray.Create(Array.append (value.ToArray<float>()) (value.ToArray<float>()), 2, 3, 4)) results[4]
    same (nd [ 0.0; 5.0; 10.0 ]) results[5]

[<Fact>]
let ``arguments, constants and variables are results`` () =
    let c = constant [ 1.0; 2.0 ]
    let f = compile [ x ] [ x; c; variable "y" 5.0; x; scalar 3.0 ]
    let given = NDArray.Ones(3, 4)
    let results = f.Run [ given ]
    same given results[0]
    same (nd [ 1.0; 2.0 ]) results[1]
    same (nd 5.0) results[2]
    same given results[3]
    same (nd 3.0) results[4]

[<Fact>]
let ``one node twice, and views of one buffer, are results`` () =
    let y = exp x
    let f = compile [ x ] [ y; y; transpose y; reshape [ 12 ] y; y * 2.0 ]
    let results = f.Run [ value ]
    same results[0] results[1]
    same (eval (reshape [ 12 ] y)) results[3]
    same (eval (transpose y)) results[2]

[<Fact>]
let ``a function of nothing, and a function of what it does not read`` () =
    same (nd 6.0) ((compile [] [ scalar 2.0 * scalar 3.0 ]).Run []).[0]
    same (nd 5.0) ((compile [ x ] [ constant 5.0 ]).Run [ value ]).[0]
    Assert.Empty((compile [ x ] []).Run [ value ])

[<Fact>]
let ``inner nodes are inputs`` () =
    let inner = log (x - 100.0)
    let y = inner * 2.0 + 1.0
    let f = compile [ inner ] [ y; inner ]
    let results = f.Run [ NDArray.Ones(3, 4) ]
    same (NDArray.Full([| 3; 4 |], 3.0)) results[0]
    same (NDArray.Ones(3, 4)) results[1]
    same (NDArray.Full([| 3; 4 |], 3.0)) (evalWith [ inner, NDArray.Ones(3, 4) ] y)

[<Fact>]
let ``values are taken in a wider type, never in a narrower one`` () =
    let single = input "i" [ 2 ] DType.Float64
    same (nd [ 2.0; 4.0 ]) ((compile [ single ] [ single * 2.0 ]).Run [ nd [ 1.0f; 2.0f ] ]).[0]
    same (nd [ 2.0; 4.0 ]) (evalWith [ single, nd [ 1; 2 ] ] (single * 2.0))

[<Property(MaxTest = 50)>]
let ``results do not change when the function runs again`` (graph: Graph) =
    let f = compile graph.Variables graph.Outputs
    let starts = graph.Variables |> List.map Leaf.start
    let first = f.Run starts
    let copies = first |> Array.map (fun result -> Tensor.toArray (Tensor.ofArray result))
    f.Run(starts |> List.map (fun start -> start + start)) |> ignore
    Array.iter2 same copies first

[<Property(MaxTest = 50)>]
let ``a run leaves its arguments as they were`` (graph: Graph) =
    let f = compile graph.Variables graph.Outputs
    let starts = graph.Variables |> List.map Leaf.start
    let copies = starts |> List.map (fun start -> Tensor.toArray (Tensor.ofArray start))
    f.Run starts |> ignore
    List.iter2 same copies starts

[<Property(MaxTest = 20)>]
let ``many threads run one function at once`` (graph: Graph) =
    let f = compile graph.Variables (graph.Outputs @ grad graph.Outputs.Head graph.Variables)

    let arguments k =
        graph.Variables
        |> List.map (fun x -> let start = Leaf.start x in (start * (1.0 + float k / 64.0)).AsType start.DType)

    let expected = Array.init 8 (fun k -> f.Run(arguments k))

    Parallel.For(
        0,
        64,
        ParallelOptions(MaxDegreeOfParallelism = 8),
        fun i -> Array.iter2 same expected[i % 8] (f.Run(arguments (i % 8)))
    )
    |> ignore

[<Fact>]
let ``a cancelled run ends`` () =
    use source = new CancellationTokenSource()
    source.Cancel()
    let f = compile [ x ] [ exp x *@ transpose x ]

    Assert.ThrowsAny<OperationCanceledException>(fun () -> f.Run([| value |], source.Token) |> ignore)
    |> ignore

[<Property(MaxTest = 50)>]
let ``a plan explains itself`` (graph: Graph) =
    let f = compile graph.Variables graph.Outputs
    Assert.Contains("instructions", f.Explain())
    Assert.True(f.PeakBytes >= 0L && f.Flops >= 0L)
