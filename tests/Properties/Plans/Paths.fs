/// Every way from a graph to numbers gives the same numbers: with and without each rewrite rule, fused and apart, in
/// either floating type, over a batch and one by one.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Plans.Paths

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

/// A way to make a program. (Once the kernel has threads, each count of them is one more path.)
type Path = { Name: string; Plan: Node[] -> Node[] -> Program }

let private rewrite rules (inputs: Node[]) (outputs: Node[]) =
    let emitter = Emitter rules
    inputs |> Array.iter emitter.Keep
    outputs |> Array.map (fun output -> emitter.Emit output)

let private lower regions rules inputs outputs = Lower.runWith regions (Formula(inputs, rewrite rules inputs outputs))

let private asWritten inputs outputs = Lower.run (Formula(inputs, outputs))

/// The whole way of a compiled function.
let private planned inputs outputs = Lower.run (FoldConstants.run (Simplify.run (Formula(inputs, outputs))))

/// The rules that promise every bit, of sums over what they rewrite too.
let private exactRules =
    Rewrite.forEvaluation |> List.filter (fun rule -> rule.Keeps = Rewrite.Keeps.Bits)

let private paths =
    [
        yield { Name = "as it was written"; Plan = asWritten }
        yield
            {
                Name = "each node in its own loop"
                Plan = fun inputs outputs -> Lower.runWith Regions.apart (Formula(inputs, outputs))
            }
        yield { Name = "shared subexpressions"; Plan = lower Regions.assign [] }
        yield { Name = "simplified, each node in its own loop"; Plan = lower Regions.apart Rewrite.forEvaluation }
        yield { Name = "simplified and fused"; Plan = lower Regions.assign Rewrite.forEvaluation }
        yield { Name = "as it is compiled"; Plan = planned }

        for rule in Rewrite.forEvaluation do
            yield { Name = $"only the rule '{rule.Name}'"; Plan = lower Regions.assign [ rule ] }
    ]

/// What every path is asked for: the values, the gradients, a product with the Hessian.
let private questions (graph: Graph) =
    let y, x = graph.Outputs.Head, graph.Variables.Head
    graph.Outputs @ grad y graph.Variables @ [ hvp y x (cos (onesLike x)) ]

let private answers (graph: Graph) (nodes: Node list) path =
    let inputs, outputs = Array.ofList graph.Variables, Array.ofList nodes

    (CompiledFunction(inputs, outputs.Length, (fun _ -> path.Plan inputs outputs)))
        .Run(graph.Variables |> List.map Leaf.start)

let private requireAll what (expected: Expectation list) (actual: seq<NDArray>) =
    Seq.zip expected actual
    |> Seq.iteri (fun i (e, a) ->
        if Close.isWellConditioned e then
            Close.require $"{what}: {i}" e a)

let private requireBits what (expected: seq<NDArray>) (actual: seq<NDArray>) =
    Seq.zip expected actual
    |> Seq.iteri (fun i (e, a) -> Assert.True(a.IsSameAs(e, true), $"{what}: {i} is {a} instead of {e}"))

[<Property(MaxTest = 250)>]
let ``every path gives the reference's values, gradients and Hessian products`` (graph: Graph) =
    let nodes = questions graph
    let expected = Close.expect [] nodes

    for path in paths do
        requireAll path.Name expected (answers graph nodes path)

[<Property(MaxTest = 150)>]
let ``fusing changes no bit`` (graph: Graph) =
    let nodes = questions graph
    let fused = answers graph nodes { Name = "fused"; Plan = lower Regions.assign Rewrite.forEvaluation }
    let apart = answers graph nodes { Name = "apart"; Plan = lower Regions.apart Rewrite.forEvaluation }
    requireBits "fused" apart fused

[<Property(MaxTest = 150)>]
let ``the rules that promise it change no bit`` (graph: Graph) =
    let nodes = questions graph
    let before = answers graph nodes { Name = "as it was written"; Plan = asWritten }
    let after = answers graph nodes { Name = "simplified"; Plan = lower Regions.assign exactRules }
    requireBits "simplified" before after

[<Property(MaxTest = 100)>]
let ``simplifying before differentiating or after it is the same to every path`` (graph: Graph) =
    let simple = (rewrite Rewrite.always (Array.ofList graph.Variables) [| graph.Outputs.Head |])[0]
    let expected = Close.expect [] (grad graph.Outputs.Head graph.Variables)
    let gradients = grad simple graph.Variables

    for path in paths do
        requireAll path.Name expected (answers graph gradients path)

