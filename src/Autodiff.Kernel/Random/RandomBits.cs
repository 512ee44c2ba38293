using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>
/// Random bits as a pure function of a key: the words of the Philox blocks with the counters 0, 1, 2, ... one after the
/// other. Any part can be computed by itself.
/// </summary>
internal static class RandomBits
{
    private const int BlockWords = 4;

    /// <summary>Fills a span with the words of the blocks from <paramref name="firstBlock"/> on, four to a block.</summary>
    public static void Fill(RandomKey key, Span<uint> words, ulong firstBlock = 0)
    {
        const int BatchWords = Philox.BatchBlocks * BlockWords;
        var block = firstBlock;
        if (Avx2.IsSupported)
        {
            for (; words.Length >= BatchWords; words = words[BatchWords..], block += Philox.BatchBlocks)
                Philox.EncryptBatch(key, block, words);
        }

        Span<uint> last = stackalloc uint[BlockWords];
        for (; words.Length > 0; block++)
        {
            (last[0], last[1], last[2], last[3]) = Philox.Encrypt(key, (uint)block, (uint)(block >> 32), 0, 0);
            var count = Math.Min(BlockWords, words.Length);
            last[..count].CopyTo(words);
            words = words[count..];
        }
    }
}
