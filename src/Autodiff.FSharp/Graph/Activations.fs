namespace Autodiff.FSharp

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Numerals

/// Activation functions made of elementwise ones. Where a formula would meet 0 times infinity or lose its digits far out,
/// another one that is equal there takes over, so that values and derivatives are right over the whole range.
[<AutoOpen>]
module Activations =

    /// x where it is above 0 and 0 below, but a formula within a distance of 0. Further out the two are the same number.
    let private ramp (reach: float) (formula: Node -> Node) (x: Node) : Node =
        let isFar = abs x .> Node.op_Implicit reach
        where isFar (relu x) (formula (where isFar zero x))

    /// The elementwise logarithm of sigmoid x, stable over the whole range.
    let logSigmoid (x: Node) : Node = -(softplus -x)

    /// The elementwise x where it is above 0, elsewhere slope times x.
    let leakyRelu (slope: float) (x: Node) : Node = where (x .> zero) x (slope * x)

    /// The elementwise x where it is above 0, elsewhere alpha (exp x - 1).
    let elu (alpha: float) (x: Node) : Node =
        let isAbove = x .> zero
        where isAbove x (alpha * expm1 (where isAbove zero x))

    /// The scaled exponential linear unit, whose two constants keep mean 0 and variance 1 through many layers (Klambauer
    /// and others, "Self-Normalizing Neural Networks", 2017).
    let selu (x: Node) : Node = 1.0507009873554805 * elu 1.6732632423543772 x

    // The normal tail and the logistic function of the cubic are below the least subnormal from 39 on.
    let private geluReach = 40.0

    /// The elementwise x times the probability that a normal variable is below x.
    let gelu (x: Node) : Node = ramp geluReach (fun x -> 0.5 * x * erfc (-sqrt 0.5 * x)) x

    /// The approximation of gelu by tanh: 1/2 (1 + tanh u) is sigmoid 2u, which keeps its digits in the tail.
    let geluApproximate (x: Node) : Node =
        let twice x = 2.0 * sqrt (2.0 / System.Math.PI) * (x + 0.044715 * (x * square x))
        ramp geluReach (fun x -> x * sigmoid (twice x)) x

    // The exponential of minus 800 is below the least subnormal.
    let private exponentialReach = 800.0

    /// The elementwise x times sigmoid x, also known as swish.
    let silu (x: Node) : Node = ramp exponentialReach (fun x -> x * sigmoid x) x

    /// The elementwise x tanh (softplus x).
    let mish (x: Node) : Node = ramp exponentialReach (fun x -> x * tanh (softplus x)) x

    /// The elementwise x / (1 + |x|). Beyond 1 it is written as sign x (1 - 1 / (1 + |x|)), whose derivative is no
    /// difference of almost equal numbers.
    let softsign (x: Node) : Node =
        let isFar = abs x .> one
        let near = where isFar zero x
        where isFar (signum x * (one - reciprocal (one + abs x))) (near / (one + abs near))

    /// The first half along an axis times sigmoid of the second half.
    let glu (axis: int) (x: Node) : Node =
        let axis = Axes.normalise "glu" x axis
        let size = x.Shape[axis]

        if size < 0 || size % 2 <> 0 then
            let size = if size < 0 then "not known yet" else string size
            raise (ShapeException $"glu: axis {axis} of {Axes.describe x} has size {size}, which has no two halves")

        let half start =
            let range i =
                if i = axis then
                    { Start = start; Step = 1; Count = size / 2 }
                else
                    { Start = 0; Step = 1; Count = x.Shape[i] }

            Node.Make(Op.Slice(Array.init x.Rank range, x))

        half 0 * sigmoid (half (size / 2))
