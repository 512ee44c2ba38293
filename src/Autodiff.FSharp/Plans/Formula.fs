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

    /// Other outputs over other inputs; where both are its own, the formula itself.
    member formula.With(otherInputs: Node[], otherOutputs: Node[]) : Formula =
        let areSame = Array.forall2 (fun (x: Node) y -> obj.ReferenceEquals(x, y))

        if areSame inputs otherInputs && areSame outputs otherOutputs then
            formula
        else
            Formula(otherInputs, otherOutputs)

    /// Other outputs over the same inputs.
    member formula.With(others: Node[]) : Formula = formula.With(inputs, others)
