/// Deep graphs are built, differentiated, printed and run in linear time, without a deep stack.
module Autodiff.Properties.Plans.Depth

open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

[<Fact>]
let ``a chain of a million scalars builds, differentiates and runs`` () =
    // y <- 0.999999 y + 1e-6 x keeps y = x, and dy/dx = 1.
    let x = variable "x" 0.75
    let share = 1e-6 * x
    let chain = Seq.fold (fun (y: Node) _ -> 0.999999 * y + share) x (seq { 1..500_000 })
    Close.requireWithin 1e-9 "value" (nd 0.75) (eval chain)
    Close.requireWithin 1e-9 "derivative" (nd 1.0) (eval (derivative chain x))
    Close.requireWithin 1e-9 "tangent" (nd 1.0) (eval (jvp chain [ x ] [ constant 1.0 ]))

[<Fact>]
let ``a chain of a million small tensors builds, differentiates and runs`` () =
    let x = variable "x" [ 0.5; -0.25; 2.0 ]
    let share = 1e-6 * x
    let chain = Seq.fold (fun (y: Node) _ -> 0.999999 * y + share) x (seq { 1..500_000 })
    Close.requireWithin 1e-9 "value" (nd [ 0.5; -0.25; 2.0 ]) (eval chain)
    Close.requireWithin 1e-9 "derivative" (nd [ 1.0; 1.0; 1.0 ]) (eval (derivative chain x))

[<Fact>]
let ``a chain through contractions builds, differentiates and runs`` () =
    let x = variable "x" [ [ 0.6; -0.8 ]; [ 0.8; 0.6 ] ]
    let chain = Seq.fold (fun (y: Node) _ -> y *@ x) (constant (NDArray.Eye 2)) (seq { 1..20_000 })
    // Powers of a rotation are rotations: their determinant is 1.
    let value = eval chain
    let item i j = value.Item<float>(i, j)
    Assert.Equal(1.0, item 0 0 * item 1 1 - item 0 1 * item 1 0, 9)
    Assert.Equal<Shape>(x.Shape, (eval (derivative chain x)).Shape)

/// The number of nodes of a chain's gradient.
let private gradientSize (step: Node -> Node) (steps: int) =
    let x = variable "x" 0.5
    let chain = Seq.fold (fun y _ -> step y) x (seq { 1..steps })
    (Traversal.order [ derivative chain x ]).Length

[<Fact>]
let ``the gradient of a chain grows as the chain does`` () =
    let steps: (Node -> Node) list =
        [
            sin
            fun y -> y * y
            fun y -> y / (1.0 + y)
            fun y -> tanh y - y
            fun y -> where (y .> scalar 0.25) (exp y) (y * 3.0)
            fun y -> maximum (sigmoid y) (square y)
            checkpoint (fun y -> sin (exp y))
        ]

    for step in steps do
        let small, large = gradientSize step 100, gradientSize step 1_000
        Assert.InRange(large, small, 11 * small)

[<Fact>]
let ``ten thousand checkpoints in a chain, and fifty within each other, compute what the plain chain does`` () =
    let x = variable "x" [ 0.5; -0.25 ]
    let inner (y: Node) = sin (1.1 * y)
    let chain step steps = Seq.fold (fun y _ -> step y) x (seq { 1..steps })
    let gradient (y: Node) = eval (derivative (sum [] y) x)
    Close.requireWithin 1e-9 "chain" (gradient (chain inner 10_000)) (gradient (chain (checkpoint inner) 10_000))
    let nested = Seq.fold (fun f _ -> checkpoint (f >> inner)) inner (seq { 1..50 })
    Close.requireWithin 1e-9 "nested" (gradient (chain inner 51)) (gradient (nested x))

[<Fact>]
let ``sixty-four doublings are sixty-four nodes`` () =
    let x = variable "x" 1.0
    let doubled = Seq.fold (fun (y: Node) _ -> y + y) x [ 1..64 ]
    Close.requireWithin 1e-15 "value" (nd (2.0 ** 64.0)) (eval doubled)
    Close.requireWithin 1e-15 "derivative" (nd (2.0 ** 64.0)) (eval (derivative doubled x))
    let squared = Seq.fold (fun (y: Node) _ -> y * y) (x * 1.0000001) [ 1..20 ]
    Close.requireWithin 1e-8 "power" (nd (1.0000001 ** 1048576.0 * 1048576.0)) (eval (derivative squared x))