/// The same graph with every Float32 replaced by a Float64 of the same value.
let private widen (nodes: Node list) =
    let wide (node: Node) : (Node * Node) option =
        match node.Op with
        | Op.Constant(value, _) when value.DType = DType.Float32 ->
            Some(node, Leaf.constant (value.AsType DType.Float64))
        | Op.Variable start when start.DType = DType.Float32 ->
            Some(node, Leaf.variable (string node.Name) (start.AsType DType.Float64))
        | _ -> None

    let table =
        Collections.Generic.Dictionary<Node, Node>(
            Traversal.order nodes |> Seq.choose wide |> dict,
            HashIdentity.Reference
        )

    for node in Traversal.order nodes do
        if not (table.ContainsKey node) then
            table[node] <-
                if (Op.children node.Op).Length = 0 then
                    node
                else
                    match Op.map (fun child -> table[child]) node.Op with
                    | Op.Cast(DType.Float32, x) -> cast DType.Float64 x
                    | op -> Node.Make op

    nodes |> List.map (fun node -> table[node])

[<Property(MaxTest = 150)>]
let ``Float32 is Float64 within its rounding`` (graph: Graph) =
    if graph.Variables.Head.DType = DType.Float32 then
        let nodes = questions graph

        let wide =
            evalMany (widen nodes)
            |> List.map2 (fun (node: Node) (value: NDArray) -> value.AsType node.DType) nodes

        requireAll "Float64" (Close.expect [] nodes) wide

let private scaled (k: int) (value: NDArray) = (value * (1.0 + float k / 512.0)).AsType value.DType

[<Property(MaxTest = 150)>]
let ``vmap of a graph is a loop over its batch`` (graph: Graph) =
    let x = graph.Variables.Head
    let elements = [ for k in 0..2 -> constant (scaled k (Leaf.start x)) ]

    for y in graph.Outputs @ [ derivative graph.Outputs.Head x ] do
        let at (element: Node) = (Traversal.replace [ x, element ] [ y ]).Head
        let expected = Close.expect [] [ stack 0 (List.map at elements) ]
        let batched = vmap at (stack 0 elements)
        requireAll "one program for the batch" expected [ eval batched ]
        requireAll "the reference of the batched graph" expected [ Tensor.toArray (Reference.value batched) ]

[<Property(MaxTest = 100)>]
let ``a vmap over a vmap is a loop over both batches`` (graph: Graph) =
    let x = graph.Variables.Head

    if x.Shape.Size <= 60 then
        let rows = [ for i in 0..1 -> [ for k in 0..2 -> constant (scaled (3 * i + k) (Leaf.start x)) ] ]
        let at (element: Node) = (Traversal.replace [ x, element ] [ graph.Outputs.Head ]).Head
        let loop = rows |> List.map (List.map at >> stack 0) |> stack 0
        let batched = vmap (vmap at) (rows |> List.map (stack 0) |> stack 0)
        requireAll "two batches" (Close.expect [] [ loop ]) [ eval batched ]

/// The sum of the products of a node with fixed weights.
let private weighted (node: Node) =
    let weights = Array.init node.Shape.Size (fun i -> 1.0 + 0.37 * sin (float (i + 1)))
    sum [] (node * Leaf.constant (((NDArray.Create weights).Reshape(node.Shape.ToArray())).AsType node.DType))

let private isSmooth (nodes: Node list) =
    not (
        Traversal.order nodes
        |> Array.exists (fun node -> node.Op.IsStopGradient || node.DType = DType.Float32)
    )

[<Property(MaxTest = 200)>]
let ``Hessian products are differences of gradients`` (graph: Graph) =
    let y, x = graph.Outputs.Head, graph.Variables.Head

    if y.DType = DType.Float64 && isSmooth [ y ] then
        let v = cos (2.0 * onesLike x)
        let direction = (eval v).ToArray<float>()
        let slope = weighted (derivative y x)
        let exact = weighted (hvp y x v)
        let start = Tensor.ofArray (Leaf.start x)

        let at (t: float) =
            let moved = Array.map2 (fun a b -> a + t * b) (Tensor.asFloats start) direction
            let value = Reference.run [ x, { start with Elements = Elements.Floats moved } ] [ slope ]
            (Tensor.asFloats value.Head)[0]

        let quotient h = (at h - at -h) / (2.0 * h)
        let expected = (4.0 * quotient 1e-4 - quotient 2e-4) / 3.0

        match Close.expect [] [ exact; slope ] with
        // The weights of the product of the Hessian with v are those of the gradient: the Hessian is symmetric.
        | [ e; s ] when Close.isWellConditioned e && Close.isWellConditioned s && abs expected < 1e3 ->
            Close.require "hvp" (Close.within 2e-5 (Tensor.floats DType.Float64 [||] [| expected |])) (eval exact)
        | _ -> ()
