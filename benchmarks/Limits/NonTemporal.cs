using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Benchmarks.Limits;

/// <summary>Copies that write past the caches: what a copy of much memory takes at least.</summary>
internal static unsafe class NonTemporal
{
    private const int Line = 64;

    /// <summary>Copies bytes; the first and last ones, up to whole cache lines, as ever.</summary>
    public static void Copy(byte* source, byte* target, nint bytes)
    {
        var head = Math.Min(bytes, (nint)(-(long)target & (Line - 1)));
        var middle = (bytes - head) / (2 * Line) * (2 * Line);
        var tail = bytes - head - middle;
        Buffer.MemoryCopy(source, target, head, head);
        if (Vector512.IsHardwareAccelerated) Copy512(source + head, target + head, middle);
        else Copy256(source + head, target + head, middle);
        Buffer.MemoryCopy(source + head + middle, target + head + middle, tail, tail);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy512(byte* source, byte* target, nint bytes)
    {
        for (nint i = 0; i < bytes; i += 128)
        {
            var (a, b) = (Vector512.Load(source + i), Vector512.Load(source + i + 64));
            a.StoreAlignedNonTemporal(target + i);
            b.StoreAlignedNonTemporal(target + i + 64);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy256(byte* source, byte* target, nint bytes)
    {
        for (nint i = 0; i < bytes; i += 64)
        {
            var (a, b) = (Vector256.Load(source + i), Vector256.Load(source + i + 32));
            a.StoreAlignedNonTemporal(target + i);
            b.StoreAlignedNonTemporal(target + i + 32);
        }
    }
}
