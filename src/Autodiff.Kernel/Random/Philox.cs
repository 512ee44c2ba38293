using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>
/// Philox4x32-10: a keyed bijection of 128-bit blocks (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011) that turns counters into random bits. Chosen over Threefry because one round is one widening
/// multiplication, one shuffle and two xors for a whole vector of blocks, and ten of them pass BigCrush.
/// </summary>
internal static class Philox
{
    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;

    // The key of each round is the one before plus these: the golden ratio and the square root of 3, less 1.
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;

    /// <summary>The words that the counter (a, b, c, d) becomes under a key.</summary>
    public static (uint A, uint B, uint C, uint D) Encrypt(RandomKey key, uint a, uint b, uint c, uint d)
    {
        var (key0, key1) = (key.Low, key.High);
        for (var round = 0; round < Rounds; round++)
        {
            var (product0, product1) = ((ulong)Multiplier0 * a, (ulong)Multiplier1 * c);
            (a, b) = ((uint)(product1 >> 32) ^ b ^ key0, (uint)product1);
            (c, d) = ((uint)(product0 >> 32) ^ d ^ key1, (uint)product0);
            unchecked
            {
                key0 += Weyl0;
                key1 += Weyl1;
            }
        }

        return (a, b, c, d);
    }

    /// <summary>How many blocks <see cref="EncryptBatch"/> takes at a time.</summary>
    public const int BatchBlocks = 8;

    /// <summary>
    /// The words of the 8 counters (block, 0, 0) to (block + 7, 0, 0), where block is a 64-bit number; two blocks to a vector,
    /// four vectors at a time, so that their multiplications overlap. Named locals, because arrays of vectors do not stay in
    /// registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EncryptBatch(RandomKey key, ulong block, Span<uint> words)
    {
        var keys = Vector256.Create(key.Low, 0, key.High, 0, key.Low, 0, key.High, 0);
        var weyl = Vector256.Create(Weyl0, 0, Weyl1, 0, Weyl0, 0, Weyl1, 0);
        var v0 = Vector256.Create(block, 0, block + 1, 0).AsUInt32();
        var v1 = Vector256.Create(block + 2, 0, block + 3, 0).AsUInt32();
        var v2 = Vector256.Create(block + 4, 0, block + 5, 0).AsUInt32();
        var v3 = Vector256.Create(block + 6, 0, block + 7, 0).AsUInt32();
        for (var round = 0; round < Rounds; round++)
        {
            v0 = Round(v0, keys);
            v1 = Round(v1, keys);
            v2 = Round(v2, keys);
            v3 = Round(v3, keys);
            keys += weyl;
        }

        v0.CopyTo(words);
        v1.CopyTo(words[8..]);
        v2.CopyTo(words[16..]);
        v3.CopyTo(words[24..]);
    }

    /// <summary>
    /// One round on blocks (a, b, c, d): the products of a and c have the words (low0, high0, low1, high1), which reversed
    /// are (high1, low1, high0, low0); xor (b, 0, d, 0) and the key gives the next block.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Round(Vector256<uint> block, Vector256<uint> key)
    {
        var multipliers = Vector256.Create(Multiplier0, 0, Multiplier1, 0, Multiplier0, 0, Multiplier1, 0);
        var products = Avx2.Multiply(block, multipliers).AsUInt32();
        return Avx2.Shuffle(products, 0b00_01_10_11) ^ (block.AsUInt64() >> 32).AsUInt32() ^ key;
    }
}
