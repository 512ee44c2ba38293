namespace Autodiff.FSharp

open Autodiff

/// Softmax and its relatives, and losses.
[<AutoOpen>]
module Losses =

    let private one: Node = Node.op_Implicit 1.0
    let private zero: Node = Node.op_Implicit 0.0

    /// exp x over its sum along an axis. A row of -inf gives zeros, with derivative 0.
    let softmax (axis: int) (x: Node) : Node =
        let axes = [| Axes.normalise "softmax" x axis |]
        let struct (exponentials, total, _) = shiftedExponentials axes x
        exponentials / reshape (keepAxes axes x) (where (total .= zero) one total)

    /// The logarithm of softmax along an axis, stable over the whole range.
    let logSoftmax (axis: int) (x: Node) : Node =
        let axes = [| Axes.normalise "logSoftmax" x axis |]
        let struct (_, total, shift) = shiftedExponentials axes x
        let total = where (total .= zero) one total
        (x - reshape (keepAxes axes x) shift) - reshape (keepAxes axes x) (log total)

    /// The cross entropy of probabilities along the last axis with softmax of the logits: one number for each row.
    let softmaxCrossEntropy (probabilities: Node) (logits: Node) : Node =
        -(sum [ -1 ] (probabilities * logSoftmax -1 logits))

    /// The cross entropy of probabilities with sigmoid of the logits, elementwise and stable over the whole range.
    let sigmoidCrossEntropy (probabilities: Node) (logits: Node) : Node = softplus logits - logits * probabilities

    /// The density of the normal distribution with the given mean and standard deviation.
    let normalDensity (mean: Node) (deviation: Node) (x: Node) : Node =
        let z = (x - mean) / deviation
        exp (-0.5 * square z) / (deviation * sqrt (2.0 * System.Math.PI))

    /// The mean of the squared differences.
    let meanSquaredError (target: Node) (x: Node) : Node = mean [] (squaredDifference x target)
