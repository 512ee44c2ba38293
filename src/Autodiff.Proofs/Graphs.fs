namespace Autodiff.Proofs

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.FSharp.Traversal
open FsCheck
open FsCheck.FSharp

/// A graph under test: what is evaluated, and the floating variables that it may depend on, with their starting values.
[<StructuredFormatDisplay("{Text}")>]
type Graph =
    {
        Outputs: Node list
        Variables: Node list
    }

    /// The graph as code in both languages.
    member graph.Text = "\n" + Code.both graph.Outputs

    override graph.ToString() = graph.Text

/// Random graphs, and how a failing one becomes small.
module Graphs =

    let private grown size (dtype: DType) (steps: int) (seed: int) : Graph =
        let growing = Growing(Random seed, dtype, size)

        for _ in 0 .. growing.Random.Next 4 do
            growing.Variable()

        if growing.Random.Next 2 = 0 then
            growing.Constant()

        for _ in 1..steps do
            Steps.take growing

        let last =
            growing.Pool |> Seq.findBack (fun node -> order [ node ] |> Array.exists (fun n -> n.Op.IsVariable))

        let others = List.init (growing.Random.Next 3) (fun _ -> growing.Any())
        { Outputs = last :: others; Variables = growing.Variables }

    /// The graph of a seed: it grows for so many steps, from floats of the given type.
    let ofSeed (dtype: DType) (steps: int) (seed: int) : Graph =
        let size (random: Random) = if random.Next 25 = 0 then random.Next 2 * 17 else 1 + random.Next 5
        grown size dtype steps seed

    /// The same over axes that may be longer than vectors and than the tiles of a loop. The reference takes its time for them.
    let longOfSeed (dtype: DType) (steps: int) (seed: int) : Graph =
        let sizes = [| 1; 2; 3; 7; 33; 70; 130 |]
        grown (fun random -> sizes[random.Next sizes.Length]) dtype steps seed

    /// Graphs of up to about 100 nodes, of both floating types, over every family of operations.
    let any: Gen<Graph> =
        Gen.sized (fun size ->
            gen {
                let! dtype = Gen.elements Arrays.floatTypes
                let! steps = Gen.choose (2, 5 + size / 3)
                let! seed = Gen.choose (0, Int32.MaxValue - 1)
                return ofSeed dtype steps seed
            })

    /// The graph of other outputs, with those variables that it still has; nothing if it has none.
    let private restrict (variables: Node list) (outputs: Node list) =
        let nodes = HashSet<Node>(order outputs, HashIdentity.Reference)
        let left = variables |> List.filter nodes.Contains
        if left.IsEmpty then None else Some { Outputs = outputs; Variables = left }

    let private isInner (graph: Graph) (node: Node) =
        node.DType.IsFloat() && Op.children node.Op <> [||] && graph.Outputs.Length = 1

    /// Variables in the place of inner nodes, with the values these have.
    let private cuts (graph: Graph) =
        order graph.Outputs
        |> Seq.rev
        |> Seq.filter (isInner graph)
        |> Seq.filter (fun node -> not (Object.ReferenceEquals(node, graph.Outputs.Head)))
        |> Seq.mapi (fun i node ->
            let leaf = Leaf.variable $"v{graph.Variables.Length}_{i}" (Tensor.toArray (Reference.value node))
            restrict (leaf :: graph.Variables) (replace [ node, leaf ] graph.Outputs))
        |> Seq.choose id

    /// Inner nodes replaced by one of their operands, where shape and type allow it.
    let private shortcuts (graph: Graph) =
        seq {
            for node in order graph.Outputs |> Seq.rev |> Seq.filter (isInner graph) do
                for operand in Op.children node.Op do
                    if operand.Shape = node.Shape && operand.DType = node.DType then
                        yield! restrict graph.Variables (replace [ node, operand ] graph.Outputs) |> Option.toList
        }

    /// Smaller graphs: one output of several, a part of the graph, the graph over new leaves, the graph without a node.
    let shrink (graph: Graph) : seq<Graph> =
        let single =
            if graph.Outputs.Length = 1 then
                Seq.empty
            else
                graph.Outputs |> Seq.choose (fun output -> restrict graph.Variables [ output ])

        let parts =
            order graph.Outputs
            |> Seq.filter (fun node -> isInner graph node && not (Object.ReferenceEquals(node, graph.Outputs.Head)))
            |> Seq.choose (fun node -> restrict graph.Variables [ node ])

        Seq.concat [ single; parts; cuts graph; shortcuts graph ]

/// Generators under the names by which properties ask for them.
type Arbitraries =
    /// Graphs.
    static member Graph() : Arbitrary<Graph> = Arb.fromGenShrink (Graphs.any, Graphs.shrink)

    /// Arrays.
    static member Tensor() : Arbitrary<Tensor> = Arb.fromGenShrink (Arrays.any, Arrays.shrink)
