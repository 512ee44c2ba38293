/// Loops on several threads: the bits of one thread, whatever the layouts.
module Autodiff.Properties.Kernel.LoopThreadTests

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Bodies
open Autodiff.Properties.Kernel.Elements
open FsCheck.Xunit
open Xunit

/// Shapes whose loops are divided along the first, an inner or the only axis.
let private largeShapes =
    [
        [ 60000 ]
        [ 100003 ]
        [ 3; 20011 ]
        [ 2; 5; 7001 ]
        [ 300; 301 ]
        [ 20011; 3 ]
        [ 1; 40; 50; 33 ]
        [ 4; 1; 16400 ]
        [ 6; 90; 111 ]
    ]

let private withThreads threads (run: unit -> View[]) =
    use _ = ComputeThreads.Use threads
    run () |> Array.map bitsOf

let private sameForAnyThreads run =
    let alone = withThreads 1 run
    [ 2; 3; 5 ] |> List.forall (fun threads -> withThreads threads run = alone)

[<Property(MaxTest = 40)>]
let ``a loop has the same bits for any number of threads`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let shape = shapeOf largeShapes[random.Next largeShapes.Length]
    let body = randomBody random
    let inputs = [| for dtype in body.Inputs.ToArray() -> randomView random dtype shape |]
    let layoutSeed = random.Next()

    sameForAnyThreads (fun () ->
        let random = Random layoutSeed
        let outputs = [| for r in body.Outputs.ToArray() -> outputView random (body.TypeOf r) shape |]
        FusedLoop.Run(body, ReadOnlySpan inputs, ReadOnlySpan outputs)
        outputs)

[<Property(MaxTest = 60)>]
let ``a loop that ends in a reduction has the same bits for any number of threads`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let shape = shapeOf largeShapes[random.Next largeShapes.Length]
    let body = randomBody random |> if random.Next 2 = 0 then id else storingLast
    let last = body.TypeOf(Seq.last (body.Outputs.ToArray()))
    let axes = [| 0 .. shape.Rank - 1 |]
    random.Shuffle axes
    let keptRank = random.Next shape.Rank
    let kinds = [| ReductionKind.Sum; ReductionKind.Max; ReductionKind.Min |]
    let source = (Layout.Contiguous shape).Permute(ReadOnlySpan axes)
    let plan = ReductionPlan(body, shape, kinds[random.Next 3], source, keptRank)

    last = DType.Bool
    || plan.Loop.RunLength = 0
    || (let inputs = [| for dtype in body.Inputs.ToArray() -> randomView random dtype shape |]
        let kept = Shape.Create(source.Shape.AsSpan().Slice(0, keptRank))

        sameForAnyThreads (fun () ->
            let stored = body.Outputs.ToArray()[.. body.Outputs.Length - 2]

            let outputs =
                [|
                    for r in stored do
                        View.Of(allocate (body.TypeOf r) shape)

                    View.Of(allocate last kept)
                |]

            runLoop (FusedReduction(plan, ReadOnlySpan inputs, ReadOnlySpan outputs)) inputs outputs
            outputs))

/// Four results, and a fifth that may be summed.
let private several (dtype: DType) =
    let op code a b = LoopOp(code, dtype, a, b)
    body [ dtype; dtype ] [ op Opcode.Tanh 0 0; op Opcode.Mul 2 1; op Opcode.Sub 3 0; op Opcode.Add 4 2 ] [ 2; 3; 4; 5 ]

/// Elements from one on, not at the boundary of a line.
let private part (array: NDArray) (first: int) (count: int) =
    (View.Of array).With(Layout.Strided(shapeOf [ count ], [| 1 |], first))

/// More than the caches hold, of which no part is too large for them.
let private elementsPast (dtype: DType) = (32 <<< 20) / (4 * DTypes.Size dtype) + 1003

[<Theory>]
[<InlineData(DType.Float32)>]
[<InlineData(DType.Float64)>]
let ``results written past the caches have the bits of those in parts`` (dtype: DType) =
    let random, n, body = Random 8, elementsPast dtype, several dtype
    let inputs = [| for _ in 1..2 -> fill random (allocate dtype (shapeOf [ n + 3 ])) |]
    let make () = [| for i in 0..3 -> allocate dtype (shapeOf [ n + i ]) |]
    let whole, parts = make (), make ()

    let run first count (outputs: NDArray[]) =
        let views shift arrays = arrays |> Array.mapi (fun i array -> part array (first + shift i) count)
        run body (views (fun i -> i + 1) inputs) (views id outputs)

    run 0 n whole
    run 0 (n / 3) parts
    run (n / 3) (n - n / 3) parts
    Assert.True((Array.map (View.Of >> bitsOf) whole = Array.map (View.Of >> bitsOf) parts))

[<Theory>]
[<InlineData(DType.Float32)>]
[<InlineData(DType.Float64)>]
let ``results written past the caches beside a sum have the bits of a loop without it`` (dtype: DType) =
    let random, n, body = Random 9, elementsPast dtype, storingLast (several dtype)
    let shape = shapeOf [ n ]
    let inputs = [| for _ in 1..2 -> View.Of(fill random (allocate dtype shape)) |]
    let plan = ReductionPlan(body, shape, ReductionKind.Sum, Layout.Contiguous shape, 0)
    let stored () = [| for _ in 0..3 -> View.Of(allocate dtype shape) |]
    let apart, sum = stored (), View.Of(allocate dtype (shapeOf []))
    run (several dtype) inputs apart
    Reduction.Run(ReductionKind.Sum, apart[3], 0, sum)
    let expected = Array.map bitsOf [| yield! apart; sum |]

    for threads in [ 1; 3 ] do
        let outputs = [| yield! stored (); View.Of(allocate dtype (shapeOf [])) |]
        use _ = ComputeThreads.Use threads
        runLoop (FusedReduction(plan, ReadOnlySpan inputs, ReadOnlySpan outputs)) inputs outputs
        Assert.True((Array.map bitsOf outputs = expected))
