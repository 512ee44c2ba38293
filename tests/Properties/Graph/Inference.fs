/// Shapes and element types are known when a node is built, and are those of its value.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Graph.Inference

open System.Collections.Generic
open Autodiff
open Autodiff.FSharp
open Autodiff.FSharp.Traversal
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

let private requireInferred (roots: seq<Node>) =
    let values = Dictionary<Node, Tensor>(HashIdentity.Reference)

    for node in order roots do
        let value = Reference.extend (fun _ x -> x) values node
        Assert.Equal<int[]>(value.Sizes, node.Shape.ToArray())
        Assert.Equal(value.Type, node.DType)

[<Property(MaxTest = 200)>]
let ``every node of a graph has the shape and the type of its value`` (graph: Graph) = requireInferred graph.Outputs

[<Property(MaxTest = 100)>]
let ``every node of a gradient has the shape and the type of its value`` (graph: Graph) =
    requireInferred (grad graph.Outputs.Head graph.Variables)

[<Property(MaxTest = 100)>]
let ``a gradient has the shape and the type of its variable`` (graph: Graph) =
    for x, dx in List.zip graph.Variables (grad graph.Outputs.Head graph.Variables) do
        Assert.Equal<Shape>(x.Shape, dx.Shape)
        Assert.Equal(x.DType, dx.DType)

/// Two shapes that broadcast to a third.
let private meeting =
    gen {
        let! target = Shapes.any
        let! a = Shapes.broadcastable target
        let! b = Shapes.broadcastable target
        let! x = Arrays.ofShape DType.Float64 a
        let! y = Arrays.ofShape DType.Float64 b
        return x, y
    }
    |> Arb.fromGen

/// NumPy's rule, element by element: an index along an axis of size 1 is 0, missing axes are leading ones.
let private broadcast (sizes: int[]) (x: Tensor) =
    let lead = sizes.Length - x.Sizes.Length
    let source (index: int[]) = x.Sizes |> Array.mapi (fun axis size -> if size = 1 then 0 else index[axis + lead])
    Tensor.pick sizes (Tensor.coordinates sizes |> Array.map (source >> Tensor.position x.Sizes)) x

let private meet (a: int[]) (b: int[]) =
    let rank = max a.Length b.Length
    let at (s: int[]) axis = if axis < rank - s.Length then 1 else s[axis - rank + s.Length]
    Array.init rank (fun axis -> if at a axis = 1 then at b axis else at a axis)

[<Property(MaxTest = 300)>]
let ``operands broadcast as in NumPy`` () =
    Prop.forAll meeting (fun (x, y) ->
        let sizes = meet x.Sizes y.Sizes

        let expected =
            Array.map2
                (fun a b -> a - 2.0 * b)
                (Tensor.asFloats (broadcast sizes x))
                (Tensor.asFloats (broadcast sizes y))

        let node = constant (Tensor.toArray x) - 2.0 * constant (Tensor.toArray y)
        Close.require "difference" (Close.within 1e-14 (Tensor.floats DType.Float64 sizes expected)) (eval node))

[<Property(MaxTest = 200)>]
let ``shapes that NumPy does not broadcast are refused where the node is built`` (a: Tensor) (b: Tensor) =
    let rank = max a.Sizes.Length b.Sizes.Length
    let at (s: int[]) axis = if axis < rank - s.Length then 1 else s[axis - rank + s.Length]

    let fits =
        Seq.forall
            (fun axis -> at a.Sizes axis = at b.Sizes axis || at a.Sizes axis = 1 || at b.Sizes axis = 1)
            [ 0 .. rank - 1 ]

    let build () = constant (Tensor.toArray a) + constant (Tensor.toArray b) |> ignore

    if fits then
        if Array.fold (fun p s -> p * int64 s) 1L (meet a.Sizes b.Sizes) < 100000L then
            build ()
    else
        Assert.Throws<ShapeException>(build) |> ignore

[<Property(MaxTest = 200)>]
let ``a broadcast repeats, and its gradient sums what was repeated`` () =
    Prop.forAll meeting (fun (x, _) ->
        let target = Array.append [| 2 |] x.Sizes
        let node = variable "x" (Tensor.toArray x)
        let value = eval (broadcastTo target node)
        Close.require "broadcast" (Close.within 0.0 (broadcast target x)) value
        let twos = Tensor.floats DType.Float64 x.Sizes (Array.create (Tensor.size x) 2.0)
        Close.require "gradient" (Close.within 0.0 twos) (eval (derivative (broadcastTo target node) node)))

