/// Wide graphs, of many operands, parts or results, are built, differentiated and run in linear time: each of these would
/// take minutes if an operand were looked for among the others.
module Autodiff.Properties.Plans.Breadth

open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

let private many = 100_000

let private numbers = [ for i in 1..many -> variable $"x{i}" (float i) ]

[<Fact>]
let ``a sum of a hundred thousand terms builds, differentiates and runs`` () =
    let total = List.reduce (+) numbers
    Close.requireWithin 1e-15 "value" (nd 5000050000.0) (eval total)
    let gradients = evalMany (grad (square total) (List.take 3 numbers))

    for gradient in gradients do
        Close.requireWithin 1e-15 "gradient" (nd 10000100000.0) gradient

[<Fact>]
let ``a product of a hundred thousand factors builds, differentiates and runs`` () =
    let factor i (x: Node) = x * (1.0 / float (i + 1) + 1e-9)
    let product = numbers |> List.mapi factor |> List.reduce (*)
    let expected = Seq.fold (fun p i -> p * (1.0 + 1e-9 * float i)) 1.0 (seq { 1..many })
    Close.requireWithin 1e-10 "value" (nd expected) (eval product)
    let gradients = evalMany (grad product numbers)

    for i, gradient in Seq.indexed gradients do
        Close.requireWithin 1e-9 $"gradient {i}" (nd (expected / float (i + 1))) gradient

[<Fact>]
let ``a join of a hundred thousand parts gives each its gradient`` () =
    let parts = [ for i in 1..many -> variable $"p{i}" (NDArray.Full([| 1 + i % 3 |], float i)) ]
    let gradients = evalMany (grad (sum [] (square (concat 0 parts))) parts)

    for i, gradient in Seq.indexed gradients do
        Close.requireWithin 1e-15 $"part {i}" (NDArray.Full([| 1 + (i + 1) % 3 |], 2.0 * float (i + 1))) gradient

[<Fact>]
let ``a hundred thousand results are computed together`` () =
    let results = evalMany (numbers |> List.map (fun x -> x - 0.5 * x))

    for i, result in Seq.indexed results do
        Close.requireWithin 1e-15 $"result {i}" (nd (0.5 * float (i + 1))) result

[<Fact>]
let ``what a rule makes is looked at, and not the graph around it at each`` () =
    // The derivative of each step is near 1, and that of the chain is neither.
    let step (y: Node) = y + 1e-4 * sin y
    let slope (y: Node) = 1.0 + 1e-4 * cos y
    let chain (f: Node -> Node) x = Seq.fold (fun y _ -> f y) x (seq { 1..5_000 })
    let x = variable "x" [ 0.3; -0.7 ]
    let plain = chain step x
    let value (inputs: Node list) = step inputs.Head
    let pulled = chain (fun y -> customGradient value (fun y _ c -> [ c * slope y.Head ]) [ y ]) x
    let pushed = chain (fun y -> customTangent value (fun y _ t -> t.Head * slope y.Head) [ y ]) x
    let expected = eval (derivative (sum [] plain) x)
    Close.requireWithin 1e-12 "pushed" expected (eval (derivative (sum [] pushed) x))
    Close.requireWithin 1e-12 "pulled" expected (eval (jvp pulled [ x ] [ onesLike x ]))

[<Fact>]
let ``a rule is asked once for all operands`` () =
    let xs = [ for i in 1..4 -> variable $"x{i}" (float i) ]
    let mutable asked = 0

    let gradientsOf (inputs: Node list) (c: Node) =
        asked <- asked + 1
        inputs |> List.map (fun x -> 2.0 * x * c)

    let norm =
        customGradient (List.map square >> List.reduce (+)) (fun inputs _ c -> gradientsOf inputs c) xs

    let gradients = evalMany (grad norm xs)
    Assert.Equal(1, asked)

    gradients
    |> List.iteri (fun i g -> Close.requireWithin 0.0 $"gradient {i}" (nd (2.0 * float (i + 1))) g)
