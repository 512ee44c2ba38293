/// Rewriting keeps the meaning of graphs, rule by rule, and what may be differentiated stays differentiable.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Plans.Rewriting

open System.Collections.Generic
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit

let private rewritten (rules: Rewrite.Rule list) (nodes: Node list) =
    let emitter = Emitter rules
    nodes |> List.map (fun node -> emitter.Emit node)

/// Fails where the reference gives the second nodes other values than the first.
let private requireSameMeaning what (before: Node list) (after: Node list) =
    let expected, actual = Close.expect [] before, Close.expect [] after

    for e, a in List.zip expected actual do
        if Close.isWellConditioned e && Close.isWellConditioned a then
            Close.require what (Close.either e a) (Tensor.toArray a.Value)

[<Property(MaxTest = 200)>]
let ``every rule keeps the meaning of every node`` (graph: Graph) =
    let nodes = graph.Outputs @ grad graph.Outputs.Head graph.Variables

    for rule in Rewrite.forEvaluation do
        requireSameMeaning rule.Name nodes (rewritten [ rule ] nodes)

[<Property(MaxTest = 200)>]
let ``a rule applies to no operation that it is not asked about`` (graph: Graph) =
    let nodes = graph.Outputs @ grad graph.Outputs.Head graph.Variables

    for node in Traversal.order nodes do
        for rule in Rewrite.forEvaluation do
            if (rule.Apply node.Op).IsSome then
                Assert.True(
                    Rewrite.isAsked rule node.Op,
                    $"{rule.Name} on {Occasions.group node.Op} over {Occasions.over node.Op}"
                )

[<Property(MaxTest = 200)>]
let ``all rules together keep the meaning`` (graph: Graph) =
    let nodes = graph.Outputs @ grad graph.Outputs.Head graph.Variables
    requireSameMeaning "all rules" nodes (rewritten Rewrite.forEvaluation nodes)

[<Property(MaxTest = 200)>]
let ``sharing alone changes nothing`` (graph: Graph) =
    let before = graph.Outputs |> List.map Reference.value
    let after = rewritten [] graph.Outputs |> List.map Reference.value
    Assert.Equal<Tensor list>(before, after)

[<Property(MaxTest = 200)>]
let ``rewriting is idempotent`` (graph: Graph) =
    let once = rewritten Rewrite.forEvaluation graph.Outputs
    let twice = rewritten Rewrite.forEvaluation once
    Assert.Equal((Traversal.order once).Length, (Traversal.order twice).Length)

[<Property(MaxTest = 200)>]
let ``shapes, types and variables stay`` (graph: Graph) =
    let after = rewritten Rewrite.forEvaluation graph.Outputs

    for a, b in List.zip graph.Outputs after do
        Assert.Equal<Shape>(a.Shape, b.Shape)
        Assert.Equal(a.DType, b.DType)

    let leaves =
        HashSet<Node>(Traversal.order graph.Outputs |> Array.filter _.Op.IsVariable, HashIdentity.Reference)

    for node in Traversal.order after do
        if node.Op.IsVariable then
            Assert.True(leaves.Contains node)

[<Property(MaxTest = 200)>]
let ``differentiating before and after simplification agree`` (graph: Graph) =
    let simplified = rewritten Rewrite.always [ graph.Outputs.Head ]
    requireSameMeaning "gradient" (grad graph.Outputs.Head graph.Variables) (grad simplified.Head graph.Variables)

[<Property(MaxTest = 60)>]
let ``equal subexpressions become one node`` (graph: Graph) =
    let copy = Dictionary<Node, Node>(HashIdentity.Reference)

    for node in Traversal.order graph.Outputs do
        copy[node] <-
            if (Op.children node.Op).Length = 0 then
                node
            else
                Node.Make(Op.map (fun child -> copy[child]) node.Op)

    for a in graph.Outputs do
        match rewritten Rewrite.forEvaluation [ a; copy[a] ] with
        | [ one; other ] -> Assert.Same(one, other)
        | _ -> failwith "two nodes"

[<Fact>]
let ``sums of equal terms and products of constants fold`` () =
    let x = variable "x" 3.0
    let count node = (Traversal.order (rewritten Rewrite.forEvaluation [ node ])).Length
    Assert.Equal(1, count (x * 1.0 - 0.0))
    Assert.Equal(1, count (-(-x)))
    Assert.Equal(1, count (identity (reshape [] x)))
    Assert.Equal(1, count (scalar 2.0 * scalar 3.0 + exp (scalar 1.0)))
    Assert.Equal(1, count (transpose (transpose (variable "m" [ [ 1.0; 2.0 ] ]))))
