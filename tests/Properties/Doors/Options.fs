/// What functions leave to their common case, members of nodes offer as options.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Doors.Options

open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit

let private x = variable "x" [ [ 1.0; -2.0; 4.0 ]; [ 3.0; 0.5; -1.0 ] ]
let private same (expected: Node) (actual: Node) = Close.requireWithin 1e-15 "value" (eval expected) (eval actual)

[<Fact>]
let ``reductions keep their axes if asked`` () =
    same (reshape [ 1; 3 ] (sum [ 0 ] x)) (x.Sum(axis = 0, keepDims = true))
    same (sum [ 0 ] x) (x.Sum(axis = 0))
    same (sum [] x) (x.Sum())
    same (reshape [ 2; 1 ] (mean [ 1 ] x)) (x.Mean(axis = -1, keepDims = true))
    same (reshape [ 1; 1 ] (amax [] x)) (x.Max(axes = [ 0; 1 ], keepDims = true))
    same (amin [ 1 ] x) (x.Min(axis = 1))
    same (variance [ 0 ] x * 2.0) (x.Variance(axes = [ 0 ], ddof = 1))

[<Property(MaxTest = 100)>]
let ``keeping axes only reshapes`` (tensor: Tensor) =
    let node = constant (Tensor.toArray (Tensor.cast DType.Float64 tensor))

    for axis in 0 .. node.Rank - 1 do
        let kept = node.Sum(axis = axis, keepDims = true)
        Assert.Equal(1, kept.Shape[axis])
        same (sum [ axis ] node) (reshape (Array.removeAt axis (kept.Shape.ToArray())) kept)

[<Property(MaxTest = 100)>]
let ``sums over axes one by one are the sum over all`` (tensor: Tensor) =
    let node = constant (Tensor.toArray (Tensor.cast DType.Float64 tensor))
    let oneByOne = Seq.fold (fun (n: Node) _ -> sum [ 0 ] n) node [ 1 .. node.Rank ]
    Close.requireWithin 1e-12 "sum" (eval (sum [] node)) (eval oneByOne)
