using Autodiff.Kernel;

namespace Autodiff;

public sealed partial class RandomSource
{
    /// <summary>
    /// Numbers of a gamma distribution, with the density x^(alpha - 1) exp(-x / scale) but for a factor.
    /// </summary>
    /// <param name="alpha">The shape of the distribution, above 0.</param>
    /// <param name="shape">The sizes of the axes.</param>
    /// <param name="scale">The scale, above 0.</param>
    /// <param name="dtype">Float64 or Float32.</param>
    /// <exception cref="ArgumentException">alpha or scale is not positive, or not finite.</exception>
    /// <exception cref="DTypeException">The element type is no float.</exception>
    public NDArray Gamma(double alpha, int[] shape, double scale = 1, DType dtype = DType.Float64)
    {
        if (!(alpha > 0 && scale > 0 && double.IsFinite(alpha) && double.IsFinite(scale)))
            throw new ArgumentException($"Gamma: alpha {alpha} and scale {scale} must be positive and finite");
        RequireFloat("Gamma", dtype);
        Shape sizes = shape;
        var elements = new double[sizes.Size];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = scale * PortableExponential.Evaluate(GammaDraw.Log(Key, (ulong)i, alpha));
        return NDArray.Own(elements, sizes).AsType(dtype);
    }

    /// <summary>
    /// The logarithm of a number of a gamma distribution for each element: right also where the number itself is less
    /// than any double, as it mostly is for a small alpha.
    /// </summary>
    /// <param name="alpha">
    /// The shapes of the distributions, Float64 or Float32. The logarithm for 0 is -infinity, for what is negative NaN.
    /// </param>
    /// <exception cref="DTypeException">alpha is not floating.</exception>
    public NDArray LogGamma(NDArray alpha)
    {
        ArgumentNullException.ThrowIfNull(alpha);
        RequireFloat("LogGamma", alpha.DType);
        var shapes = alpha.AsType(DType.Float64).AsSpan<double>();
        var elements = new double[shapes.Length];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = GammaDraw.Log(Key, (ulong)i, shapes[i]);
        return NDArray.Own(elements, alpha.Shape).AsType(alpha.DType);
    }

    /// <summary>
    /// For each row of logits the position of a choice, as Int64: that of the greatest sum of a logit and a number of the
    /// Gumbel distribution, which is position k with probability exp(logit k) over the sum of the row's exponentials.
    /// </summary>
    /// <param name="logits">Logarithms of probabilities along the last axis, up to a number added to a row.</param>
    /// <exception cref="ShapeException">There is no axis, or the last one is empty.</exception>
    /// <exception cref="DTypeException">The logits are not floating.</exception>
    public NDArray Categorical(NDArray logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        RequireFloat("Categorical", logits.DType);
        if (logits.Rank == 0 || logits.Shape[^1] == 0)
            throw new ShapeException($"Categorical: logits of shape {logits.Shape} have nothing to choose from");
        var choices = logits.Shape[^1];
        var values = logits.AsType(DType.Float64).AsSpan<double>();
        var fractions = Uniform(logits.Shape.ToArray()).AsSpan<double>();
        var winners = new long[values.Length / choices];
        for (var row = 0; row < winners.Length; row++)
            winners[row] = Winner(values.Slice(row * choices, choices), fractions.Slice(row * choices, choices));
        return NDArray.Own(winners, Shape.Create(logits.Shape.AsSpan()[..^1]));
    }

    /// <summary>The half of the least step between fractions, which stands for the fraction 0.</summary>
    internal const double LeastFraction = 1.0 / (1L << 54);

    private static int Winner(ReadOnlySpan<double> logits, ReadOnlySpan<double> fractions)
    {
        var (best, winner) = (double.NegativeInfinity, 0);
        for (var k = 0; k < logits.Length; k++)
        {
            var exponential = -NormalQuantile.Log(Math.Max(fractions[k], LeastFraction));
            var value = logits[k] - NormalQuantile.Log(exponential);
            if (double.IsNaN(value))
                return k;
            if (value > best)
                (best, winner) = (value, k);
        }

        return winner;
    }
}
