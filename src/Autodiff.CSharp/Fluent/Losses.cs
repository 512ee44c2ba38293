namespace Autodiff.CSharp;

/// <summary>
/// Softmax and its relatives, densities and losses. A target broadcasts to what it is compared with, not the other way.
/// </summary>
public static class Losses
{
    /// <param name="x">The argument; logits, where it is compared with probabilities.</param>
    extension(Node x)
    {
        /// <summary>exp x over its sum along an axis. A row of -inf gives zeros, with derivative 0.</summary>
        /// <param name="axis">The axis.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node Softmax(int axis = -1) => FSharp.Exponentials.softmax(axis, x);

        /// <summary>The logarithm of softmax along an axis, stable over the whole range.</summary>
        /// <param name="axis">The axis.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node LogSoftmax(int axis = -1) => FSharp.Exponentials.logSoftmax(axis, x);

        /// <summary>The cross entropy of probabilities along the last axis with softmax of x: one number for each row.</summary>
        /// <param name="probabilities">What the softmax should be; its shape broadcasts with that of x.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public Node SoftmaxCrossEntropy(Node probabilities) => FSharp.Losses.softmaxCrossEntropy(probabilities, x);

        /// <summary>The cross entropy of probabilities with sigmoid of x, elementwise and stable over the whole range.</summary>
        /// <param name="probabilities">What the sigmoid should be; its shape broadcasts with that of x.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public Node SigmoidCrossEntropy(Node probabilities) => FSharp.Losses.sigmoidCrossEntropy(probabilities, x);

        /// <summary>The mean of the squared differences of all elements.</summary>
        /// <param name="target">What x should be; its shape broadcasts with that of x.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public Node MeanSquaredError(Node target) => FSharp.Losses.meanSquaredError(target, x);

        /// <summary>The density at x of the normal distribution.</summary>
        /// <param name="mean">Its mean.</param>
        /// <param name="deviation">Its standard deviation.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public Node NormalDensity(Node mean, Node deviation) => FSharp.Losses.normalDensity(mean, deviation, x);

        /// <summary>The squared differences.</summary>
        /// <param name="target">What x should be; it broadcasts to x.</param>
        /// <param name="reduction">Whether the mean, the sum or every loss is wanted.</param>
        /// <exception cref="ShapeException">The target does not broadcast to x.</exception>
        public Node MseLoss(Node target, LossReduction reduction = LossReduction.Mean) =>
            FSharp.Losses.mseWith(reduction, target, x);

        /// <summary>The absolute differences.</summary>
        /// <inheritdoc cref="MseLoss"/>
        public Node L1Loss(Node target, LossReduction reduction = LossReduction.Mean) =>
            FSharp.Losses.l1With(reduction, target, x);

        /// <summary>Half the squares of the differences d up to delta, from there on delta (|d| - delta / 2).</summary>
        /// <param name="target">What x should be; it broadcasts to x.</param>
        /// <param name="delta">Where the parabola becomes a line.</param>
        /// <param name="reduction">Whether the mean, the sum or every loss is wanted.</param>
        /// <exception cref="ShapeException">The target does not broadcast to x.</exception>
        /// <exception cref="ArgumentOutOfRangeException">Delta is not positive.</exception>
        public Node HuberLoss(Node target, double delta = 1, LossReduction reduction = LossReduction.Mean) =>
            FSharp.Losses.huberWith(delta, reduction, target, x);

        /// <summary>The absolute differences, rounded off to a parabola below beta.</summary>
        /// <param name="target">What x should be; it broadcasts to x.</param>
        /// <param name="beta">Where the parabola becomes a line.</param>
        /// <param name="reduction">Whether the mean, the sum or every loss is wanted.</param>
        /// <exception cref="ShapeException">The target does not broadcast to x.</exception>
        /// <exception cref="ArgumentOutOfRangeException">Beta is not positive.</exception>
        public Node SmoothL1Loss(Node target, double beta = 1, LossReduction reduction = LossReduction.Mean) =>
            FSharp.Losses.smoothL1With(beta, reduction, target, x);

        /// <summary>max(0, 1 - target x).</summary>
        /// <param name="target">-1 or 1 for each element; it broadcasts to x.</param>
        /// <param name="reduction">Whether the mean, the sum or every loss is wanted.</param>
        /// <exception cref="ShapeException">The target does not broadcast to x.</exception>
        public Node HingeLoss(Node target, LossReduction reduction = LossReduction.Mean) =>
            FSharp.Losses.hingeWith(reduction, target, x);

