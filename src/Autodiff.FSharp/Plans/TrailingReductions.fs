/// Reductions in which the loop that computes their operand can end, so that the operand is never written.
module internal Autodiff.FSharp.TrailingReductions

open System
open Autodiff
open Autodiff.Kernel

/// A reduction as a loop ends in it.
[<NoEquality; NoComparison>]
type TrailingReduction =
    {
        Kind: ReductionKind
        /// The contiguous operand with the axes that are kept first.
        Source: Layout
        KeptRank: int
        /// The shape that the reduction writes.
        Written: Shape
        /// From the layout that is written to that of the node's value.
        Expand: Layout -> Layout
    }

let private extremum kind (axes: int[]) (shape: Shape) =
    let kept = [| 0 .. shape.Rank - 1 |] |> Array.except axes

    {
        Kind = kind
        Source = (Layout.Contiguous shape).Permute(ReadOnlySpan(Array.append kept axes))
        KeptRank = kept.Length
        Written = Shape.Create(ReadOnlySpan(kept |> Array.map (fun axis -> shape[axis])))
        Expand = id
    }

/// A sum over axes of a single operand, of which no diagonal is taken.
let private sum (subscripts: Subscripts) (shape: Shape) =
    let plan = EinsumPlan.For subscripts

    if subscripts.OperandCount = 1 && plan.Steps.Length = 1 && plan.Expansion.IsView then
        let step = plan.Steps[0]
        let isWhole = Seq.length (Seq.distinct step.LeftLabels) = shape.Rank

        if step.IsUnary && not step.IsView && isWhole then
            ValueSome
                {
                    Kind = ReductionKind.Sum
                    Source = step.Summed(Layout.Contiguous shape)
                    KeptRank = step.ResultLabels.Length
                    Written = step.Result
                    Expand = plan.Expansion.Apply
                }
        else
            ValueNone
    else
        ValueNone

/// The reduction that a node is, of an operand of a shape.
let private find (op: Op<Node>) (shape: Shape) =
    match op with
    | Op.Einsum(subscripts, _) -> sum subscripts shape
    | Op.Extremum(Extremum.Max, axes, _) -> ValueSome(extremum ReductionKind.Max axes shape)
    | Op.Extremum(Extremum.Min, axes, _) -> ValueSome(extremum ReductionKind.Min axes shape)
    | Op.Unary _
    | Op.Binary _
    | Op.Compare _
    | Op.Test _
    | Op.Logical _
    | Op.Not _
    | Op.Select _
    | Op.Cast _
    | Op.Constant _
    | Op.Variable _
    | Op.Input
    | Op.Reshape _
    | Op.Slice _
    | Op.Embed _
    | Op.Window _
    | Op.OverlapAdd _
    | Op.Concat _
    | Op.Gather _
    | Op.ScatterAdd _
    | Op.ArgExtremum _
    | Op.ArgSort _
    | Op.Factor _
    | Op.Solve _
    | Op.Draw _
    | Op.KeyedMap _
    | Op.Recurrence _
    | Op.RunningExtremum _
    | Op.Identity _
    | Op.StopGradient _
    | Op.Custom _
    | Op.Checkpoint _
    | Op.Barrier _
    | Op.Opaque _ -> ValueNone

/// The reduction that a node is, if a loop that computes its operand gains by ending in it.
let tryFind (op: Op<Node>) (operand: Node) =
    match find op operand.Shape with
    | ValueSome reduction when operand.DType <> DType.Bool && FusedReduction.Pays(reduction.Source, reduction.KeptRank) ->
        ValueSome reduction
    | ValueSome _
    | ValueNone -> ValueNone
