namespace Autodiff.Kernel;

/// <summary>
/// Functions of a key and an element. The first axes of the data are those of the keys: each key goes with as many
/// elements, one after the other, and the result is contiguous like them.
/// </summary>
internal static class KeyedMaps
{
    /// <summary>The keys that belong to keys and data.</summary>
    public static void FoldIn(ReadOnlySpan<long> seeds, ReadOnlySpan<long> data, Span<long> result)
    {
        for (var i = 0; i < data.Length; i++)
            result[i] = Key(seeds, data.Length, i).Derive(KeyPurpose.Number, (ulong)data[i]).Seed;
    }

    /// <summary>Logarithms of gamma variates of shapes alpha.</summary>
    public static void LogGamma(ReadOnlySpan<long> seeds, ReadOnlySpan<double> alpha, Span<double> result)
    {
        var each = alpha.Length / Math.Max(1, seeds.Length);
        for (var i = 0; i < alpha.Length; i++)
            result[i] = GammaDraw.Log(Key(seeds, alpha.Length, i), (ulong)(i % each), alpha[i]);
    }

    /// <inheritdoc cref="LogGamma(ReadOnlySpan{long}, ReadOnlySpan{double}, Span{double})"/>
    public static void LogGamma(ReadOnlySpan<long> seeds, ReadOnlySpan<float> alpha, Span<float> result)
    {
        var each = alpha.Length / Math.Max(1, seeds.Length);
        for (var i = 0; i < alpha.Length; i++)
            result[i] = (float)GammaDraw.Log(Key(seeds, alpha.Length, i), (ulong)(i % each), alpha[i]);
    }

    /// <summary>The key of an element among so many.</summary>
    private static RandomKey Key(ReadOnlySpan<long> seeds, int elements, int element) =>
        RandomKey.Create(seeds[element / (elements / seeds.Length)]);
}
