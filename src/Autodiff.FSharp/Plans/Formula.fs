namespace Autodiff.FSharp

open Autodiff
open Autodiff.FSharp.Traversal

/// What a plan computes: outputs over inputs, at which the graph ends, whatever they are. The stages of a plan hand it on;
/// where one changes nothing, the next finds the dense form made.
[<Sealed>]
type internal Formula(inputs: Node[], outputs: Node[]) =
    let tape = lazy Tape(Seq.append outputs inputs, inputs)

    member _.Inputs = inputs

    member _.Outputs = outputs

    /// The outputs, the inputs, and all that lies between.
    member _.Tape: Tape = tape.Value

    /// The positions of the outputs.
    member formula.Roots: int[] = outputs |> Array.map formula.Tape.Position

    /// Other outputs over the same inputs; where they are its own outputs, the formula itself.
    member formula.With(others: Node[]) : Formula =
        if obj.ReferenceEquals(others, outputs) then
            formula
        else
            Formula(inputs, others)
