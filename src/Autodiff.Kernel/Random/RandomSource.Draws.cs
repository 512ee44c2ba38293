using System.Runtime.InteropServices;
using Autodiff.Kernel;

namespace Autodiff;

public sealed partial class RandomSource
{
    /// <summary>Int32 numbers, all 32 bits of which are random.</summary>
    /// <param name="shape">The sizes of the axes.</param>
    public NDArray Bits(int[] shape)
    {
        Shape sizes = shape;
        var words = new int[sizes.Size];
        RandomBits.Fill(Key, MemoryMarshal.Cast<int, uint>(words.AsSpan()));
        return NDArray.Own(words, sizes);
    }

    /// <summary>Numbers spread evenly over an interval: 53 random bits each for Float64, 24 for Float32.</summary>
    /// <param name="shape">The sizes of the axes.</param>
    /// <param name="low">The least number.</param>
    /// <param name="high">The end, which is left out (unless it equals <paramref name="low"/>).</param>
    /// <param name="dtype">Float64 or Float32.</param>
    /// <exception cref="ArgumentException">low is above high, or the interval is not finite.</exception>
    /// <exception cref="DTypeException">The element type is no float.</exception>
    public NDArray Uniform(int[] shape, double low = 0, double high = 1, DType dtype = DType.Float64)
    {
        var range = RequireFloat("Uniform", dtype) == DType.Float32 ? (float)high - (float)low : high - low;
        if (!(low <= high && double.IsFinite(range)))
            throw new ArgumentException($"Uniform: the interval from {low} to {high} is no finite interval of {dtype}");
        return dtype == DType.Float32
            ? Draws.Make<float, UniformSingle>(Key, shape, UniformSingle.Between((float)low, (float)high))
            : Draws.Make<double, UniformDouble>(Key, shape, UniformDouble.Between(low, high));
    }

    /// <summary>Numbers of a normal (Gaussian) distribution.</summary>
    /// <param name="shape">The sizes of the axes.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="std">The standard deviation, 0 or more.</param>
    /// <param name="dtype">Float64 or Float32.</param>
    /// <exception cref="ArgumentException">The standard deviation is negative, or a value is not finite.</exception>
    /// <exception cref="DTypeException">The element type is no float.</exception>
    public NDArray Normal(int[] shape, double mean = 0, double std = 1, DType dtype = DType.Float64)
    {
        if (!double.IsFinite(mean) || !double.IsFinite(std) || std < 0)
            throw new ArgumentException(
                $"Normal: mean {mean} and standard deviation {std} must be finite, and the latter not negative");
        return RequireFloat("Normal", dtype) == DType.Float32
            ? Draws.Make<float, NormalSingle>(Key, shape, new NormalSingle(mean, std))
            : Draws.Make<double, NormalDouble>(Key, shape, new NormalDouble(mean, std));
    }

    /// <summary>Truth values, each <see langword="true"/> with probability <paramref name="p"/>.</summary>
    /// <param name="p">The probability, from 0 to 1.</param>
    /// <param name="shape">The sizes of the axes.</param>
    /// <exception cref="ArgumentException">p is no probability.</exception>
    public NDArray Bernoulli(double p, int[] shape) =>
        p is >= 0 and <= 1
            ? Draws.Make<bool, Coin>(Key, shape, new Coin(p))
            : throw new ArgumentException($"Bernoulli: {p} is no probability, which lies from 0 to 1", nameof(p));

    /// <summary>Integers that are all equally probable.</summary>
    /// <param name="low">The least integer.</param>
    /// <param name="high">The end, which is left out.</param>
    /// <param name="shape">The sizes of the axes.</param>
    /// <param name="dtype">Int32 or Int64.</param>
    /// <exception cref="ArgumentException">There are no integers from low up to high.</exception>
    /// <exception cref="DTypeException">The element type is no integer, or does not hold the integers.</exception>
    public NDArray Integers(long low, long high, int[] shape, DType dtype = DType.Int32)
    {
        if (low >= high)
            throw new ArgumentException($"Integers: there is no integer from {low} up to {high}, which is left out");
        if (dtype is not (DType.Int32 or DType.Int64))
            throw new DTypeException($"Integers: {dtype} is no integer type: ask for Int32 or Int64");
        if (dtype == DType.Int32 && (low < int.MinValue || high - 1 > int.MaxValue))
            throw new DTypeException($"Integers: Int32 does not hold all from {low} up to {high}: ask for Int64");
        return Draws.Make<long, Integer>(Key, shape, new Integer(low, high)).AsType(dtype);
    }

    /// <summary>The numbers 0 to n - 1 in random order, all orders equally probable.</summary>
    /// <param name="n">How many numbers.</param>
    /// <param name="dtype">The element type.</param>
    /// <exception cref="ArgumentOutOfRangeException">n is negative.</exception>
    public NDArray Permutation(int n, DType dtype = DType.Int32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        var order = new long[n];
        Shuffle.Fill(Key, order);
        return NDArray.Own(order, Shape.Create(n)).AsType(dtype);
    }

    private static DType RequireFloat(string operation, DType dtype) =>
        dtype.IsFloat()
            ? dtype
            : throw new DTypeException($"{operation}: {dtype} is no float type: ask for Float64 or Float32");
}
