/// The README's F#, compiled and run. A test holds every paragraph of it against this file.
module Autodiff.Properties.Doors.ReadmeSnippets

open Autodiff
open Autodiff.FSharp

let x = variable "x" 3.0
let y = variable "y" 4.0
let z = x * y + exp (x + 3.0)

let value = eval z                          // 415.4287934927351
let dx = derivative z x                     // a graph: y + exp(x + 3)
let slope = eval dx                         // 407.4287934927351
let elsewhere = evalWith [ (x, nd 5.0) ] z  // the same graph at another point

let a = variable "a" [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ] ]
let w = variable "w" (NDArray.Ones(3, 5))
let h = tanh (a *@ w + 1.0)
let s = einsum "ij,ij->i" [ h; h ]
let gradients = grad s [ a; w ]
let part = h.[0, 1..3]

let mlp x =
    model {
        let! h = dense 128 x
        let! out = dense 10 (relu h)
        return out
    }

let parameters = Model.init 1L (mlp a)      // dense/w, dense/b, dense_1/w, dense_1/b
let scores = Model.apply parameters (mlp a)

let checks = checkGradients 2 (tanh (a *@ w)) [ a; w ]

open Xunit

let private number (value: NDArray) = value.Item<float>()

[<Fact>]
let ``the tour gives what it says`` () =
    Assert.Equal(415.4287934927351, number value, 1e-12)
    Assert.Equal(407.4287934927351, number slope, 1e-12)
    Assert.Equal(20.0 + exp 8.0, number elsewhere, 1e-9)
    Assert.Equal<int list>([ [ 2; 3 ]; [ 3; 5 ] ], gradients |> List.map (fun g -> List.ofSeq g.Shape))
    Assert.Equal<int>([ 3 ], part.Shape)
    Assert.Equal<string>([ "dense/b"; "dense/w"; "dense_1/b"; "dense_1/w" ], parameters.Keys |> Seq.sort)
    Assert.Equal<int>([ 2; 10 ], scores.Shape)
    Assert.All(checks, fun check -> Assert.True(check.Passed, string check))
