using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>
/// Copies and fills past the caches. An ordinary store first reads the cache line that it changes; a result that is
/// larger than the caches is written without that, in whole lines, and leaves in them what is needed again.
/// </summary>
internal static unsafe class Streaming
{
    // Streams write whole lines.
    private const int Line = CacheLine.Bytes;

    /// <summary>From this size on a result does not stay in the last cache anyway.</summary>
    private const long LeastBytes = 32L << 20;

    /// <summary>Whether a result of so many bytes is written past the caches.</summary>
    public static bool Pays(long bytes) => bytes >= LeastBytes;

    /// <summary>
    /// How many elements stand before the first boundary of a line; not more than <paramref name="count"/>. None are where
    /// elements straddle the boundaries.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Before<T>(T* start, nint count) where T : unmanaged
    {
        var bytes = -(nint)start & (Line - 1);
        return nint.Min(bytes / sizeof(T), count);
    }

    /// <summary>
    /// Makes streamed stores visible before any later store: called once before other threads are told of a result.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish()
    {
        if (Sse.IsSupported)
            Sse.StoreFence();
        else
            Thread.MemoryBarrier();
    }

    /// <summary>Copies consecutive elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy<T>(T* source, T* target, nint count) where T : unmanaged
    {
        var head = Before(target, count);
        Short(source, target, head);
        var lines = (count - head) * sizeof(T) / Line * Line;
        Lines((byte*)(source + head), (byte*)(target + head), lines);
        var done = head + (lines / sizeof(T));
        Short(source + done, target + done, count - done);
    }

    /// <summary>Writes one value to consecutive elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill<T>(T value, T* target, nint count) where T : unmanaged
    {
        var line = stackalloc T[Line / sizeof(T)];
        new Span<T>(line, Line / sizeof(T)).Fill(value);
        var head = Before(target, count);
        Short(line, target, head);
        var lines = (count - head) * sizeof(T) / Line * Line;
        Repeat((byte*)line, (byte*)(target + head), lines);
        var done = head + (lines / sizeof(T));
        Short(line, target + done, count - done);
    }

    /// <summary>Less than a line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Short<T>(T* source, T* target, nint count) where T : unmanaged
    {
        for (nint i = 0; i < count; i++)
            target[i] = source[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Lines(byte* source, byte* target, nint bytes)
    {
        if (Vector512.IsHardwareAccelerated)
            for (nint i = 0; i < bytes; i += Line)
                Vector512.Load(source + i).StoreAlignedNonTemporal(target + i);
        else
            for (nint i = 0; i < bytes; i += Vector128<byte>.Count)
                Vector128.Load(source + i).StoreAlignedNonTemporal(target + i);
    }

    /// <summary>
    /// Stores alone wait for the addresses of their pages. Four quarters side by side wait for four at once.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Repeat(byte* line, byte* target, nint bytes)
    {
        var quarter = bytes / 4 & -Line;
        for (nint i = 0; i < quarter; i += Line)
        {
            Write(line, target + i);
            Write(line, target + i + quarter);
            Write(line, target + i + (2 * quarter));
            Write(line, target + i + (3 * quarter));
        }

        for (var i = 4 * quarter; i < bytes; i += Line)
            Write(line, target + i);
    }

    /// <summary>Writes a line to a boundary.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(byte* line, byte* target)
    {
        if (Vector512.IsHardwareAccelerated)
            Vector512.Load(line).StoreAlignedNonTemporal(target);
        else
            for (nint i = 0; i < Line; i += Vector128<byte>.Count)
                Vector128.Load(line + i).StoreAlignedNonTemporal(target + i);
    }
}
