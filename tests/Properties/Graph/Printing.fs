/// Text of nodes: short, and bounded for every graph.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Graph.Printing

open Autodiff
open Autodiff.FSharp
open Autodiff.FSharp.Traversal
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

let private x = variable "x" 3.0
let private y = variable "y" 4.0
let private isShort (text: string) = text.Length < 200

[<Fact>]
let ``formulas read as they were written`` () =
    let shows expected (node: Node) = Assert.Equal(expected + " : Float64 []", node.ToString())
    shows "x * y + exp(x + 3.0)" (x * y + exp (x + 3.0))
    shows "(x + y) * (x - (y - x))" ((x + y) * (x - (y - x)))
    shows "x ** y / (x / y)" (x ** y / (x / y))
    shows "maximum(x, neg(y))" (maximum x -y)
    shows "x" x

[<Fact>]
let ``sixty-four doublings print at once`` () =
    let doubled = Seq.fold (fun (node: Node) _ -> node + node) x [ 1..64 ]
    Assert.True(isShort (doubled.ToString()))
    Assert.True(isShort $"%A{doubled}")

[<Fact>]
let ``a chain of a hundred thousand nodes prints at once`` () =
    let chain = Seq.fold (fun (node: Node) _ -> sin node * 1.5) x [ 1..50_000 ]
    Assert.True(isShort (chain.ToString()))
    Assert.True(isShort $"%A{chain}")

[<Fact>]
let ``wide operations print briefly`` () =
    let wide = concat 0 [ for i in 1..1000 -> variable $"a_variable_with_a_long_name_{i}" [ 1.0 ] ]
    Assert.True(isShort (wide.ToString()))

[<Property(MaxTest = 100)>]
let ``every node prints on one short line`` (graph: Graph) =
    for node in order (grad graph.Outputs.Head graph.Variables) do
        let text = node.ToString()
        Assert.True(isShort text, text)
        Assert.DoesNotContain("\n", text)

[<Property(MaxTest = 50)>]
let ``the code of a graph has a line for every node`` (graph: Graph) =
    let count = (order graph.Outputs).Length

    for language in [ FSharp; CSharp ] do
        Assert.Equal(count + 1, (Code.write language graph.Outputs).Split('\n').Length)
