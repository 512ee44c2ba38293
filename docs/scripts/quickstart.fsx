// A first walk through Autodiff in F#. From the repository's root:
//
//     dotnet build -c Release
//     dotnet fsi docs/scripts/quickstart.fsx

#r "../../src/Autodiff.FSharp/bin/Release/net10.0/System.Numerics.Tensors.dll"
#r "../../src/Autodiff.FSharp/bin/Release/net10.0/Autodiff.Kernel.dll"
#r "../../src/Autodiff.FSharp/bin/Release/net10.0/Autodiff.FSharp.dll"

open Autodiff
open Autodiff.FSharp

/// Prints a value, and stops the script if it is not the expected number.
let expect (what: string) (expected: float) (value: NDArray) =
    printfn "%-38s %O" what value
    let actual = value.Item<float>()

    if abs (actual - expected) > 1e-12 * max 1.0 (abs expected) then
        failwithf "%s should be %.16g but is %.16g" what expected actual

// A formula is a graph. Nothing is computed until it is evaluated.
let x = variable "x" 3.0
let y = variable "y" 4.0
let z = x * y + exp (x + 3.0)

expect "z = x y + exp (x + 3)" 415.4287934927351 (eval z)

// A derivative is a graph, too.
let dx = derivative z x
printfn "dz/dx is the graph                     %O" dx
expect "dz/dx" 407.4287934927351 (eval dx)
expect "dz/dx at x = 0" (4.0 + exp 3.0) (evalWith [ (x, nd 0.0) ] dx)

// So derivatives of any order come by themselves: those of tanh at 1/2.
let u = variable "u" 0.5

let derivatives =
    Seq.unfold (fun y -> let next = derivative y u in Some(next, next)) (tanh u)
    |> Seq.take 6
    |> List.ofSeq

List.iteri2
    (fun i expected node -> expect $"derivative {i + 1} of tanh at 0.5" expected (eval node))
    [
        0.7864477329659275
        -0.7268619813835876
        -0.5652092882597701
        3.9522195637245834
        -3.2666864719713913
        -36.27954029179137
    ]
    derivatives

// The gradients of a matrix product are those of its sum.
let a = variable "a" [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ] ]
let w = variable "w" (NDArray.Ones(3, 5))
let product = a *@ w

for gradient in grad product [ a; w ] do
    printfn "%O" (eval gradient)

// Differences agree with the graph, to the second order.
for check in checkGradients 2 (product * product) [ a; w ] do
    printfn "%O" check

// A small fit by gradient descent: the line through noisy points.
let random = RandomSource 1L
let inputs = random.Fold("inputs").Uniform(Shape 100, -1.0, 1.0)
let noise = random.Fold("noise").Normal(Shape 100, 0.0, 0.05)
let targets = inputs * nd 2.0 + nd -0.5 + noise

let slope = variable "slope" 0.0
let offset = variable "offset" 0.0
let loss = meanSquaredError (constant targets) (slope * constant inputs + offset)

// One step, compiled once: the loss and the moved parameters.
let step =
    compile [ slope; offset ] [ loss; slope - 0.5 * derivative loss slope; offset - 0.5 * derivative loss offset ]

let mutable state = [ nd 0.0; nd 0.0 ]

for i in 0..100 do
    let results = step.Run state
    state <- List.ofArray results[1..]

    if i % 25 = 0 then
        printfn "step %3d  loss %O  slope %O  offset %O" i results[0] results[1] results[2]

if abs (state[0].Item<float>() - 2.0) > 0.05 || abs (state[1].Item<float>() + 0.5) > 0.05 then
    failwith "the fit missed the line"
