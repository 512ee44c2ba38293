/// Slices of nodes are slices of their values.
module Autodiff.Properties.Graph.Slices

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

let private x = variable "x" ((NDArray.Arange 60.0).Reshape(3, 4, 5))
let private value = Leaf.start x
let private from (first: int) (last: int) : Slice = Slice.Step(Nullable first, Nullable(last + 1), 1)
let private at (i: int) : Slice = Slice.op_Implicit i

let private same (slices: Slice list) (node: Node) =
    let expected = value.Slice(Array.ofList slices)
    Assert.Equal<Shape>(expected.Shape, node.Shape)
    Assert.True((eval node).IsSameAs expected)

[<Fact>]
let ``F#'s slices have both ends inside`` () =
    same [ at 0 ] x.[0]
    same [ at 0; at 2 ] x.[0, 2]
    same [ at 0; at 2; at 4 ] x.[0, 2, 4]
    same [ from 1 2 ] x.[1..2]
    same [ from 1 2 ] x.[1..]
    same [ from 0 1 ] x.[..1]
    same [ at 0; from 1 3 ] x.[0, 1..3]
    same [ Slice.All; at 3 ] x.[*, 3]
    same [ at 2; Slice.All; from 0 2 ] x.[2, *, ..2]
    same [ from 0 1; at 1; from 3 4 ] x.[..1, 1, 3..]
    same [ from 0 1; from 1 3; from 2 4 ] x.[0..1, 1..3, 2..]

let private slices (sizes: int[]) : Gen<Slice list> =
    let one size =
        gen {
            let! kind = Gen.choose (0, 5)
            let! a = Gen.choose (-size - 2, size + 2)
            let! b = Gen.choose (-size - 2, size + 2)
            let! step = Gen.elements [ 1; 2; 3; -1; -2; -3 ]
            let! index = Gen.choose (-size, max 0 (size - 1))

            return
                match kind with
                | 0 when size > 0 -> [ at index ]
                | 1 -> [ Slice.NewAxis; Slice.All ]
                | 2 -> [ Slice.Step step ]
                | 3 -> [ Slice.Step(Nullable a, Nullable(), step) ]
                | _ -> [ Slice.Step(Nullable a, Nullable b, step) ]
        }

    gen {
        let! parts = sizes |> Seq.map one |> Gen.sequenceToArray
        let! named = Gen.choose (0, sizes.Length)
        let! ellipsis = Gen.elements [ []; [ Slice.Ellipsis ] ]
        return List.concat (Array.take named parts) @ ellipsis
    }

let private sliced =
    gen {
        let! x = Arrays.any
        let! chosen = slices x.Sizes
        return x, chosen
    }
    |> Arb.fromGen

[<Property(MaxTest = 500)>]
let ``a slice of a node is the slice of its value`` () =
    Prop.forAll sliced (fun (x, chosen) ->
        let array = Tensor.toArray x
        let node = slice chosen (constant array)
        let expected = array.Slice(Array.ofList chosen)
        Assert.Equal<Shape>(expected.Shape, node.Shape)
        Assert.True((eval node).IsSameAs(expected, true)))

[<Property(MaxTest = 300)>]
let ``the gradient of a slice is one where the slice reads`` () =
    Prop.forAll sliced (fun (x, chosen) ->
        let count = Tensor.size x
        let numbered = Tensor.floats DType.Float64 x.Sizes (Array.init count float)
        let node = variable "x" (Tensor.toArray numbered)
        let read = eval (slice chosen node) |> Tensor.ofArray |> Tensor.asFloats |> Set.ofArray
        let expected = Array.init count (fun i -> if read.Contains(float i) then 1.0 else 0.0)
        Assert.Equal<float[]>(expected, Tensor.asFloats (Tensor.ofArray (eval (derivative (slice chosen node) node)))))

[<Property(MaxTest = 300)>]
let ``a slice of a slice is a slice`` () =
    Prop.forAll sliced (fun (x, chosen) ->
        let array = Tensor.toArray x
        let reversed = [ for _ in 1 .. (array.Slice(Array.ofList chosen)).Rank -> Slice.Step -1 ]
        let node = constant array |> slice chosen |> slice reversed |> slice reversed
        Assert.True((eval node).IsSameAs(array.Slice(Array.ofList chosen), true)))
