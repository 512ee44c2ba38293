/// Compiled functions mean what their graphs mean.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Plans.Compiled

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

let private requireAll what (expected: Expectation list) (actual: seq<NDArray>) =
    Seq.zip expected actual
    |> Seq.iteri (fun i (e, a) ->
        if Close.isWellConditioned e then
            Close.require $"{what} {i}" e a)

[<Property(MaxTest = 500)>]
let ``the compiled value is the reference's`` (graph: Graph) =
    requireAll "output" (Close.expect [] graph.Outputs) (evalMany graph.Outputs)

let private gradients (graph: Graph) = grad (sum [] graph.Outputs.Head) graph.Variables

[<Property(MaxTest = 300)>]
let ``the compiled gradient is the reference's`` (graph: Graph) =
    let nodes = gradients graph
    requireAll "gradient" (Close.expect [] nodes) (evalMany nodes)

[<Property(MaxTest = 100)>]
let ``a function of its variables is the graph at bound values`` (graph: Graph) =
    let moved = graph.Variables |> List.map (fun x -> (Leaf.start x).AsType DType.Float64 * 1.01)
    let moved = List.map2 (fun (x: Node) (value: NDArray) -> value.AsType x.DType) graph.Variables moved
    let f = compile graph.Variables graph.Outputs
    let bound = Seq.zip graph.Variables moved

    requireAll
        "output"
        (Close.expect (bound |> Seq.map (fun (x, v) -> x, Tensor.ofArray v)) graph.Outputs)
        (f.Run moved)

    let bindings = [| for x, value in bound -> struct (x, value) |]

    for value, expected in Seq.zip (f.Run moved) (Compiler.evaluate bindings (Array.ofList graph.Outputs)) do
        Assert.True(expected.IsSameAs(value, true))

// Most loops are interpreted in the first run, and generated after it.
let private requireSameBits (graph: Graph) =
    let f = compile graph.Variables (graph.Outputs @ gradients graph)
    let starts = graph.Variables |> List.map Leaf.start
    let first = f.Run starts

    for _ in 1..4 do
        Array.iter2 (fun (a: NDArray) (b: NDArray) -> Assert.True(a.IsSameAs(b, true))) first (f.Run starts)

[<Property(MaxTest = 100)>]
let ``every run gives the same bits`` (graph: Graph) = requireSameBits graph

[<Property(MaxTest = 200)>]
let ``every run gives the same bits, also over rows that are longer than tiles`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    requireSameBits (Graphs.longOfSeed dtype (3 + random.Next 20) (random.Next()))
