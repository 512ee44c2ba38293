/// Equal subexpressions become one node, whatever the order of operands that commute and whatever the names of labels.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Plans.Sharing

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit

let private rewritten (rules: Rewrite.Rule list) (nodes: Node list) =
    let emitter = Emitter rules
    nodes |> List.map (fun node -> emitter.Emit node)

/// The einsum with other names of labels, and with its operands in another order.
let private shuffled (random: Random) (subscripts: Subscripts) (operands: Node[]) =
    let order = [| 0 .. operands.Length - 1 |]
    random.Shuffle order
    let names = [| 0 .. subscripts.LabelCount - 1 |]
    random.Shuffle names
    let renamed (labels: int[]) = labels |> Array.map (fun label -> names[label])
    let sizes = Array.zeroCreate names.Length
    names |> Array.iteri (fun label name -> sizes[name] <- subscripts.Sizes[label])
    let labels = order |> Array.map (fun i -> renamed (Labels.operand i subscripts))

    Op.Einsum(
        Labels.create labels (renamed (Labels.result subscripts)) sizes,
        order |> Array.map (fun i -> operands[i])
    )

let private exchanged (random: Random) (op: Op<Node>) =
    match op with
    | Op.Binary(f, x, y) when f.Commutes -> Op.Binary(f, y, x)
    | Op.Compare(f, x, y) when f.Commutes -> Op.Compare(f, y, x)
    | Op.Logical(f, x, y) -> Op.Logical(f, y, x)
    | Op.Einsum(subscripts, operands) -> shuffled random subscripts operands
    | _ -> op

/// A copy of a graph over the same leaves in which whatever commutes is exchanged.
let private copy (random: Random) (roots: Node list) =
    let table = Dictionary<Node, Node>(HashIdentity.Reference)

    for node in Traversal.order roots do
        table[node] <-
            if Op.arity node.Op = 0 then
                node
            else
                Node.Make(exchanged random (Op.map (fun child -> table[child]) node.Op))

    roots |> List.map (fun root -> table[root])

[<Property(MaxTest = 100)>]
let ``a graph and its copy with operands exchanged and labels renamed are one``
    (graph: Graph)
    (FsCheck.DoNotSize(seed: int))
    =
    let copies = copy (Random seed) graph.Outputs
    let count nodes = (Traversal.order (rewritten [] nodes)).Length
    Assert.Equal(count graph.Outputs, count (graph.Outputs @ copies))

let private countOf (nodes: Node list) = (Traversal.order (rewritten Rewrite.forEvaluation nodes)).Length

let private x = variable "x" [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ]
let private y = variable "y" [ [ 0.5; -2.0 ]; [ 1.5; 0.1 ] ]
let private z = variable "z" [ [ 0.25; 2.5 ]; [ -1.5; 0.2 ] ]

[<Fact>]
let ``formulas that differ in order and names only are counted once`` () =
    Assert.Equal(3, countOf [ x * y; y * x ])
    Assert.Equal(3, countOf [ hypot x y; hypot y x ])
    Assert.Equal(3, countOf [ einsum "ij,jk->ik" [ x; y ]; einsum "ab,bc->ac" [ x; y ]; einsum "qr,pq->pr" [ y; x ] ])
    Assert.Equal(4, countOf [ einsum "ij,jk,kl->il" [ x; y; z ]; einsum "bc,ca,db->da" [ y; z; x ] ])
    Assert.Equal(3, countOf [ einsum "ij,jk,kl->il" [ x; y; x ]; einsum "ca,bc,db->da" [ x; y; x ] ])
    Assert.Equal(4, countOf [ einsum "ij,jk,kl->il" [ x; y; x ]; einsum "ij,jk,kl->li" [ x; y; x ] ])

    Assert.Equal(
        3,
        countOf [ matmul x y; transpose (matmul (transpose y) (transpose x)) |> transpose |> transpose ] - 2
    )

    Assert.Equal(2, countOf [ x * x; square x; x ** 2.0 ])
    let condition = logicalAnd (x .> y) (y .> z)
    let exchanged = logicalAnd (y .> z) (x .> y)
    Assert.Equal(countOf [ where condition x y ], countOf [ where condition x y; where exchanged x y ])

