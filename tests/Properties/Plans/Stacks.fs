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

    let steps, batch, inputs, width, classes =
        random.Next(3, 8), random.Next(1, 5), random.Next(1, 6), random.Next(1, 6), random.Next(1, 5)

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
    let stacked = Simplify.run (Formula(inputs, outputs))
    Lower.run (Formula(inputs, simple)), Lower.run (FoldConstants.run stacked)

let private run (program: Program) (variables: Node list) =
    Executor.Run(program, ReadOnlySpan<NDArray>(variables |> List.map Leaf.start |> Array.ofList))

let private requireAll what expected (actual: NDArray[]) =
    Seq.zip expected actual
    |> Seq.iteri (fun i (e, a) ->
        if Close.isWellConditioned e then
            Close.require $"{what}: {i}" e a)

[<Property>]
let ``steps that are stacked have the values and gradients of the reference`` (FsCheck.DoNotSize(seed: int)) =
    let loss, parameters, steps = network seed
    let outputs = loss :: grad loss parameters
    let single, stacked = programs parameters outputs
    requireAll $"network {seed}" (Close.expect [] outputs) (run stacked parameters)
    let length = stacked.Instructions.Length
    Assert.True(length + steps <= single.Instructions.Length, $"network {seed}: {length} steps {stacked.Explain()}")

[<Property(MaxTest = 20)>]
let ``Hessian products of stacked steps are those of the reference`` (FsCheck.DoNotSize(seed: int)) =
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
    let plan = (compile [ w; h ] (grad loss [ w ])).Explain()
    Assert.Contains("einsum abc,abd->cd", plan)

[<Fact>]
let ``a recurrence whose stacks were large is left as it is`` () =
    let w = input "w" [ 512; 512 ] DType.Float32
    let h = input "h" [ 64; 512 ] DType.Float32
    let loss = sum [] (square (List.fold (fun h _ -> tanh (matmul h w)) h [ 1..50 ]))
    let outputs = grad loss [ w ]
    let single, planned = programs [ w; h ] outputs
    Assert.Equal(single.PeakBytes, planned.PeakBytes)

/// The plan of the outputs has the values of the reference where the variables are as they start; what it says of itself.
let private explained (variables: Node list) (outputs: Node list) =
    let plan = compile variables outputs
    let values = variables |> List.map Leaf.start |> Array.ofList
    requireAll "plan" (Close.expect [] outputs) (plan.Run values)
    plan.Explain()

let private variables (shapes: int list list) =
    shapes |> List.mapi (fun i shape -> Leaf.variable $"x{i}" (array (Random i) DType.Float32 shape))

[<Property>]
let ``terms of a sum that occur twice count twice`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let x = [ for i in 0..4 -> Leaf.variable $"x{i}" (array random DType.Float64 [ 2; 3 ]) ]
    let w = Leaf.variable "w" (array random DType.Float64 [ 3; 3 ])
    let products = x |> List.map (fun x -> matmul x w)
    let terms = List.init (random.Next(3, 9)) (fun _ -> products[random.Next products.Length])
    let total = List.reduce (+) terms
    explained (w :: x) (total :: grad (sum [] (square total)) (w :: x)) |> ignore

[<Fact>]
let ``the parts of a join are computed in their places`` () =
    let x, y = variable "x" [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ], variable "y" [ [ 0.5; 1.5 ] ]
    let joined = concat 0 [ exp x; matmul y x; sin y; reshape [ 1; 2 ] (amax [ 0 ] x) ]
    Assert.DoesNotContain("concat", explained [ x; y ] [ joined ])
    // What is given, and what has a place already, is copied.
    Assert.Contains("concat of 2", explained [ x; y ] [ concat 0 [ sin y; x; sin y ] ])
    Assert.DoesNotContain("concat of 3", explained [ x; y ] [ concat 1 [ cos x; exp x; concat 1 [ sin x; tan x ] ] ])

[<Fact>]
let ``what depends on constants alone is computed beforehand`` () =
    let x = variable "x" [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ]
    let constant = Leaf.constant (array (Random 3) DType.Float64 [ 2; 2 ])
    let plan = explained [ x ] [ x * exp constant; x + matmul (exp constant) (sin constant) ]
    Assert.Contains("2 instructions", plan)

[<Fact>]
let ``weights that many steps read across are copied once`` () =
    let parameters = variables [ [ 64; 64 ]; [ 4; 64 ] ]
    let step (h: Node) _ = tanh (matmul h (transpose parameters[0]))
    Assert.Contains("copy", explained parameters [ List.fold step parameters[1] [ 1..12 ] ])
    Assert.DoesNotContain("copy", explained parameters [ List.fold step parameters[1] [ 1..1 ] ])
