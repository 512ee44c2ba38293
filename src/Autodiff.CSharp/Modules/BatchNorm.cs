namespace Autodiff.CSharp;

/// <summary>Each channel, axis 1, with mean 0 and variance 1, times a weight plus a bias.</summary>
/// <remarks>
/// A graph has no state: <see cref="Apply(Node)"/> gives the statistics of the batch beside its value, and the caller
/// keeps running averages of them (as further outputs of a <see cref="TrainingState"/>, for instance), which the other
/// overload takes in inference.
/// </remarks>
public sealed class BatchNorm : Module
{
    private readonly double epsilon;
    private readonly Parameter weight;
    private readonly Parameter bias;

    /// <summary>
    /// A module with the parameters <c>w</c> [channels], which begins at 1, and <c>b</c> [channels], which begins at 0.
    /// </summary>
    /// <param name="channels">The number of channels.</param>
    /// <param name="epsilon">What is added to the variance, inside the root.</param>
    /// <param name="dtype">The element type of the parameters.</param>
    public BatchNorm(int channels, double epsilon = 1e-5, DType dtype = DType.Float64)
    {
        this.epsilon = epsilon;
        weight = AddParameter("w", [channels], Initializers.Ones, dtype);
        bias = AddParameter("b", [channels], Initializers.Zeros, dtype);
    }

    /// <summary>In training: the value by the statistics of the batch, and these.</summary>
    /// <param name="x">The batch.</param>
    /// <returns>The value, the mean of each channel, and its variance with divisor n - 1.</returns>
    /// <exception cref="ShapeException">A channel has fewer than two elements, or there are other channels.</exception>
    public (Node Value, Node Mean, Node Variance) Apply(Node x) => InScope(() => x.BatchNorm(weight, bias, epsilon));

    /// <summary>In inference: the value by given statistics.</summary>
    /// <param name="x">The argument.</param>
    /// <param name="mean">A mean for each channel.</param>
    /// <param name="variance">A variance for each channel.</param>
    /// <exception cref="ShapeException">There are other channels.</exception>
    public Node Apply(Node x, Node mean, Node variance) =>
        InScope(() => x.BatchNormInference(mean, variance, weight, bias, epsilon));
}
