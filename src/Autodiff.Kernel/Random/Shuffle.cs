namespace Autodiff.Kernel;

/// <summary>The numbers 0 to n - 1 in random order.</summary>
internal static class Shuffle
{
    /// <summary>Fisher and Yates: the last of the first i + 1 changes places with any of them.</summary>
    public static void Fill(RandomKey key, Span<long> order)
    {
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Span<uint> words = stackalloc uint[4];
        for (var i = order.Length - 1; i > 0; i--)
        {
            RandomBits.Fill(key, words, (ulong)i);
            var j = (int)new Integer(0, i + 1L).From(words);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }
}
