namespace Autodiff.CSharp;

/// <summary>Each part over the last axes with mean 0 and variance 1, times a weight plus a bias.</summary>
public sealed class LayerNorm : Layer
{
    private readonly Shape shape;
    private readonly double epsilon;
    private readonly Parameter weight;
    private readonly Parameter? bias;

    /// <summary>A layer with the parameters <c>w</c>, which begins at 1, and <c>b</c>, which begins at 0.</summary>
    /// <param name="shape">The sizes of the last axes of the argument, and of the parameters.</param>
    /// <param name="epsilon">What is added to the variance, inside the root.</param>
    /// <param name="hasBias">Whether there is a b.</param>
    /// <param name="dtype">The element type of the parameters.</param>
    public LayerNorm(Shape shape, double epsilon = 1e-5, bool hasBias = true, DType dtype = DType.Float64)
    {
        (this.shape, this.epsilon) = (shape, epsilon);
        weight = AddParameter("w", shape, Initializers.Ones, dtype);
        bias = hasBias ? AddParameter("b", shape, Initializers.Zeros, dtype) : null;
    }

    /// <inheritdoc/>
    protected override Node Forward(Node x) => x.LayerNorm(shape, weight, bias?.Node, epsilon);
}
