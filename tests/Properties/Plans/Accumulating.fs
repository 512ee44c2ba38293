/// Sums of products, each of which is added to the result as it is computed.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Plans.Accumulating

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

/// The program with every sum of products added up as they come, whatever its size.
let private accumulated (program: Program) =
    Program(program.Buffers, Accumulation.AsTheyCome(program.Buffers, program.Instructions, 0L), program.Results)

let private run (program: Program) (variables: Node list) =
    Executor.Run(program, ReadOnlySpan(variables |> List.map Leaf.start |> Array.ofList))

[<Property(MaxTest = 150)>]
let ``products that are added as they are computed have the values of the reference`` (graph: Graph) =
    let nodes = graph.Outputs @ grad graph.Outputs.Head graph.Variables
    let simple = Simplify.simple (Formula(Array.ofList graph.Variables, Array.ofList nodes))
    let program = accumulated (Lower.runWith Regions.apart simple)

    for expected, value in Seq.zip (Close.expect [] nodes) (run program graph.Variables) do
        if Close.isWellConditioned expected then
            Close.require "accumulated" expected value

let private random = RandomSource 3
let private leaf name (shape: int[]) = Leaf.variable name (random.Normal shape * NDArray.Scalar 0.1)

/// Layers that share a weight, and its gradient.
let private layers rows columns depth =
    let w, x = leaf "w" [| columns; columns |], leaf "x" [| rows; columns |]
    let y = Seq.fold (fun h _ -> tanh (h *@ w)) x [ 1..depth ]
    [ w; x ], grad (sum [] (square y)) [ w ]

let private additions (explained: string) =
    explained.Split '\n' |> Array.filter (fun line -> line.Contains "added") |> Array.length

[<Fact>]
let ``the gradient of a shared weight grows in one place`` () =
    let variables, gradient = layers 40 200 6
    let inputs, nodes = Array.ofList variables, Array.ofList gradient
    let whole = compile variables gradient
    // One product begins the sum, five are added to it, and none of them has memory of its own: there are the result, six
    // layers and a gradient of one.
    Assert.Equal(5, additions (whole.Explain()))
    Assert.True(whole.PeakBytes <= 8L * (200L * 200L + 7L * 40L * 200L), whole.Explain())
    let apart = Lower.runWith Regions.apart (Simplify.simple (Formula(inputs, nodes)))
    let expected, values = run apart variables, whole.Run(variables |> List.map Leaf.start)
    Close.requireWithin 1e-13 "gradient" expected[0] values[0]
    Assert.True(whole.PeakBytes <= apart.PeakBytes)

[<Fact>]
let ``within a budget the gradient of a shared weight grows in one place too`` () =
    let variables, gradient = layers 40 200 12
    let whole = compile variables gradient
    let within = compileWith { MemoryBudget = whole.PeakBytes * 4L / 5L } variables gradient
    Assert.Equal(11, additions (within.Explain()))
    let starts = variables |> List.map Leaf.start
    let expected, value = whole.Run starts, within.Run starts
    Assert.True(value[0].IsSameAs(expected[0], true))

[<Fact>]
let ``a sum that something else reads is kept`` () =
    let x = Array.init 4 (fun i -> leaf $"x{i}" [| 3; 5 |])
    let first = transpose x[0] *@ x[1] + transpose x[1] *@ x[2]
    let nodes = [ first + transpose x[2] *@ x[3]; exp first ]
    let variables = List.ofArray x
    let program = accumulated (Lower.runWith Regions.apart (Formula(x, Array.ofList nodes)))
    Assert.Equal(2, additions (program.Explain()))

    for expected, value in Seq.zip (Close.expect [] nodes) (run program variables) do
        Close.require "sums" expected value
