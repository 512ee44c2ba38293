using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>
/// Hints that memory will be wanted soon. Rows of large matrices lie in pages of their own, where the hardware does not
/// look ahead.
/// </summary>
internal static unsafe class Prefetching
{
    private const int Line = CacheLine.Bytes;

    // About the time that memory takes, at the speed at which loops read it.
    private const int Near = 1536;

    // More than any operand's share of a block, and together with the block less than a second cache.
    private const int Far = 256 * 1024;

    private const int Pages = 8192;

    private static readonly MethodInfo NearMethod = ((Action<nint>)AskNear).Method, FarMethod = ((Action<nint>)AskFar).Method;

    /// <summary>For loops that are generated: asks for what a walk from an address on will read; null for nothing.</summary>
    public static MethodInfo? Method(Lookahead lookahead) => lookahead switch
    {
        Lookahead.Nothing => null,
        Lookahead.NextTurns => NearMethod,
        _ => FarMethod,
    };

    /// <summary>Asks for what a walk from an address on will read two pages later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PagesAhead<T>(T* address) where T : unmanaged
    {
        if (Sse.IsSupported)
            Sse.Prefetch0((byte*)address + Pages);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AskNear(nint address)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0((byte*)address + Near);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AskFar(nint address)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0((byte*)address + Far);
    }

    /// <summary>
    /// Asks for every so many rows of a matrix, from the first given on: so many elements of each.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows<T>(T* source, nint rowStride, nint rows, nint columns, nint first, nint every)
        where T : unmanaged
    {
        for (var row = first; row < rows; row += every)
            Row(source + (row * rowStride), columns);
    }

    /// <summary>Asks for the lines in which short rows of a block begin and end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ends<T>(T* row, nint rowStride, int rows, nint last) where T : unmanaged
    {
        if (!Sse.IsSupported)
            return;
        for (; rows > 0; rows--, row += rowStride)
        {
            Sse.Prefetch0(row);
            Sse.Prefetch0(row + last);
        }
    }

    /// <summary>Asks for the lines of so many elements that lie a stride apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Across<T>(T* source, nint stride, nint count) where T : unmanaged
    {
        if (!Sse.IsSupported)
            return;
        for (nint i = 0; i < count; i++)
            Sse.Prefetch0(source + (i * stride));
    }

    /// <summary>Asks for so many elements that follow each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Row<T>(T* source, nint columns) where T : unmanaged
    {
        if (!Sse.IsSupported)
            return;
        var end = (byte*)(source + columns);
        for (var at = (byte*)source; at < end; at += Line)
            Sse.Prefetch0(at);
    }
}

/// <summary>What a loop asks memory for while it computes.</summary>
internal enum Lookahead
{
    /// <summary>What it reads some turns later.</summary>
    NextTurns,

    /// <summary>What the next block of rows reads: the rows of this one are in the cache.</summary>
    NextBlock,

    /// <summary>Nothing: what it reads is a long stretch, which the hardware follows by itself.</summary>
    Nothing,
}
