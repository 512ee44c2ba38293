using Microsoft.FSharp.Core;

namespace Autodiff.CSharp;

/// <summary>
/// Values moved to mean 0 and scaled to variance 1, as PyTorch's functions of these names. Nothing is hidden: the epsilon
/// under the root is an argument.
/// </summary>
public static class Normalizations
{
    private const double Epsilon = 1e-5;

    /// <param name="x">The argument.</param>
    extension(Node x)
    {
        /// <summary>Each part over the last axes, which have the given sizes, with mean 0 and variance 1.</summary>
        /// <param name="shape">The sizes of the last axes.</param>
        /// <param name="weight">What multiplies the normalised values, of that shape.</param>
        /// <param name="bias">What is added to them then, of that shape.</param>
        /// <param name="epsilon">What is added to the variance, inside the root.</param>
        /// <exception cref="ShapeException">The argument does not end with these sizes, or a parameter has others.</exception>
        /// <exception cref="ArgumentException">Epsilon is negative.</exception>
        public Node LayerNorm(Shape shape, Node? weight = null, Node? bias = null, double epsilon = Epsilon) =>
            FSharp.Normalizations.layerNorm(Options(weight, bias, epsilon), shape, x);

        /// <summary>Each part over the last axes, which have the given sizes, by the root of its mean square.</summary>
        /// <param name="shape">The sizes of the last axes.</param>
        /// <param name="weight">What multiplies the normalised values, of that shape.</param>
        /// <param name="epsilon">
        /// What is added to the mean square, inside the root; if not given, the distance from 1 to the next number of the
        /// element type.
        /// </param>
        /// <exception cref="ShapeException">The argument does not end with these sizes, or the weight has others.</exception>
        /// <exception cref="ArgumentException">Epsilon is negative.</exception>
        public Node RmsNorm(Shape shape, Node? weight = null, double? epsilon = null) =>
            FSharp.Normalizations.rmsNorm(
                Options(weight, null, epsilon ?? FSharp.Normalization.machine(Node.Given(x).DType).Epsilon), shape, x);

        /// <summary>
        /// The channels, axis 1, in so many groups, each with mean 0 and variance 1 in each example.
        /// </summary>
        /// <param name="groups">The number of groups, which divides that of the channels.</param>
        /// <param name="weight">What multiplies the normalised values, a number for each channel.</param>
        /// <param name="bias">What is added to them then, a number for each channel.</param>
        /// <param name="epsilon">What is added to the variance, inside the root.</param>
        /// <exception cref="ShapeException">The groups do not divide the channels, or a parameter has another shape.</exception>
        /// <exception cref="ArgumentException">Epsilon is negative.</exception>
        public Node GroupNorm(int groups, Node? weight = null, Node? bias = null, double epsilon = Epsilon) =>
            FSharp.Normalizations.groupNorm(Options(weight, bias, epsilon), groups, x);

        /// <summary>
        /// Each channel of each example of [batch, channels, spatial axes] with mean 0 and variance 1.
        /// </summary>
        /// <param name="weight">What multiplies the normalised values, a number for each channel.</param>
        /// <param name="bias">What is added to them then, a number for each channel.</param>
        /// <param name="epsilon">What is added to the variance, inside the root.</param>
        /// <exception cref="ShapeException">There are no spatial axes, or a parameter has another shape.</exception>
        /// <exception cref="ArgumentException">Epsilon is negative.</exception>
        public Node InstanceNorm(Node? weight = null, Node? bias = null, double epsilon = Epsilon) =>
            FSharp.Normalizations.instanceNorm(Options(weight, bias, epsilon), x);

        /// <summary>
        /// Each channel, axis 1, with mean 0 and variance 1 over the batch and all other axes, as in training; and these
        /// statistics, of which running averages are made.
        /// </summary>
        /// <param name="weight">What multiplies the normalised values, a number for each channel.</param>
        /// <param name="bias">What is added to them then, a number for each channel.</param>
        /// <param name="epsilon">What is added to the variance, inside the root.</param>
        /// <returns>
        /// The normalised batch, the mean of each channel, and its variance with divisor n - 1. (The batch itself is
        /// normalised with divisor n.)
        /// </returns>
        /// <exception cref="ShapeException">A channel has fewer than two elements, or a parameter another shape.</exception>
        /// <exception cref="ArgumentException">Epsilon is negative.</exception>
        public (Node Value, Node Mean, Node Variance) BatchNorm(
            Node? weight = null, Node? bias = null, double epsilon = Epsilon)
        {
            var batch = FSharp.Normalizations.batchNorm(Options(weight, bias, epsilon), x);
            return (batch.Value, batch.Mean, batch.Variance);
        }

        /// <summary>Each channel, axis 1, moved and scaled by a given mean and variance, as in inference.</summary>
        /// <param name="mean">A mean for each channel.</param>
        /// <param name="variance">A variance for each channel.</param>
        /// <param name="weight">What multiplies the normalised values, a number for each channel.</param>
        /// <param name="bias">What is added to them then, a number for each channel.</param>
        /// <param name="epsilon">What is added to the variance, inside the root.</param>
        /// <exception cref="ShapeException">The statistics or a parameter have another shape.</exception>
        /// <exception cref="ArgumentException">Epsilon is negative.</exception>
        public Node BatchNormInference(
            Node mean, Node variance, Node? weight = null, Node? bias = null, double epsilon = Epsilon) =>
            FSharp.Normalizations.batchNormInference(Options(weight, bias, epsilon), mean, variance, x);
    }

    private static FSharp.Normalization Options(Node? weight, Node? bias, double epsilon) =>
        new(epsilon, Optional(weight), Optional(bias));

    private static FSharpOption<Node>? Optional(Node? node) => node is null ? null : FSharpOption<Node>.Some(node);
}
