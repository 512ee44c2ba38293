/// What the steps of einsums take.
module internal Autodiff.FSharp.Effort

open System.Collections.Immutable
open Autodiff.Kernel

/// Additions and multiplications, and what they cost, in multiply-adds of a long matrix product.
[<Struct>]
type Effort = { Flops: float; Cost: float }

let none = { Flops = 0.0; Cost = 0.0 }

let add (a: Effort) (b: Effort) = { Flops = a.Flops + b.Flops; Cost = a.Cost + b.Cost }

// What an element of a sum, or of an array that is scaled, costs beside its operation: a pass through memory.
let private perElement = 8.0

/// The effort of one operation for each element.
let ofLoop (elements: float) = { Flops = elements; Cost = perElement * elements }

let private ofStep (sizes: ImmutableArray<int>) (step: EinsumStep) =
    if not step.IsUnary then
        {
            Flops = float step.Flops
            Cost = StepCost.Of(step.LeftLabels, step.RightLabels, step.ResultLabels, sizes)
        }
    elif step.IsView then
        none
    else
        ofLoop (float step.Flops)

/// The effort of all steps of an einsum.
let ofPlan (plan: EinsumPlan) =
    plan.Steps |> Seq.fold (fun sum step -> add sum (ofStep plan.Subscripts.Sizes step)) none
