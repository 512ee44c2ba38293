namespace Autodiff

/// What becomes of the losses of single elements or examples.
type LossReduction =
    /// Each of them stays.
    | None = 0
    /// Their mean; of losses with class weights the weighted mean. The mean of no losses at all is NaN.
    | Mean = 1
    /// Their sum.
    | Sum = 2

namespace Autodiff.FSharp

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Numerals

/// What losses have in common.
module internal LossTerms =

    let private unknown (reduction: LossReduction) =
        ArgumentOutOfRangeException("reduction", reduction, "the reduction is None, Mean or Sum")

    /// The losses as they are, their sum, or their sum by a total.
    let reduceBy (reduction: LossReduction) (total: Node) (losses: Node) : Node =
        match reduction with
        | LossReduction.None -> losses
        | LossReduction.Mean -> sum [] losses / total
        | LossReduction.Sum -> sum [] losses
        | other -> raise (unknown other)

    /// The losses as they are, their mean or their sum.
    let reduce (reduction: LossReduction) (losses: Node) : Node =
        match reduction with
        | LossReduction.None -> losses
        | LossReduction.Mean -> mean [] losses
        | LossReduction.Sum -> sum [] losses
        | other -> raise (unknown other)

    /// The target as a floating node; it broadcasts to x. That both broadcast to a third shape, as [n, 1] and [n] do, is a
    /// mistake more often than an intention.
    let target (operation: string) (x: Node) (target: Node) : Node =
        if not (Broadcasting.fits (Node.Given x).Shape (Node.Given target).Shape) then
            raise (
                ShapeException $"{operation}: the target {Axes.describe target} does not broadcast to {Axes.describe x}"
            )

        if target.DType.IsFloat() then target else Node.Cast(x.DType, target)

    /// A number that has to be positive.
    let positive (operation: string) (name: string) (value: float) =
        if not (value > 0.0) then
            raise (ArgumentOutOfRangeException(name, value, $"{operation}: {name} is a positive number"))

    /// The product in which 0 times an infinity is 0: what has no weight does not count, however unlikely it was.
    let weighted (weight: Node) (loss: Node) : Node =
        let counts = logicalOr (weight .<> zero) (abs loss .<> infinite)
        weight * where counts loss zero