        /// <summary>p (log p - x), where x holds logarithms of probabilities. What has probability 0 contributes 0.</summary>
        /// <param name="target">The probabilities p; they broadcast to x.</param>
        /// <param name="reduction">Whether the mean over all elements, the sum or every term is wanted.</param>
        /// <exception cref="ShapeException">The target does not broadcast to x.</exception>
        public Node KlDivergence(Node target, LossReduction reduction = LossReduction.Mean) =>
            FSharp.Losses.klWith(reduction, target, x);

        /// <summary>-(y log x + (1 - y) log (1 - x)) for targets y and probabilities x.</summary>
        /// <param name="target">The targets; they broadcast to x.</param>
        /// <param name="reduction">Whether the mean, the sum or every loss is wanted.</param>
        /// <exception cref="ShapeException">The target does not broadcast to x.</exception>
        public Node BinaryCrossEntropy(Node target, LossReduction reduction = LossReduction.Mean) =>
            FSharp.Losses.binaryCrossEntropyWith(reduction, target, x);

        /// <summary>The binary cross entropy of targets with sigmoid of x, stable over the whole range.</summary>
        /// <param name="target">The targets; they broadcast to x.</param>
        /// <param name="positiveWeight">How much a positive weighs; it broadcasts to x. 1 if not given.</param>
        /// <param name="reduction">Whether the mean, the sum or every loss is wanted.</param>
        /// <exception cref="ShapeException">The target, or the weight, does not broadcast to x.</exception>
        public Node BinaryCrossEntropyWithLogits(
            Node target, Node? positiveWeight = null, LossReduction reduction = LossReduction.Mean) =>
            FSharp.Losses.binaryCrossEntropyWithLogitsWith(positiveWeight, reduction, target, x);

        /// <summary>The cross entropy of classes with softmax of x, whose classes stand along an axis.</summary>
        /// <param name="target">
        /// The number of each class (Int32 or Int64), in the shape of x without the axis of the classes; or their
        /// probabilities, in the shape of x. On evaluation a number that is no class throws IndexOutOfRangeException.
        /// </param>
        /// <param name="weight">How much each class weighs; the mean of losses of class numbers is weighted by it.</param>
        /// <param name="ignoreIndex">The class number of what does not count.</param>
        /// <param name="labelSmoothing">The share of the probability that all classes get evenly.</param>
        /// <param name="axis">The axis of the classes: 1, or 0 if x has only one axis.</param>
        /// <param name="reduction">Whether the mean, the sum or every loss is wanted.</param>
        /// <exception cref="ShapeException">The target or the weight does not fit, or there are no classes.</exception>
        /// <exception cref="DTypeException">The target is Bool.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not between 0 and 1.</exception>
        public Node CrossEntropy(
            Node target,
            Node? weight = null,
            int ignoreIndex = -100,
            double labelSmoothing = 0,
            int axis = 1,
            LossReduction reduction = LossReduction.Mean) =>
            FSharp.ClassLosses.crossEntropy(
                new(weight, ignoreIndex, labelSmoothing, axis, reduction), target, x);

        /// <summary>Minus x at each class, where x holds logarithms of probabilities along an axis.</summary>
        /// <param name="target">The number of each class, as in CrossEntropy.</param>
        /// <param name="weight">How much each class weighs.</param>
        /// <param name="ignoreIndex">The class number of what does not count.</param>
        /// <param name="axis">The axis of the classes: 1, or 0 if x has only one axis.</param>
        /// <param name="reduction">Whether the mean, the sum or every loss is wanted.</param>
        /// <exception cref="ShapeException">The target or the weight does not fit, or there are no classes.</exception>
        /// <exception cref="DTypeException">The target holds no whole numbers.</exception>
        public Node NllLoss(
            Node target,
            Node? weight = null,
            int ignoreIndex = -100,
            int axis = 1,
            LossReduction reduction = LossReduction.Mean) =>
            FSharp.ClassLosses.nll(new(weight, ignoreIndex, 0, axis, reduction), target, x);

        /// <summary>The cosine of the angle between the vectors along an axis; 0 with a zero vector.</summary>
        /// <param name="y">The other vectors; the shapes broadcast.</param>
        /// <param name="axis">The axis.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast, or there is no such axis.</exception>
        public Node CosineSimilarity(Node y, int axis = -1) => FSharp.Losses.cosineSimilarity(axis, x, y);
    }
}
