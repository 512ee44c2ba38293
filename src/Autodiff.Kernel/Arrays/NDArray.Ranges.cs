using Autodiff.Kernel;

namespace Autodiff;

public sealed partial class NDArray
{
    /// <summary>The Float64 numbers 0, 1, 2, ... below <paramref name="stop"/>.</summary>
    /// <param name="stop">The end, which is left out.</param>
    public static NDArray Arange(double stop) => Arange(0, stop);

    /// <summary>
    /// The numbers start + i step for i = 0, 1, ... as long as they lie before <paramref name="stop"/>: as NumPy counts
    /// them, ceil((stop - start) / step) of them, none if that is negative.
    /// </summary>
    /// <param name="start">The first number.</param>
    /// <param name="stop">The end, which is left out.</param>
    /// <param name="step">The difference of neighbours, positive or negative.</param>
    /// <param name="dtype">The element type; an integer type wants an integer start and step.</param>
    /// <exception cref="ArgumentException">
    /// The step is zero, or a value is not finite or not an integer where it must be.
    /// </exception>
    public static NDArray Arange(double start, double stop, double step = 1, DType dtype = DType.Float64)
    {
        if (step == 0 || !double.IsFinite(start) || !double.IsFinite(stop) || !double.IsFinite(step))
            throw new ArgumentException(
                $"NDArray.Arange: start {start}, stop {stop} and step {step} must be finite, and the step not zero");
        if (!dtype.IsFloat() && (!double.IsInteger(start) || !double.IsInteger(step)))
            throw new ArgumentException(
                $"NDArray.Arange: start {start} and step {step} must be integers for an array of {dtype}");
        var values = new double[CountOf("NDArray.Arange", Math.Ceiling((stop - start) / step))];
        for (var i = 0; i < values.Length; i++)
            values[i] = start + i * step;
        return Own(values, Shape.Create(values.Length)).AsType(dtype);
    }

    /// <summary>Numbers at equal distances: start + i (stop - start) / (count - 1).</summary>
    /// <param name="start">The first number.</param>
    /// <param name="stop">The last number; left out if <paramref name="endpoint"/> is false.</param>
    /// <param name="count">How many numbers.</param>
    /// <param name="endpoint">
    /// Whether <paramref name="stop"/> is the last number; if not, the distance is (stop - start) / count.
    /// </param>
    /// <param name="dtype">The element type; integer types take the floor, as NumPy does.</param>
    /// <exception cref="ArgumentException">The count is negative.</exception>
    public static NDArray Linspace(
        double start, double stop, int count = 50, bool endpoint = true, DType dtype = DType.Float64)
    {
        var values = new double[CountOf("NDArray.Linspace", count < 0 ? double.NaN : count)];
        var last = endpoint ? count - 1 : count;
        var step = (stop - start) / last;
        for (var i = 0; i < values.Length; i++)
            values[i] = i == 0 ? start : endpoint && i == last ? stop : start + i * step;
        if (!dtype.IsFloat())
            System.Numerics.Tensors.TensorPrimitives.Floor(values, values);
        return Own(values, Shape.Create(values.Length)).AsType(dtype);
    }

    private static int CountOf(string operation, double count) =>
        count <= Array.MaxLength
            ? (int)Math.Max(count, 0)
            : throw new ArgumentException(
                $"{operation}: between 0 and {Array.MaxLength} elements are possible, which these arguments are not");
}