let private zeros (dtype: DType) = constant (NDArray.Zeros([| 2 |], dtype))

/// NumPy's table, but that whole numbers take the type of the floats they meet, and Bool with Bool counts.
let private promoted a b =
    match a, b with
    | DType.Bool, DType.Bool -> DType.Int64
    | a, b when a = b -> a
    | DType.Float64, _
    | _, DType.Float64 -> DType.Float64
    | DType.Float32, _
    | _, DType.Float32 -> DType.Float32
    | DType.Int64, _
    | _, DType.Int64 -> DType.Int64
    | _ -> DType.Int32

[<Fact>]
let ``two tensors promote by the table`` () =
    for a in Arrays.dtypes do
        for b in Arrays.dtypes do
            Assert.Equal(promoted a b, (zeros a + zeros b).DType)
            Assert.Equal(promoted a b, (zeros a * zeros b).DType)
            Assert.Equal((if a = b then a else promoted a b), (where (zeros DType.Bool) (zeros a) (zeros b)).DType)
            Assert.Equal(DType.Bool, (zeros a .< zeros b).DType)
            let quotient = promoted a b

            Assert.Equal(
                (if (quotient = DType.Float32 || quotient = DType.Float64) then
                     quotient
                 else
                     DType.Float64),
                (zeros a / zeros b).DType
            )

[<Fact>]
let ``a number takes the type of the tensor it meets`` () =
    for dtype in [ DType.Float32; DType.Float64 ] do
        for result in
            [
                zeros dtype + 1.0
                1.0 - zeros dtype
                zeros dtype * 2
                2L * zeros dtype
                zeros dtype / 3.0f
                zeros dtype ** 2.0
                maximum (zeros dtype) (scalar 0.0)
            ] do
            Assert.Equal(dtype, result.DType)

    for dtype in [ DType.Int32; DType.Int64 ] do
        Assert.Equal(dtype, (zeros dtype + 1).DType)
        Assert.Equal(dtype, (2L * zeros dtype).DType)
        Assert.Equal(DType.Float64, (zeros dtype + 0.5).DType)
        Assert.Equal(DType.Float64, (0.5f * zeros dtype).DType)
        Assert.Equal(DType.Float64, (zeros dtype / 2).DType)

    Assert.Equal(DType.Int32, (zeros DType.Bool + 1).DType)
    Assert.Equal(DType.Float64, (zeros DType.Bool + 1.0).DType)

[<Fact>]
let ``numbers among numbers stay weak`` () =
    let one, two = scalar 1.0, scalar 2.0

    for number in
        [
            (one + two) * exp one
            where (one .> two) one two
            broadcastTo [ 3; 2 ] one
            reshape [ 1 ] one
            stack 0 [ one; two ]
            identity one
        ] do
        Assert.Equal(DType.Float64, number.DType)
        Assert.Equal(DType.Float32, (zeros DType.Float32 * number).DType)

[<Fact>]
let ``a number takes the type of the tensors it is joined with`` () =
    let single = variable "x" 1.0f
    Assert.Equal(DType.Float32, (stack 0 [ single; scalar 2.0 ]).DType)
    Assert.Equal(DType.Float32, (concat 0 [ reshape [ 1 ] (scalar 2.0); zeros DType.Float32 ]).DType)
    Assert.Equal(DType.Float32, (einsum ",i->i" [ scalar 2.0; zeros DType.Float32 ]).DType)
    Assert.Equal(DType.Float64, (einsum ",i->i" [ scalar 0.5; zeros DType.Int32 ]).DType)
    Assert.Equal(DType.Float64, (stack 0 [ single; constant 2.0 ]).DType)

[<Fact>]
let ``constants and variables are strong`` () =
    Assert.Equal(DType.Float64, (zeros DType.Float32 + constant 1.0).DType)
    Assert.Equal(DType.Float64, (zeros DType.Float32 + variable "x" 1.0).DType)
    Assert.Equal(DType.Float32, (zeros DType.Float32 + constant 1.0f).DType)
    Assert.Equal(DType.Float64, (variable "n" 3).DType)
    Assert.Equal(DType.Float64, (variable "n" 3L).DType)

[<Fact>]
let ``whole numbers keep all their digits`` () =
    Assert.Equal(16777218L, (eval (constant 1L + 16777217)).Item<int64>())
    Assert.Equal(16777218.0, (eval (variable "x" 1.0 + 16777217)).Item<float>())
