/// Opening the library takes no name of F# away, and its operators bind as mathematics does. That this file compiles is
/// half of the proof.
module Autodiff.Properties.Doors.Shadowing

open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

[<Fact>]
let ``F#'s own functions still mean what they meant`` () =
    Assert.Equal(2, max 1 2)
    Assert.Equal(1, min 1 2)
    Assert.Equal(1, sign 3.0)
    Assert.Equal(3, abs -3)
    Assert.Equal(2.0, round 2.5)
    Assert.Equal(2.0, floor 2.5)
    Assert.Equal(3.0, ceil 2.5)
    Assert.Equal(2.0, truncate 2.7)
    Assert.True(not false)
    Assert.Equal(9.0, 3.0 ** 2.0)
    Assert.Equal(9, pown 3 2)
    Assert.Equal(1.0, exp 0.0)
    Assert.Equal(0.0, log 1.0)
    Assert.Equal(2.0, sqrt 4.0)
    Assert.Equal(0.0, tanh 0.0)
    Assert.Equal(3, id 3)
    Assert.Equal(6, List.sum [ 1; 2; 3 ])
    Assert.Equal(2.0, List.average [ 1.0; 3.0 ])
    Assert.Equal(3, fst (3, 4))
    Assert.Equal<int list>([ 1; 2 ], [ 1 ] @ [ 2 ])
    Assert.True((compare 1 2 < 0))
    Assert.Equal("1", string 1)
    Assert.Equal(1.0, float 1)
    Assert.Equal(1, ignore 2 |> fun () -> 1)
    Assert.Equal(5, [ 1; 2; 3; 4; 5 ] |> Seq.length)

[<Fact>]
let ``F#'s own functions work on nodes`` () =
    let x = variable "x" 0.5
    let is (expected: float) (node: Node) = Close.requireWithin 1e-15 "value" (nd expected) (eval node)
    is (exp 0.5) (exp x)
    is (tanh 0.5) (tanh x)
    is 0.25 (x ** 2.0)
    is 0.25 (x ** 2)
    is 0.5 (abs -x)
    is 0.0 (floor x)
    is 1.0 (ceil x)
    is 0.0 (round x)
    is 0.0 (truncate x)
    is (log 0.5) (log x)
    is (sqrt 0.5) (sqrt x)
    is (sin 0.5) (sin x)
    is (cos 0.5) (cos x)
    is (tan 0.5) (tan x)
    is (asin 0.5) (asin x)
    is (acos 0.5) (acos x)
    is (atan 0.5) (atan x)
    is (sinh 0.5) (sinh x)
    is (cosh 0.5) (cosh x)
    is 0.5 +x

[<Fact>]
let ``numbers stand on either side of an operator`` () =
    let x = variable "x" 3.0
    let is (expected: float) (node: Node) = Close.requireWithin 1e-15 "value" (nd expected) (eval node)
    is 5.0 (x + 2.0)
    is 5.0 (2 + x)
    is 5.0 (x + 2L)
    is 1.0 (x - 2.0f)
    is -1.0 (2.0 - x)
    is 6.0 (2 * x)
    is 1.5 (x / 2)
    is 2.0 (6.0 / x)

[<Fact>]
let ``the matrix product binds as tightly as the product`` () =
    let x, w, b = constant [ [ 1.0; 2.0 ] ], constant [ [ 3.0 ]; [ 4.0 ] ], constant [ 10.0 ]
    Close.requireWithin 0.0 "x *@ w + b" (nd [ [ 21.0 ] ]) (eval (x *@ w + b))
    Close.requireWithin 0.0 "b + x *@ w" (nd [ [ 21.0 ] ]) (eval (b + x *@ w))
    Close.requireWithin 0.0 "2 x *@ w" (nd [ [ 22.0 ] ]) (eval (2.0 * x *@ w))
    Close.requireWithin 0.0 "x *@ w - b * 2" (nd [ [ -9.0 ] ]) (eval (x *@ w - b * 2.0))

[<Fact>]
let ``comparisons bind more loosely than sums`` () =
    let x, y = constant [ 1.0; 4.0 ], constant [ 2.0; 3.0 ]
    Assert.True((eval (x + 1.0 .> y)).IsSameAs(nd [| false; true |]))
    Assert.True((eval (x .<= y - 1.0)).IsSameAs(nd [| true; false |]))

[<Fact>]
let ``the first lines of the manual`` () =
    let x = variable "x" 3.0
    let y = variable "y" 4.0
    let z = x * y + exp (x + 3.0)
    Close.requireWithin 1e-15 "z" (nd 415.4287934927351) (eval z)
    let dx = derivative z x
    Close.requireWithin 1e-15 "dx" (nd 407.4287934927351) (eval dx)
    Close.requireWithin 1e-15 "at 5" (nd (20.0 + exp 8.0)) (evalWith [ x, nd 5.0 ] z)

[<Fact>]
let ``scripts echo nodes and arrays in one bounded form`` () =
    let deep = Seq.fold (fun (y: Node) _ -> y * y + y) (variable "x" 1.0) [ 1..64 ]
    Assert.InRange((sprintf "%A" deep).Length, 1, 200)
    Assert.InRange((sprintf "%A" [ deep; deep ]).Length, 1, 500)
    Assert.InRange((sprintf "%A" (constant (NDArray.Zeros(1000, 1000)))).Length, 1, 200)
    Assert.InRange((sprintf "%A" (NDArray.Zeros(1000, 1000))).Length, 1, 2000)
