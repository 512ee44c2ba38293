namespace Autodiff.Kernel;

/// <summary>How random words become one element of a distribution.</summary>
internal interface IDraw<T>
{
    /// <summary>How many words an element takes: 1, 2 or 4.</summary>
    static abstract int Words { get; }

    T From(ReadOnlySpan<uint> words);
}

/// <summary>Arrays of independent elements, each made from words of its own.</summary>
internal static class Draws
{
    public static NDArray Make<T, TDraw>(RandomKey key, Shape shape, TDraw draw)
        where T : unmanaged
        where TDraw : struct, IDraw<T>
    {
        var result = NDArray.Uninitialized<T>(shape, out var elements);
        Fill(key, elements, draw);
        return result;
    }

    public static void Fill<T, TDraw>(RandomKey key, Span<T> elements, TDraw draw)
        where T : unmanaged
        where TDraw : struct, IDraw<T>
    {
        const int ChunkWords = 1024;
        var chunk = ChunkWords / TDraw.Words;
        Span<uint> words = stackalloc uint[ChunkWords];
        for (var start = 0; start < elements.Length; start += chunk)
        {
            var part = elements.Slice(start, Math.Min(chunk, elements.Length - start));
            RandomBits.Fill(key, words[..(part.Length * TDraw.Words)], (ulong)start * (ulong)TDraw.Words / 4);
            for (var i = 0; i < part.Length; i++)
                part[i] = draw.From(words.Slice(i * TDraw.Words, TDraw.Words));
        }
    }

    /// <summary>Two words as one number.</summary>
    public static ulong Join(uint low, uint high) => (ulong)high << 32 | low;

    /// <summary>The middle of one of 2^52 equal steps from 0 to 1.</summary>
    public static double Middle(ReadOnlySpan<uint> words) => ((Join(words[0], words[1]) >> 12) + 0.5) * (1.0 / (1L << 52));

    /// <summary>53 random bits as a number from 0 up to 1, which is left out.</summary>
    public static double Fraction(ReadOnlySpan<uint> words) => (Join(words[0], words[1]) >> 11) * (1.0 / (1L << 53));
}

/// <summary>low + u range, held below the end, to which it might round.</summary>
internal readonly struct UniformDouble(double low, double range, double largest) : IDraw<double>
{
    public static int Words => 2;

    public static UniformDouble Between(double low, double high) =>
        new(low, high - low, low < high ? double.BitDecrement(high) : low);

    public double From(ReadOnlySpan<uint> words) => Math.Min(low + Draws.Fraction(words) * range, largest);
}

/// <inheritdoc cref="UniformDouble"/>
internal readonly struct UniformSingle(float low, float range, float largest) : IDraw<float>
{
    public static int Words => 1;

    public static UniformSingle Between(float low, float high) =>
        new(low, high - low, low < high ? float.BitDecrement(high) : low);

    public float From(ReadOnlySpan<uint> words) =>
        Math.Min(low + (words[0] >> 8) * (1f / (1 << 24)) * range, largest);
}

/// <summary>The quantile of a probability in the middle of one of 2^52 equal steps: symmetric, and never 0 or 1.</summary>
internal readonly struct NormalDouble(double mean, double std) : IDraw<double>
{
    public static int Words => 2;

    public double From(ReadOnlySpan<uint> words) =>
        mean + std * NormalQuantile.Evaluate(Draws.Middle(words));
}

/// <summary>The quantile of a probability in the middle of one of 2^32 equal steps.</summary>
internal readonly struct NormalSingle(double mean, double std) : IDraw<float>
{
    public static int Words => 1;

    public float From(ReadOnlySpan<uint> words) =>
        (float)(mean + std * NormalQuantile.Evaluate((words[0] + 0.5) * (1.0 / (1L << 32))));
}

/// <summary>True with probability p, to 53 bits.</summary>
internal readonly struct Coin(double p) : IDraw<bool>
{
    public static int Words => 2;

    public bool From(ReadOnlySpan<uint> words) => Draws.Fraction(words) < p;
}

/// <summary>
/// low + floor(u range) for a random fraction u of 128 bits, so that even for a range of 2^64 no integer is more probable
/// than another by more than one part in 2^64; and no number of tries depends on the values.
/// </summary>
internal readonly struct Integer(long low, long high) : IDraw<long>
{
    private readonly ulong range = unchecked((ulong)high - (ulong)low);

    public static int Words => 4;

    public long From(ReadOnlySpan<uint> words)
    {
        var whole = Math.BigMul(Draws.Join(words[2], words[3]), range, out var rest);
        var carry = Math.BigMul(Draws.Join(words[0], words[1]), range, out _);
        return unchecked(low + (long)(whole + (rest + carry < rest ? 1UL : 0UL)));
    }
}
