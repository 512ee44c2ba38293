using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// Runs the code of a segment that writes past the caches results that begin anywhere in a line. It stores whole vectors; what is
/// left at both ends of each result, it leaves in a block of memory, from which it is stored as usual.
/// </summary>
internal static unsafe class JoinedLines
{
    // The ends wait for memory: shorter results do not gain.
    private const long LeastBytes = 1 << 16;

    /// <summary>The block of each result: a vector for its beginning, and its last one.</summary>
    public const int BytesOfResult = 2 * CacheLine.Bytes;

    // Vectors are put together from places of four bytes.
    private const int Grain = sizeof(int);

    /// <summary>The place in the table of addresses where that of the blocks stands, behind that of the lanes.</summary>
    public static int PlaceOfBlocks(LoopSegment segment) => segment.Reads.Length + segment.Writes.Length + 1;

    /// <summary>Whether a result of so many consecutive bytes gains by it. A vector that is not a whole line loses.</summary>
    public static bool Pays(long bytes) => bytes >= LeastBytes && Vector512.IsHardwareAccelerated;

    /// <summary>Whether there is such code, and no result goes where an operand is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Fits(LoopSegment segment, nint* table)
    {
        if (segment.JoiningCode is null || TileMachine.WritesWhatItReads(segment, table))
            return false;
        nint places = 0;
        for (var i = 0; i < segment.Writes.Length; i++)
            places |= table[segment.Reads.Length + i];
        return places % Grain == 0;
    }

    /// <summary>Computes so many elements, a multiple of those that one turn takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(LoopSegment segment, nint* table, nint count, nint blocks)
    {
        table[PlaceOfBlocks(segment)] = blocks;
        segment.JoiningCode!(table, count);
        var vector = segment.Lanes * segment.LaneBytes;
        for (var i = 0; i < segment.Writes.Length; i++)
            if (!segment.IsOnlyFolded(i))
            {
                var target = (byte*)table[segment.Reads.Length + i];
                var block = (byte*)blocks + (i * BytesOfResult);
                var behind = (int)((nint)target & (vector - 1));
                var end = count * segment.LaneBytes;
                Unsafe.CopyBlockUnaligned(target, block + behind, (uint)(vector - behind));
                Unsafe.CopyBlockUnaligned(target + end - behind, block + (2 * vector) - behind, (uint)behind);
            }
    }
}
