/// Unrolled recurrences, whose steps are planned together: the meaning is kept, and fewer steps are left.
[<FsCheck.Xunit.Properties(MaxTest = 60)>]
module Autodiff.Properties.Plans.Stacks

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit

let private array (random: Random) dtype (shape: int list) =
    let size = List.fold (*) 1 shape
    NDArray.Create(Array.init size (fun _ -> random.NextDouble() * 2.0 - 1.0), List.toArray shape).AsType dtype

/// A recurrent network over some steps with one of several cells and losses, and its parameters.
let private network (seed: int) : Node * Node list * int =
    let random = Random seed
    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    let steps, batch, inputs, width, classes = random.Next(3, 8), random.Next(1, 5), random.Next(1, 6), random.Next(1, 6), random.Next(1, 5)
    let leaf name shape = Leaf.variable name (array random dtype shape)
    let w, u, b = leaf "w" [ width; width ], leaf "u" [ inputs; width ], leaf "b" [ width ]
    let v, c = leaf "v" [ width; classes ], leaf "c" [ classes ]
    let cell, criterion = random.Next 3, random.Next 3

    let step (h: Node) (x: Node) =
        let next = matmul x u + matmul h w + b

        match cell with
        | 0 -> tanh next
        | 1 -> sigmoid next * h + next
        | _ -> sin (matmul h (transpose w)) + next

    let loss (h: Node) =
        let logits = matmul h v + c
        let target = Leaf.constant (array random dtype [ batch; classes ])

        match criterion with
        | 0 -> sum [] (softmaxCrossEntropy (softmax -1 target) logits)
        | 1 -> sum [] (square (logits - target))
        | _ -> mean [] (exp (amax [ -1 ] logits) * 0.1)

    let folder (h, total) _ =
        let h = step h (Leaf.constant (array random dtype [ batch; inputs ]))
        h, total + loss h

    let start = Leaf.variable "h" (array random dtype [ batch; width ]), Node.op_Implicit 0.0
    let _, total = List.fold folder start [ 1..steps ]
    total, [ w; u; b; v; c; fst start ], steps

let private programs (inputs: Node list) (outputs: Node list) =
    let inputs, outputs = Array.ofList inputs, Array.ofList outputs
    let emitter = Emitter Rewrite.forEvaluation
    inputs |> Array.iter emitter.Keep
    let simple = outputs |> Array.map (fun output -> emitter.Emit output)
    Lower.run inputs simple, Lower.run inputs (FoldConstants.run inputs (Simplify.run inputs outputs))

let private run (program: Program) (variables: Node list) =
    Executor.Run(program, ReadOnlySpan<NDArray>(variables |> List.map Leaf.start |> Array.ofList))

let private requireAll what expected (actual: NDArray[]) =
    Seq.zip expected actual
    |> Seq.iteri (fun i (e, a) ->
        if Close.isWellConditioned e then
            Close.require $"{what}: {i}" e a)

[<Property>]
let ``steps that are stacked have the values and gradients of the reference`` (seed: int) =
    let loss, parameters, steps = network seed
    let outputs = loss :: grad loss parameters
    let single, stacked = programs parameters outputs
    requireAll $"network {seed}" (Close.expect [] outputs) (run stacked parameters)
    let length = stacked.Instructions.Length
    Assert.True(length + steps <= single.Instructions.Length, $"network {seed}: {length} steps {stacked.Explain()}")

[<Property(MaxTest = 20)>]
let ``Hessian products of stacked steps are those of the reference`` (seed: int) =
    let loss, parameters, _ = network seed
    let outputs = [ hvp loss parameters.Head (cos (onesLike parameters.Head)) ]
    let _, stacked = programs parameters outputs
    requireAll $"network {seed}" (Close.expect [] outputs) (run stacked parameters)

[<Fact>]
let ``weight gradients of a recurrence are one product`` () =
    let w = input "w" [ 4; 4 ] DType.Float32
    let step (h: Node) _ = tanh (matmul h w)
    let loss = sum [] (square (List.fold step (input "h" [ 2; 4 ] DType.Float32) [ 1..8 ]))
    let h = (Traversal.order [ loss ] |> Array.find (fun node -> node.Name = "h"))
    let plan = (compile [| w; h |] [| (grad loss [ w ]).Head |]).Explain()
    Assert.Contains("einsum abc,abd->cd", plan)

[<Fact>]
let ``a recurrence whose stacks were large is left as it is`` () =
    let w = input "w" [ 512; 512 ] DType.Float32
    let h = input "h" [ 64; 512 ] DType.Float32
    let loss = sum [] (square (List.fold (fun h _ -> tanh (matmul h w)) h [ 1..50 ]))
    let outputs = grad loss [ w ]
    let single, planned = programs [ w; h ] outputs
    Assert.Equal(single.PeakBytes, planned.PeakBytes)

[<Fact>]
let ``the parts of a join are computed in their places`` () =
    let x, y = input "x" [ 3; 4 ] DType.Float32, input "y" [ 2; 4 ] DType.Float32
    let plan = compile [| x; y |] [| concat 0 [ exp x; matmul y (transpose x) |> amax [ 1 ] |> expandDims 1 |> broadcastTo [ 2; 4 ]; sin y ] |]
    let values = [| array (Random 1) DType.Float32 [ 3; 4 ]; array (Random 2) DType.Float32 [ 2; 4 ] |]
    let expected = Close.expect [ x, values[0]; y, values[1] ] [ concat 0 [ exp x; matmul y (transpose x) |> amax [ 1 ] |> expandDims 1 |> broadcastTo [ 2; 4 ]; sin y ] ]
    requireAll "join" expected (plan.Run values)
    Assert.Contains("concat of 1", plan.Explain())

[<Fact>]
let ``what depends on constants alone is computed beforehand`` () =
    let x = input "x" [ 2; 3 ] DType.Float64
    let constant = Leaf.constant (array (Random 3) DType.Float64 [ 2; 3 ])
    let y = x + matmul (exp constant) (transpose constant) |> sum []
    let plan = compile [| x |] [| x * exp constant; y |]
    Assert.DoesNotContain("loop of 2", plan.Explain())
    Assert.DoesNotContain("ab,cb", plan.Explain())

[<Fact>]
let ``weights that many steps read across are copied once`` () =
    let w = input "w" [ 64; 64 ] DType.Float32
    let step (h: Node) _ = tanh (matmul h (transpose w))
    let h = input "h" [ 4; 64 ] DType.Float32
    let y = List.fold step h [ 1..12 ]
    let plan = compile [| w; h |] [| y |]
    let values = [| array (Random 4) DType.Float32 [ 64; 64 ]; array (Random 5) DType.Float32 [ 4; 64 ] |]
    requireAll "across" (Close.expect [ w, values[0]; h, values[1] ] [ y ]) (plan.Run values)
    Assert.Contains("copy", plan.Explain())
