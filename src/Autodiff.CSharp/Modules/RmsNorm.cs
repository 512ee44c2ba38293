namespace Autodiff.CSharp;

/// <summary>Each part over the last axes by the root of its mean square, times a weight.</summary>
public sealed class RmsNorm : Layer
{
    private readonly Shape shape;
    private readonly double? epsilon;
    private readonly Parameter weight;

    /// <summary>A layer with the parameter <c>w</c>, which begins at 1.</summary>
    /// <param name="shape">The sizes of the last axes of the argument, and of the parameter.</param>
    /// <param name="epsilon">
    /// What is added to the mean square, inside the root; if not given, the distance from 1 to the next number of the
    /// argument's element type.
    /// </param>
    /// <param name="dtype">The element type of the parameter.</param>
    public RmsNorm(Shape shape, double? epsilon = null, DType dtype = DType.Float64)
    {
        (this.shape, this.epsilon) = (shape, epsilon);
        weight = AddParameter("w", shape, Initializers.Ones, dtype);
    }

    /// <inheritdoc/>
    protected override Node Forward(Node x) => x.RmsNorm(shape, weight, epsilon);
}
