using FsCheck.Xunit;
using Xunit;

namespace Autodiff.Api;

public class RandomTests
{
    private const int Many = 100_000;

    private static readonly RandomSource Source = new(42);

    /// <summary>The published known answer of Philox4x32-10 for a key and a counter of zeros.</summary>
    [Fact]
    public void Bits_are_those_of_Philox() =>
        Assert.Equal("6627e8d5 e169c58d bc57ac4c 9b00dbd8", Hex(new RandomSource(0), 4));

    /// <summary>
    /// From a separate implementation, checked against all published answers: the blocks with the counters 0, 1 and 9, and
    /// derived keys.
    /// </summary>
    [Fact]
    public void Bits_are_the_same_on_every_platform()
    {
        Assert.Equal("72a47709 15474739 9f41b01f 22799a5a 19fed511 4b67e034 9d2c02e2 9fe857b4", Hex(new RandomSource(-1), 8));
        Assert.EndsWith("25b3564a 95cdae72 e765fa8f 2f1f876a", Hex(new RandomSource(-1), 40), StringComparison.Ordinal);
        Assert.EndsWith("6f488b37 e331c329 0c8b2883 384cab2c", Hex(new RandomSource(0x0123456789abcdef), 40), StringComparison.Ordinal);
        Assert.Equal("756ef526 5e670ca6 2dbd3022 abebd65c", Hex(Source.Fold(7), 4));
        Assert.Equal("cdd77ff9 617d40a3 aaa0d631 85e3aa67", Hex(Source.Fold(-2), 4));
        Assert.Equal("fc69c62d b523d18b 5ee0f8a1 a769c91a", Hex(Source.Fold("dense/w"), 4));
        Assert.Equal("a97a8d65 cead11ac 98cb7198 0db90321", Hex(Source.Split(3)[2], 4));
    }

    [Fact]
    public void Draws_are_the_same_on_every_platform()
    {
        Assert.Equal(
            [0.4685865183391049, 0.34086154938517876, 0.32706338120338474, 0.4543156017348883],
            Source.Uniform([4]).ToArray<double>());
        Assert.Equal(
            [0.61295986f, 0.4685865f, 0.0732317f, 0.3408615f], Source.Uniform([4], dtype: DType.Float32).ToArray<float>());
        Assert.Equal([-160, -46, 273], Source.Integers(-500, 500, [3]).ToArray<int>());
        Assert.Equal([3, 5, 2, 8, 6, 0, 7, 1, 9, 4], Source.Permutation(10).ToArray<int>());
        Assert.Equal(
            [-0.07882346885253179, -0.41011294279565147, -0.4480366278979277, -0.11476523741853367],
            Source.Normal([4]).ToArray<double>());
        Assert.Equal(
            [0.2870419f, -0.07882347f, -1.4521371f, -0.41011295f], Source.Normal([4], dtype: DType.Float32).ToArray<float>());
    }

    [Fact]
    public void The_same_source_gives_the_same_numbers()
    {
        Assert.True(Source.Normal([3, 5]).IsSameAs(new RandomSource(42).Normal([3, 5])));
        Assert.Equal(Source.Uniform([5]).ToArray<double>(), Source.Uniform([99]).ToArray<double>()[..5]);
        Assert.Equal(Hex(Source.Split(2)[1], 4), Hex(Source.Split(7)[1], 4));
    }

    [Fact]
    public void Derived_sources_are_all_different()
    {
        var sources = new List<RandomSource> { Source };
        sources.AddRange(Source.Split(100));
        for (var i = 0; i < 100; i++)
            sources.AddRange([Source.Fold(i), Source.Fold(-i - 1), Source.Fold($"{i}"), Source.Fold(new string('\0', i)), Source.Fold(i).Fold(i)]);
        var distinct = sources.Select(source => Hex(source, 4)).Distinct().Count();
        Assert.Equal(sources.Count, distinct);
    }

    [Fact]
    public void Empty_shapes_and_scalars_are_drawn()
    {
        Assert.Equal([2, 0], Source.Normal([2, 0]).Shape);
        Assert.Equal(0, Source.Uniform(Shape.Scalar).Rank);
        Assert.Equal(0, Source.Bits([0]).Length);
        Assert.Equal(0, Source.Permutation(0).Length);
        Assert.Empty(Source.Split(0));
    }

    [Fact]
    public void Uniform_numbers_follow_their_distribution()
    {
        foreach (var dtype in new[] { DType.Float64, DType.Float32 })
        {
            var numbers = Sorted(Source.Uniform([Many], -1, 3, dtype));
            Assert.InRange(numbers[0], -1, -0.999);
            Assert.InRange(numbers[^1], 2.999, 3);
            FollowsDistribution(numbers, x => (x + 1) / 4);
        }
    }

    [Fact]
    public void Normal_numbers_follow_their_distribution()
    {
        foreach (var dtype in new[] { DType.Float64, DType.Float32 })
        {
            var numbers = Sorted(Source.Normal([Many], 5, 2, dtype));
            var mean = numbers.Average();
            Assert.Equal(5, mean, 4 * 2 / Math.Sqrt(Many));
            Assert.Equal(4, numbers.Average(x => (x - mean) * (x - mean)), 4 * 4 * Math.Sqrt(2.0 / Many));
            FollowsDistribution(numbers, x => NormalDistribution((x - 5) / 2));
        }
    }

