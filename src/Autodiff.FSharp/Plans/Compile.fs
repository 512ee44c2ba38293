/// The whole way from graph to numbers: simplify, lower, run.
module internal Autodiff.FSharp.Compiler

open System.Collections.Generic
open Autodiff

let private checkInputs (inputs: Node[]) =
    let seen = HashSet<Node>(HashIdentity.Reference)

    for input in inputs do
        if not (seen.Add input) then
            raise (System.ArgumentException $"compile: {Axes.describe input} is named twice among the inputs")

/// A function of the inputs, which may be any nodes, that gives the outputs. Variables that are not listed are read as
/// their starting values. Throws UnboundInputException if an Input that is needed is not listed.
let compile (inputs: Node[]) (outputs: Node[]) : CompiledFunction =
    checkInputs inputs
    CompiledFunction(inputs, Lower.run inputs (Simplify.run inputs outputs))

/// The values of nodes, with some nodes replaced by given values.
let evaluate (bindings: struct (Node * NDArray)[]) (outputs: Node[]) : NDArray[] =
    let inputs = bindings |> Array.map (fun (struct (node, _)) -> node)
    (compile inputs outputs).Run(bindings |> Array.map (fun (struct (_, value)) -> value))
