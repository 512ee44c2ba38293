using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>
/// Hints that memory will be wanted soon. Rows of large matrices lie in pages of their own, where the hardware does not
/// look ahead.
/// </summary>
internal static unsafe class Prefetching
{
    private const int Line = 64;

    /// <summary>
    /// Asks for every so many rows of a matrix, from the first given on: so many elements of each.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows<T>(T* source, nint rowStride, nint rows, nint columns, nint first, nint every)
        where T : unmanaged
    {
        if (!Sse.IsSupported)
            return;
        for (var row = first; row < rows; row += every)
        {
            var start = (byte*)(source + (row * rowStride));
            var end = start + (columns * sizeof(T));
            for (var at = start; at < end; at += Line)
                Sse.Prefetch0(at);
        }
    }
}
