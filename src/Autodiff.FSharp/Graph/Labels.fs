/// Subscripts over plain arrays of labels.
module internal Autodiff.FSharp.Labels

open System.Collections.Generic
open Autodiff.Kernel

/// Subscripts with the given labels of operands and result; sizes are by label.
let create (operands: int[][]) (result: int[]) (sizes: int[]) : Subscripts =
    let lists = operands |> Array.map (fun labels -> labels :> IReadOnlyList<int>)
    Subscripts.Create(lists, result, (fun label -> sizes[label]))

/// The labels of an operand.
let operand (position: int) (subscripts: Subscripts) : int[] = Array.ofSeq (subscripts.OperandLabels position)

/// The labels of the result.
let result (subscripts: Subscripts) : int[] = Array.ofSeq subscripts.ResultLabels

/// The size of each label.
let sizes (subscripts: Subscripts) : int[] = Array.ofSeq subscripts.Sizes

/// Whether no label occurs twice.
let areDistinct (labels: int[]) = (Array.distinct labels).Length = labels.Length

/// Whether an einsum of one operand only permutes its axes and inserts new ones: nothing is summed, and no diagonal is
/// taken or made.
let isExpansion (subscripts: Subscripts) =
    subscripts.OperandCount = 1
    && (let operand, result = operand 0 subscripts, result subscripts

        areDistinct operand
        && areDistinct result
        && Array.forall (fun label -> System.Array.IndexOf(result, label) >= 0) operand)

/// Whether an einsum gives its one operand as it is.
let isIdentity (subscripts: Subscripts) = isExpansion subscripts && operand 0 subscripts = result subscripts
