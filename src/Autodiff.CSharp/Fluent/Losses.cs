namespace Autodiff.CSharp;

/// <summary>Softmax and its relatives, densities and losses.</summary>
public static class Losses
{
    /// <param name="x">The argument; logits, where it is compared with probabilities.</param>
    extension(Node x)
    {
        /// <summary>exp x over its sum along an axis. A row of -inf gives zeros, with derivative 0.</summary>
        /// <param name="axis">The axis.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
        public Node Softmax(int axis = -1) => FSharp.Losses.softmax(axis, x);

        /// <summary>The logarithm of softmax along an axis, stable over the whole range.</summary>
        /// <param name="axis">The axis.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
        public Node LogSoftmax(int axis = -1) => FSharp.Losses.logSoftmax(axis, x);

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
    }
}
