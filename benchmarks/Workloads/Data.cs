namespace Autodiff.Benchmarks.Workloads;

/// <summary>The numbers that every system computes with: SplitMix64, in row-major order, rounded to the element type.</summary>
internal static class Data
{
    /// <summary>Output number i of SplitMix64 seeded with the seed, in [0, 1).</summary>
    private static double Unit(ulong seed, int i)
    {
        unchecked
        {
            var z = seed + (ulong)(i + 1) * 0x9E3779B97F4A7C15UL;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            z ^= z >> 31;
            return (z >> 11) * (1.0 / (1UL << 53));
        }
    }

    private static NDArray Fill(DType dtype, int[] shape, Func<int, double> element)
    {
        var data = new double[shape.Aggregate(1, (product, size) => product * size)];
        for (var i = 0; i < data.Length; i++) data[i] = element(i);
        return NDArray.Create(data, shape).AsType(dtype);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public static NDArray Positive(ulong seed, DType dtype, params int[] shape) =>
        Fill(dtype, shape, i => Unit(seed, i));

    /// <summary>Uniform in [-scale, scale).</summary>
    public static NDArray Signed(ulong seed, double scale, DType dtype, params int[] shape) =>
        Fill(dtype, shape, i => (2 * Unit(seed, i) - 1) * scale);

    /// <summary>Whole numbers in [0, bound).</summary>
    public static int[] Whole(ulong seed, int bound, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (int)(bound * Unit(seed, i)))];

    /// <summary>The sum of |t_i| (1 + i mod 7): it notices a transposed result and does not cancel.</summary>
    public static double Check(NDArray array)
    {
        var elements = array.AsType(DType.Float64).ToArray<double>();
        var sum = 0.0;
        for (var i = 0; i < elements.Length; i++) sum += Math.Abs(elements[i]) * (1 + i % 7);
        return sum;
    }

    /// <summary>The one number of an array, as a double.</summary>
    public static double Number(NDArray array) => array.AsType(DType.Float64).Item<double>();
}
