namespace Autodiff.CSharp;

/// <summary>
/// The channels, axis 1, in groups, each with mean 0 and variance 1 in each example, times a weight plus a bias.
/// </summary>
public sealed class GroupNorm : Layer
{
    private readonly int groups;
    private readonly double epsilon;
    private readonly Parameter weight;
    private readonly Parameter bias;

    /// <summary>
    /// A layer with the parameters <c>w</c> [channels], which begins at 1, and <c>b</c> [channels], which begins at 0.
    /// </summary>
    /// <param name="groups">The number of groups.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="epsilon">What is added to the variance, inside the root.</param>
    /// <param name="dtype">The element type of the parameters.</param>
    /// <exception cref="ShapeException">The groups do not divide the channels.</exception>
    public GroupNorm(int groups, int channels, double epsilon = 1e-5, DType dtype = DType.Float64)
    {
        if (groups < 1 || channels % groups != 0)
            throw new ShapeException($"GroupNorm: {groups} groups do not divide {channels} channels");
        (this.groups, this.epsilon) = (groups, epsilon);
        weight = AddParameter("w", [channels], Initializers.Ones, dtype);
        bias = AddParameter("b", [channels], Initializers.Zeros, dtype);
    }

    /// <inheritdoc/>
    protected override Node Forward(Node x) => x.GroupNorm(groups, weight, bias, epsilon);
}
