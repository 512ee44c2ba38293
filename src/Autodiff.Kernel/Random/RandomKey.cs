namespace Autodiff.Kernel;

/// <summary>The 64 bits on which a stream of random bits depends, as two words.</summary>
internal readonly record struct RandomKey(uint Low, uint High)
{
    public static RandomKey Create(long seed) => new((uint)seed, (uint)(seed >> 32));

    /// <summary>The key as the seed that gives it.</summary>
    public long Seed => (long)High << 32 | Low;

    /// <summary>
    /// The key that belongs to some data: the first half of the block that encrypts them. The last word of the counter is
    /// the purpose, which keeps derived keys apart from each other and from random bits, whose purpose is 0.
    /// </summary>
    public RandomKey Derive(KeyPurpose purpose, ulong data, uint index = 0)
    {
        var (low, high, _, _) = Philox.Encrypt(this, (uint)data, (uint)(data >> 32), index, (uint)purpose);
        return new RandomKey(low, high);
    }

    /// <summary>The key that belongs to a text: its UTF-16 units are folded in by fours, and at last their number.</summary>
    public RandomKey Derive(ReadOnlySpan<char> text)
    {
        var key = this;
        for (var start = 0; start < text.Length; start += 4)
        {
            var units = 0UL;
            foreach (var unit in text.Slice(start, Math.Min(4, text.Length - start)))
                units = units << 16 | unit;
            key = key.Derive(KeyPurpose.Text, units, (uint)start);
        }

        return key.Derive(KeyPurpose.TextEnd, (ulong)text.Length);
    }
}

/// <summary>What a key was derived for.</summary>
internal enum KeyPurpose : uint
{
    Bits,
    Number,
    Text,
    TextEnd,
    Split,
    Gamma,
    GammaBoost,
}
