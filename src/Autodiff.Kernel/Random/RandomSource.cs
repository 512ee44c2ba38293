using Autodiff.Kernel;

namespace Autodiff;

/// <summary>
/// A source of random numbers: an immutable 64-bit key. What it draws is a pure function of the key and the arguments, with
/// the same bits on every platform and any number of threads.
/// </summary>
/// <remarks>
/// <para>Drawing changes nothing: the same source gives the same numbers each time, and overlapping ones for different
/// distributions. For independent numbers derive a source for each purpose, by <see cref="Split"/> or
/// <see cref="Fold(string)"/>, and draw from each once, as with keys in JAX:</para>
/// <code>
/// var source = new RandomSource(42);
/// var w = source.Fold("w").Normal([784, 32], std: 0.05);
/// var b = source.Fold("b").Uniform([32]);
/// </code>
/// <para>The generator is Philox4x32-10, counter based: element i depends on the key and on i alone. It is made for
/// simulation and not for secrets.</para>
/// </remarks>
public sealed partial class RandomSource
{
    private RandomSource(RandomKey key) => Key = key;

    /// <summary>A source whose numbers depend on the seed alone.</summary>
    /// <param name="seed">Any number; each gives another stream.</param>
    public RandomSource(long seed) : this(RandomKey.Create(seed)) { }

    /// <summary>All that the numbers depend on.</summary>
    internal RandomKey Key { get; }

    /// <summary>The seed of this source: <c>new RandomSource(source.Seed)</c> draws the same numbers.</summary>
    public long Seed => Key.Seed;

    /// <summary>The source that belongs to a number, independent of this one and of those of other numbers.</summary>
    /// <param name="data">Any number, such as the count of a training step.</param>
    public RandomSource Fold(long data) => new(Key.Derive(KeyPurpose.Number, (ulong)data));

    /// <summary>The source that belongs to a text, independent of this one and of those of other texts.</summary>
    /// <param name="data">Any text, such as the path of a parameter.</param>
    public RandomSource Fold(string data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new(Key.Derive(data));
    }

    /// <summary>
    /// Sources that are independent of each other and of this one; the first ones do not depend on how many there are.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public RandomSource[] Split(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var sources = new RandomSource[count];
        for (var i = 0; i < count; i++)
            sources[i] = new(Key.Derive(KeyPurpose.Split, (ulong)i));
        return sources;
    }

    /// <summary>The key in hexadecimal digits.</summary>
    public override string ToString() => $"RandomSource {Key.High:x8}{Key.Low:x8}";
}
