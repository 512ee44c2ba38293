/// The first stage of a plan: the graph that will be evaluated, with equal subexpressions shared and every rewrite rule
/// applied, forward and backward parts together.
module internal Autodiff.FSharp.Simplify

open Autodiff

let private rewrite (inputs: Node[]) (outputs: Node[]) =
    let emitter = Emitter Rewrite.forEvaluation
    inputs |> Array.iter emitter.Keep
    outputs |> Array.map (fun output -> emitter.Emit output)

/// The outputs, simplified. Inputs stay as they are, inner nodes too: what is below them is not looked at.
let run (inputs: Node[]) (outputs: Node[]) : Node[] =
    let simple = rewrite inputs outputs
    let stacked = Stacking.run inputs simple

    if obj.ReferenceEquals(stacked, simple) then
        simple
    else
        rewrite inputs stacked
