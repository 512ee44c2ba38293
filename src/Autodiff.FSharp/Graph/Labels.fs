/// Subscripts over plain arrays of labels.
module internal Autodiff.FSharp.Labels

open System
open Autodiff.Kernel

/// Subscripts with the given labels of operands and result; sizes are by label. The arrays are kept.
let create (operands: int[][]) (result: int[]) (sizes: int[]) : Subscripts =
    KnownSubscripts.ofLabels operands result sizes

/// The labels of an operand.
let operand (position: int) (subscripts: Subscripts) : int[] = subscripts.OperandLabels(position).AsSpan().ToArray()

/// The labels of the result.
let result (subscripts: Subscripts) : int[] = subscripts.ResultLabels.AsSpan().ToArray()

/// The size of each label.
let sizes (subscripts: Subscripts) : int[] = subscripts.Sizes.AsSpan().ToArray()

let private haveNoTwins (labels: ReadOnlySpan<int>) =
    let mutable place = 1

    while place < labels.Length && labels.Slice(0, place).IndexOf labels[place] < 0 do
        place <- place + 1

    place >= labels.Length

/// Whether no label occurs twice.
let areDistinct (labels: int[]) = haveNoTwins (ReadOnlySpan labels)

/// Whether no label of the result occurs twice in it.
let hasDistinctResult (subscripts: Subscripts) = haveNoTwins (subscripts.ResultLabels.AsSpan())

let private areAmong (labels: ReadOnlySpan<int>) (part: ReadOnlySpan<int>) =
    let mutable place = 0

    while place < part.Length && labels.IndexOf part[place] >= 0 do
        place <- place + 1

    place = part.Length

/// Whether an einsum of one operand only permutes its axes and inserts new ones: nothing is summed, and no diagonal is
/// taken or made.
let isExpansion (subscripts: Subscripts) =
    subscripts.OperandCount = 1
    && haveNoTwins (subscripts.OperandLabels(0).AsSpan())
    && haveNoTwins (subscripts.ResultLabels.AsSpan())
    && areAmong (subscripts.ResultLabels.AsSpan()) (subscripts.OperandLabels(0).AsSpan())

/// Whether an einsum gives its one operand as it is.
let isIdentity (subscripts: Subscripts) =
    isExpansion subscripts
    && subscripts.OperandLabels(0).AsSpan().SequenceEqual(subscripts.ResultLabels.AsSpan())

/// The only operand that has any of the labels, where it has each of them once.
let holder (operands: int[][]) (labels: int[]) =
    let has (operand: int[]) = labels |> Array.exists (fun label -> Array.contains label operand)
    let once (operand: int[]) label = (operand |> Array.filter ((=) label)).Length = 1

    match operands |> Array.indexed |> Array.filter (fun (_, operand) -> has operand) with
    | [| (position, operand) |] when labels |> Array.forall (once operand) -> ValueSome position
    | _ -> ValueNone
