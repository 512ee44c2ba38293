using Autodiff.FSharp;

namespace Autodiff.CSharp;

/// <summary>How a parameter begins.</summary>
/// <param name="source">Random numbers that belong to this parameter alone.</param>
/// <param name="shape">The shape of the parameter.</param>
/// <param name="dtype">Its element type, Float32 or Float64.</param>
public delegate NDArray Initializer(RandomSource source, Shape shape, DType dtype);

/// <summary>The usual ways for a parameter to begin.</summary>
/// <remarks>
/// The last two axes of a weight are its inputs and its outputs; axes before them (the window of a convolution) multiply
/// both. A vector counts as so many inputs and as so many outputs.
/// </remarks>
public static class Initializers
{
    /// <summary>Zeros.</summary>
    public static Initializer Zeros { get; } = (_, shape, dtype) => NDArray.Zeros(shape, dtype);

    /// <summary>Ones.</summary>
    public static Initializer Ones { get; } = (_, shape, dtype) => NDArray.Ones(shape, dtype);

    /// <summary>
    /// Uniform with variance 2 / (inputs + outputs), which keeps the variance of values and of gradients: Glorot and
    /// Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
    /// </summary>
    public static Initializer GlorotUniform { get; } = (source, shape, dtype) =>
        Uniform(Math.Sqrt(3) * GlorotDeviation(shape))(source, shape, dtype);

    /// <summary>Normal with variance 2 / (inputs + outputs).</summary>
    /// <seealso cref="GlorotUniform"/>
    public static Initializer GlorotNormal { get; } = (source, shape, dtype) =>
        Normal(GlorotDeviation(shape))(source, shape, dtype);

    /// <summary>
    /// Uniform with variance 2 / inputs, which keeps the variance of values through relu: He, Zhang, Ren and Sun,
    /// "Delving deep into rectifiers" (2015).
    /// </summary>
    public static Initializer HeUniform { get; } = (source, shape, dtype) =>
        Uniform(Math.Sqrt(3) * HeDeviation(shape))(source, shape, dtype);

    /// <summary>Normal with variance 2 / inputs.</summary>
    /// <seealso cref="HeUniform"/>
    public static Initializer HeNormal { get; } = (source, shape, dtype) =>
        Normal(HeDeviation(shape))(source, shape, dtype);

    /// <summary>The same number everywhere.</summary>
    /// <param name="value">The number.</param>
    public static Initializer Constant(double value) => (_, shape, dtype) => NDArray.Full(shape, value).AsType(dtype);

    /// <summary>Uniform between -limit and limit.</summary>
    /// <param name="limit">The largest absolute value.</param>
    public static Initializer Uniform(double limit) => (source, shape, dtype) =>
        source.Uniform(shape, -limit, limit, dtype);

    /// <summary>Normal with mean 0.</summary>
    /// <param name="deviation">The standard deviation.</param>
    public static Initializer Normal(double deviation) => (source, shape, dtype) =>
        source.Normal(shape, 0, deviation, dtype);

    private static double GlorotDeviation(Shape shape)
    {
        var (inputs, outputs) = Initial.fans(shape);
        return Math.Sqrt(2 / Math.Max(1, inputs + outputs));
    }

    private static double HeDeviation(Shape shape)
    {
        var (inputs, _) = Initial.fans(shape);
        return Math.Sqrt(2 / Math.Max(1, inputs));
    }
}
