namespace Autodiff.FSharp

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.LossTerms
open Autodiff.FSharp.Numerals

/// Losses that compare element with element.
[<AutoOpen>]
module Losses =

    /// Refuses operands that do not broadcast.
    let private requireMeeting operation (x: Node) (y: Node) =
        Broadcasting.pair operation (Node.Given x).Name x.Shape (Node.Given y).Name y.Shape |> ignore

    /// The cross entropy of probabilities along the last axis with softmax of the logits: one number for each row.
    let softmaxCrossEntropy (probabilities: Node) (logits: Node) : Node =
        requireMeeting "softmaxCrossEntropy" probabilities logits
        -(sum [ -1 ] (weighted probabilities (logSoftmax -1 logits)))

    /// The cross entropy of probabilities with sigmoid of the logits, elementwise and stable over the whole range.
    let sigmoidCrossEntropy (probabilities: Node) (logits: Node) : Node =
        requireMeeting "sigmoidCrossEntropy" probabilities logits
        softplus logits - logits * probabilities

    /// The density of the normal distribution with the given mean and standard deviation.
    let normalDensity (mean: Node) (deviation: Node) (x: Node) : Node =
        requireMeeting "normalDensity" mean x
        let distance = x - mean
        requireMeeting "normalDensity" deviation distance
        let z = distance / deviation
        exp (-0.5 * square z) / (deviation * sqrt (2.0 * System.Math.PI))

    /// The mean of the squared differences.
    let meanSquaredError (target: Node) (x: Node) : Node =
        requireMeeting "meanSquaredError" target x
        mean [] (squaredDifference x target)

    let internal mseWith reduction (target: Node) (x: Node) =
        reduce reduction (square (x - LossTerms.target "mseLoss" x target))

    /// The mean of the squared differences from a target that broadcasts to x.
    let mseLoss (target: Node) (x: Node) : Node = mseWith LossReduction.Mean target x

    let internal l1With reduction (target: Node) (x: Node) =
        reduce reduction (abs (x - LossTerms.target "l1Loss" x target))

    /// The mean of the absolute differences from a target that broadcasts to x.
    let l1Loss (target: Node) (x: Node) : Node = l1With LossReduction.Mean target x

    /// d^2 / 2 up to a distance of delta, from there on the straight line delta (|d| - delta / 2).
    let private huber (delta: float) (d: Node) =
        let distance = abs d
        let isFar = distance .> Node.op_Implicit delta
        where isFar (delta * (distance - 0.5 * delta)) (0.5 * square (where isFar zero d))

    let internal huberWith (delta: float) reduction (target: Node) (x: Node) =
        positive "huberLoss" "delta" delta
        reduce reduction (huber delta (floating x - LossTerms.target "huberLoss" x target))

    /// The mean of Huber's loss of the differences d from a target that broadcasts to x: d^2 / 2 up to delta, from there
    /// on delta (|d| - delta / 2).
    let huberLoss (delta: float) (target: Node) (x: Node) : Node = huberWith delta LossReduction.Mean target x

    let internal smoothL1With (beta: float) reduction (target: Node) (x: Node) =
        positive "smoothL1Loss" "beta" beta
        reduce reduction (huber beta (floating x - LossTerms.target "smoothL1Loss" x target) / beta)

    /// The mean of the absolute differences d from a target that broadcasts to x, rounded off to d^2 / (2 beta) up to
    /// |d| = beta, and smaller by beta / 2 from there on.
    let smoothL1Loss (beta: float) (target: Node) (x: Node) : Node = smoothL1With beta LossReduction.Mean target x

    let internal hingeWith reduction (target: Node) (x: Node) =
        reduce reduction (relu (one - LossTerms.target "hingeLoss" x target * x))

    /// The mean of max(0, 1 - target x) for targets -1 and 1 that broadcast to x.
    let hingeLoss (target: Node) (x: Node) : Node = hingeWith LossReduction.Mean target x

    let internal klWith reduction (target: Node) (logProbabilities: Node) =
        let p = LossTerms.target "klDivergence" logProbabilities target
        reduce reduction (xlogy p p - weighted p logProbabilities)

    /// The mean of p (log p - log q) over all elements, for probabilities p that broadcast to the logarithms log q of
    /// others. What has probability 0 contributes 0.
    let klDivergence (target: Node) (logProbabilities: Node) : Node = klWith LossReduction.Mean target logProbabilities

    let internal binaryCrossEntropyWith reduction (target: Node) (probabilities: Node) =
        let y = LossTerms.target "binaryCrossEntropy" probabilities target
        reduce reduction (-(xlogy y probabilities + xlog1py (one - y) -probabilities))

    /// The mean of -(y log p + (1 - y) log (1 - p)) for targets y that broadcast to the probabilities p.
    let binaryCrossEntropy (target: Node) (probabilities: Node) : Node =
        binaryCrossEntropyWith LossReduction.Mean target probabilities

    let internal binaryCrossEntropyWithLogitsWith
        (positiveWeight: Node | null)
        reduction
        (target: Node)
        (logits: Node)
        =
        let logits = floating logits
        let y = LossTerms.target "binaryCrossEntropyWithLogits" logits target

        let positives =
            match positiveWeight with
            | null -> y
            | weight -> y * LossTerms.target "binaryCrossEntropyWithLogits, positive weight" logits weight

        reduce reduction (weighted positives (softplus -logits) + weighted (one - y) (softplus logits))

    /// The mean of the binary cross entropy of targets that broadcast to the logits with sigmoid of these, stable over the
    /// whole range.
    let binaryCrossEntropyWithLogits (target: Node) (logits: Node) : Node =
        binaryCrossEntropyWithLogitsWith null LossReduction.Mean target logits

    /// x over its largest absolute value along an axis, in which no square overflows or vanishes.
    let private scaled axis (x: Node) =
        let largest = stopGradient (keepingDims "cosineSimilarity" amax [ axis ] (abs x))
        let isUsable = logicalAnd (isFinite largest) (largest .> zero)
        x / where isUsable largest one

    /// The cosine of the angle between the vectors along an axis of x and y, which broadcast. With a zero vector it is 0,
    /// with derivative 0.
    let cosineSimilarity (axis: int) (x: Node) (y: Node) : Node =
        let struct (x, y) = Node.Align("cosineSimilarity", x, y)
        let axis = Axes.normalise "cosineSimilarity" x axis

        if x.Shape[axis] = 0 then
            sum [ axis ] (floating x)
        else
            let x, y = scaled axis (floating x), scaled axis (floating y)
            let lengths = norm [ axis ] x * norm [ axis ] y
            let isZero = lengths .= zero
            where isZero zero (sum [ axis ] (x * y) / where isZero one lengths)
