/// Inputs with a size of -1: a graph built once is right for every size that it meets.
module Autodiff.Properties.Plans.UnknownSizes

open Autodiff
open Autodiff.FSharp
open FsCheck.Xunit
open Xunit

let private w = variable "w" [ [ 0.1; 0.2 ]; [ 0.3; -0.4 ]; [ 0.5; 0.6 ] ]
let private b = variable "b" [ 0.1; -0.2 ]

/// Broadcasts, products, means, variances, reductions, slices and reshapes over the unknown axis.
let private loss (x: Node) (t: Node) =
    let h = tanh (x *@ w + b)
    let column = squeeze [ 1 ] (unsqueeze 1 h).[*, *, 1]

    mean [] (square (h - t))
    + mean [] (logSumExp [ -1 ] h)
    + sum [] (variance [ 0 ] h)
    + mean [] (softmaxCrossEntropy t h)
    + norm [] column
    + sum [] (concat 1 [ h; t ] * 0.1)

let private values (seed: int) n =
    let random = RandomSource(int64 seed)
    struct (random.Fold("x").Normal([| n; 3 |]), random.Fold("t").Uniform([| n; 2 |]))

let private isClose (a: NDArray) (b: NDArray) = a.AllClose(b, 1e-12, 1e-12)

let private x = input "x" [ -1; 3 ] DType.Float64
let private t = input "t" [ -1; 2 ] DType.Float64

let private compiled =
    let loss = loss x t
    compile [ x; t ] [ loss; derivative loss w; hvp loss b (constant [ 0.3; 0.7 ]) ]

[<Property(MaxTest = 60)>]
let ``a function of an unknown size gives what a graph of that size gives``
    (FsCheck.DoNotSize(seed: int))
    (size: FsCheck.PositiveInt)
    =
    let struct (xs, ts) = values seed (1 + size.Get % 9)
    let known = loss (constant xs) (constant ts)
    let expected = evalMany [ known; derivative known w; hvp known b (constant [ 0.3; 0.7 ]) ]
    List.forall2 isClose expected (List.ofArray (compiled.Run [ xs; ts ]))

[<Fact>]
let ``one unknown size is the same throughout`` () =
    let struct (xs, _) = values 1 3
    let struct (_, ts) = values 1 4
    let error = Assert.Throws<ShapeException>(fun () -> compiled.Run [ xs; ts ] |> ignore)
    Assert.Contains("it is 3 in 'x' [-1,3] but 4 in 't' [-1,2]", error.Message)

[<Fact>]
let ``what an unknown size cannot say is an error where the node is built`` () =
    let fails (f: unit -> Node) = Assert.Throws<ShapeException>(fun () -> f () |> ignore) |> ignore

    fails (fun () -> reshape [ 6 ] x)
    fails (fun () -> reshape [ -1 ] x)
    fails (fun () -> x.[0])
    fails (fun () -> concat 0 [ x; x ])
    fails (fun () -> x + constant [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ] ])
    fails (fun () -> input "y" [ -2; 3 ] DType.Float64)

[<Fact>]
let ``an input with an unknown size that is not listed is named at once`` () =
    let error = Assert.Throws<UnboundInputException>(fun () -> compile [ x ] [ loss x t ] |> ignore)
    Assert.Contains("'t' [-1,2]", error.Message)
