/// Runs of one compiled function from many threads, and runs that are ended.
module Autodiff.Properties.Plans.Runs

open System
open System.Threading
open System.Threading.Tasks
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

let private size = 40

/// Loops, products, reductions over temporaries of several sizes.
let private network () =
    let x = input "x" [ size; size ] DType.Float64
    let h = tanh (x *@ x)
    let y = softmax -1 (h *@ sin x) + sum [ 0 ] h
    compile [ x ] [ y; derivative (sum [] (square y)) x ]

let private inputOf (k: int) = (RandomSource k).Normal [| size; size |]

[<Fact>]
let ``runs at the same time give what each gives alone`` () =
    let f = network ()
    let expected = Array.init 8 (fun k -> f.Run [ inputOf k ])

    Parallel.For(
        0,
        200,
        ParallelOptions(MaxDegreeOfParallelism = 8),
        fun i ->
            let k = i % 8

            let actual =
                if i % 2 = 0 then
                    f.Run [ inputOf k ]
                else
                    let places = Array.init 2 (fun _ -> Array.zeroCreate<float>(size * size))
                    f.RunInto([| inputOf k |], places |> Array.map (fun place -> ResultBuffer.op_Implicit place))
                    places |> Array.map (fun place -> NDArray.Create(place, size, size))

            for e, a in Seq.zip expected[k] actual do
                Assert.True(a.IsSameAs(e, true))
    )
    |> ignore

/// A function in the midst of which a token is cancelled.
let private cancelling (source: CancellationTokenSource) =
    let cancel =
        OpaqueFunction(
            "cancel",
            (fun shapes -> shapes[0]),
            (fun values ->
                source.Cancel()
                values[0])
        )

    let x = input "x" [ size; size ] DType.Float64
    compile [ x ] [ sum [] (tanh (opaque cancel [ x *@ x ]) *@ x) ]

[<Fact>]
let ``a run ends between two steps when its token is cancelled, and the function stays usable`` () =
    let value = inputOf 1

    let ended (run: CompiledFunction -> CancellationToken -> unit) =
        use source = new CancellationTokenSource()
        let f = cancelling source
        let expected = f.Run [ value ]
        use again = new CancellationTokenSource()
        let g = cancelling again
        Assert.Throws<OperationCanceledException>(fun () -> run g again.Token) |> ignore
        let after = g.Run [ value ]
        Assert.True(after[0].IsSameAs(expected[0], true))

    let place = Array.zeroCreate<float> 1
    ended (fun f token -> f.Run([| value |], token) |> ignore)
    ended (fun f token -> f.RunInto([| value |], [| ResultBuffer.op_Implicit place |], token))
    ended (fun f token -> f.RunInto([| value |], place.AsSpan(), token))

[<Fact>]
let ``a token that is cancelled already ends the run at once`` () =
    let f = network ()
    Assert.Throws<OperationCanceledException>(fun () -> f.Run([| inputOf 1 |], CancellationToken true) |> ignore)

[<Fact>]
let ``runs with temporaries into given results allocate nothing`` () =
    let f = network ()
    let values = [| inputOf 3 |]
    let places = Array.init 2 (fun _ -> ResultBuffer.op_Implicit (Array.zeroCreate<float>(size * size)))

    for _ in 1..60 do
        f.RunInto(values, places)

    let before = GC.GetAllocatedBytesForCurrentThread()

    for _ in 1..10 do
        f.RunInto(values, places)

    Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread())

[<Fact>]
let ``a chain of loops runs in the memory of its result`` () =
    let x = input "x" [ 1000 ] DType.Float64
    // More operations than one loop has.
    let f = compile [ x ] [ Seq.fold (fun h _ -> sin h) x [ 1..500 ] ]
    Assert.True(f.Explain().Split('\n').Length > 3)
    Assert.Equal(8000L, f.PeakBytes)
    // What is read again stays.
    let g = compile [ x ] [ cumsum 0 (sin x) + sin x ]
    Assert.InRange(g.PeakBytes, 16000L, 16000L + 64L)

[<Fact>]
let ``what a size takes is told before the run`` () =
    let x = input "x" [ -1; 3 ] DType.Float64
    let w = input "w" [ 3; 5 ] DType.Float64
    let f = compile [ x; w ] [ tanh (x *@ w) ]
    let error = Assert.Throws<InvalidOperationException>(fun () -> f.PeakBytes |> ignore)
    Assert.Contains("ForSize", error.Message)
    let seven = f.ForSize 7
    Assert.Equal(7L * 5L * 8L, seven.PeakBytes)
    Assert.True(seven.Flops >= 2L * 7L * 3L * 5L)
    Assert.Contains("[7,3]", seven.Explain())
    let values = [ NDArray.Ones(7, 3); NDArray.Ones(3, 5) ]
    let expected, actual = f.Run values, seven.Run values
    Assert.True(actual[0].IsSameAs(expected[0], true))

    Assert.Throws<ShapeException>(fun () -> seven.Run [ NDArray.Ones(6, 3); NDArray.Ones(3, 5) ] |> ignore)
    |> ignore

    Assert.Throws<ShapeException>(fun () -> f.ForSize -2 |> ignore) |> ignore
    Assert.Same(seven, seven.ForSize 3)