[<Fact>]
let ``what differs in more is two`` () =
    Assert.Equal(4, countOf [ x - y; y - x ])
    Assert.Equal(4, countOf [ matmul x y; matmul y x ])
    Assert.Equal(4, countOf [ einsum "ij,jk->ik" [ x; y ]; einsum "ij,jk->ki" [ x; y ] ])
    Assert.Equal(4, countOf [ einsum "ij,jk->ik" [ x; y ]; einsum "ij,kj->ik" [ x; y ] ])

let private special =
    [| 0.0; -0.0; 1.0; -1.0; infinity; -infinity; nan; 1e-310; 1e-40; 3e38; 0.1; -2.5; 700.0; 2.0 |]

[<Fact>]
let ``functions that are said to commute do so to the last bit, and no others do`` () =
    let firsts, seconds = Array.allPairs special special |> Array.unzip

    let bits (f: Binary) dtype (a: float[]) (b: float[]) =
        Tensor.asFloats (
            Tensor.ofArray (
                Elementwise.Apply(f.Opcode, (NDArray.Create a).AsType dtype, (NDArray.Create b).AsType dtype)
            )
        )
        |> Array.map (fun e -> if Double.IsNaN e then 1L else BitConverter.DoubleToInt64Bits e)

    for f in
        [
            Binary.Add
            Binary.Sub
            Binary.Mul
            Binary.Div
            Binary.Pow
            Binary.Maximum
            Binary.Minimum
            Binary.Atan2
            Binary.Hypot
            Binary.LogAddExp
            Binary.Remainder
            Binary.Fmod
            Binary.Polygamma
        ] do
        for dtype in Arrays.floatTypes do
            Assert.True(f.Commutes = (bits f dtype firsts seconds = bits f dtype seconds firsts), $"{f} of {dtype}")

[<Fact>]
let ``inner nodes and constants that are inputs are given, whatever they are made of`` () =
    let source = variable "x" [ 1.0; 2.0 ]
    let given = NDArray.Create [| 5.0; 7.0 |]
    let run (input: Node) output = ((compile [ input ] [ output ]).Run(given)[0]).ToArray<float>()
    let negative = -source
    Assert.Equal<float[]>([| -5.0; -7.0 |], run negative -negative)
    let doubled = 2.0 * source
    Assert.Equal<float[]>([| 15.0; 21.0 |], run doubled (doubled + doubled + doubled))
    let number = constant [ 1.0; 1.0 ]
    Assert.Equal<float[]>([| 10.0; 14.0 |], run number (number + number))
    let one = constant 1.0
    let scaled = compile [ one; source ] [ source * one ]
    Assert.Equal<float[]>([| 10.0; 14.0 |], (scaled.Run(NDArray.Scalar 2.0, given)[0]).ToArray<float>())

[<Fact>]
let ``many operations on one operand are found again, each of them`` () =
    let x = input "x" [ 300; 300 ] DType.Float64
    let slice (i: int) = x[Slice.op_Implicit (i % 300), Slice.Step(Nullable 0, Nullable(i / 300 + 1), 1)]
    let slices () = [ for i in 0..2999 -> slice i ]
    let first, second = slices (), slices ()
    let emitted = rewritten [] (first @ second)
    Assert.Equal(3000, emitted |> List.distinctBy (fun node -> node.Id) |> List.length)

[<Fact>]
let ``a number beside tensors is one node, and one that a user holds is its own`` () =
    let x = input "x" [ 3 ] DType.Float32
    let number (y: Node) = Op.child 1 y.Op
    Assert.Same(number (x * 0.5), number (sin x * 0.5))
    Assert.NotSame(number (x * 0.5), number (x * -0.5))
    Assert.NotSame(zerosLike x, zerosLike x)
    let named = (number (x * 0.5)).Named "half"
    Assert.NotSame(named, number (x * 0.5))
