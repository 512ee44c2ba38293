/// Loops on several threads: the bits of one thread, whatever the layouts.
module Autodiff.Properties.Kernel.LoopThreadTests

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Bodies
open Autodiff.Properties.Kernel.Elements
open FsCheck.Xunit

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
    ]

let private withThreads threads (run: unit -> View[]) =
    use _ = ComputeThreads.Use threads
    run () |> Array.map bitsOf

let private sameForAnyThreads run =
    let alone = withThreads 1 run
    [ 2; 3; 5 ] |> List.forall (fun threads -> withThreads threads run = alone)

[<Property(MaxTest = 40)>]
let ``a loop has the same bits for any number of threads`` (seed: int) =
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
let ``a loop that ends in a reduction has the same bits for any number of threads`` (seed: int) =
    let random = Random seed
    let shape = shapeOf largeShapes[random.Next largeShapes.Length]
    let body = randomBody random
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

            FusedReduction.Run(plan, ReadOnlySpan inputs, ReadOnlySpan outputs)
            outputs))