    [Fact]
    public void Neighbours_are_not_correlated()
    {
        var numbers = Source.Normal([Many]).ToArray<double>();
        var other = Source.Fold(1).Normal([Many]).ToArray<double>();
        Assert.Equal(0, numbers.Zip(numbers.Skip(1), (x, y) => x * y).Average(), 4 / Math.Sqrt(Many));
        Assert.Equal(0, numbers.Zip(other, (x, y) => x * y).Average(), 4 / Math.Sqrt(Many));
    }

    [Fact]
    public void Truth_values_have_their_probability()
    {
        Assert.Equal(0.3, Source.Bernoulli(0.3, [Many]).ToArray<bool>().Average(x => x ? 1 : 0), 4 * Math.Sqrt(0.21 / Many));
        Assert.DoesNotContain(true, Source.Bernoulli(0, [Many]).ToArray<bool>());
        Assert.DoesNotContain(false, Source.Bernoulli(1, [Many]).ToArray<bool>());
    }

    [Fact]
    public void Integers_are_equally_probable()
    {
        var counts = new int[7];
        foreach (var x in Source.Integers(-3, 4, [Many]).ToArray<int>())
            counts[x + 3]++;
        // Chi squared with 6 degrees of freedom exceeds 22.46 once in a thousand times.
        Assert.InRange(counts.Sum(count => Math.Pow(count - Many / 7.0, 2) / (Many / 7.0)), 0, 22.46);
        var wide = Source.Integers(long.MinValue, long.MaxValue, [Many], DType.Int64).ToArray<long>();
        Assert.Equal(0.5, wide.Average(x => x < 0 ? 1 : 0), 2 / Math.Sqrt(Many));
        Assert.Equal(0.25, wide.Average(x => x >= 1L << 62 ? 1 : 0), 2 / Math.Sqrt(Many));
    }

    [Property]
    public bool A_permutation_has_every_number_once(byte n, long seed) =>
        new RandomSource(seed).Permutation(n).ToArray<int>().Order().SequenceEqual(Enumerable.Range(0, n));

    [Fact]
    public void All_orders_are_equally_probable()
    {
        const int Draws = 12_000;
        var orders = new Dictionary<string, int>();
        foreach (var source in Source.Split(Draws))
        {
            var order = source.Permutation(4).ToString();
            orders[order] = orders.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(24, orders.Count);
        // Chi squared with 23 degrees of freedom exceeds 49.73 once in a thousand times.
        Assert.InRange(orders.Values.Sum(count => Math.Pow(count - Draws / 24.0, 2) / (Draws / 24.0)), 0, 49.73);
    }

    [Property]
    public bool Uniform_numbers_stay_below_the_end(long seed)
    {
        const double Low = 1e16, High = 1e16 + 4;
        return new RandomSource(seed).Uniform([64], Low, High).ToArray<double>().All(x => x is >= Low and < High);
    }

    [Fact]
    public void Senseless_arguments_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Source.Uniform([1], 1, 0));
        Assert.Throws<ArgumentException>(() => Source.Uniform([1], double.MinValue, double.MaxValue));
        Assert.Throws<ArgumentException>(() => Source.Uniform([1], 0, 1e300, DType.Float32));
        Assert.Throws<DTypeException>(() => Source.Uniform([1], dtype: DType.Int32));
        Assert.Throws<ArgumentException>(() => Source.Normal([1], std: -1));
        Assert.Throws<ArgumentException>(() => Source.Normal([1], double.NaN));
        Assert.Throws<ArgumentException>(() => Source.Bernoulli(1.5, [1]));
        Assert.Throws<ArgumentException>(() => Source.Bernoulli(double.NaN, [1]));
        Assert.Throws<ArgumentException>(() => Source.Integers(3, 3, [1]));
        Assert.Throws<DTypeException>(() => Source.Integers(0, 1L << 40, [1]));
        Assert.Throws<DTypeException>(() => Source.Integers(0, 2, [1], DType.Bool));
        Assert.Throws<ArgumentOutOfRangeException>(() => Source.Permutation(-1));
        Assert.Throws<ArgumentNullException>(() => Source.Fold(null!));
        Assert.Throws<ArgumentNullException>(() => Source.Normal(null!));
    }

    /// <summary>Kolmogorov and Smirnov: the greatest distance exceeds 1.95 / sqrt n once in a thousand times.</summary>
    private static void FollowsDistribution(double[] sorted, Func<double, double> distribution)
    {
        var distance = 0.0;
        for (var i = 0; i < sorted.Length; i++)
        {
            var p = distribution(sorted[i]) * sorted.Length;
            distance = Math.Max(distance, Math.Max(p - i, i + 1 - p));
        }

        Assert.InRange(distance / Math.Sqrt(sorted.Length), 0, 1.95);
    }

    /// <summary>1/2 + the density times the series of x^(2n+1) / (1 3 5 ... (2n+1)).</summary>
    private static double NormalDistribution(double x)
    {
        var (sum, term) = (x, x);
        for (var n = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum); n += 2)
            sum += term *= x * x / n;
        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }

    private static double[] Sorted(NDArray numbers) => [.. numbers.AsType(DType.Float64).ToArray<double>().Order()];

    private static string Hex(RandomSource source, int count) =>
        string.Join(' ', source.Bits([count]).ToArray<int>().Select(bits => bits.ToString("x8", null)));
}
