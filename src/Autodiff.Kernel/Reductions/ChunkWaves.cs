using System.Buffers;
using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>The chunks of a row, whose lanes are made on all threads.</summary>
/// <typeparam name="T">The element type.</typeparam>
internal unsafe interface IChunks<T> where T : unmanaged
{
    /// <summary>Makes the lanes of so many chunks from one on.</summary>
    void Make(int first, int count, T* lanes);
}

/// <summary>
/// A row reduced on several threads: the lanes of some thousand chunks are made in any order, and combined in that of the
/// chunks.
/// </summary>
internal static unsafe class ChunkWaves
{
    // Chunks whose lanes are made before they are combined: their memory stays small.
    private const int WaveChunks = 2048;

    /// <summary>The chunks combined to one value; at least one.</summary>
    public static T Reduce<T, TReduction, TChunks>(in TChunks work, int chunks)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TChunks : struct, IChunks<T>
    {
        var wave = Math.Min(chunks, WaveChunks);
        var rented = ArrayPool<T>.Shared.Rent((wave + 1) * VirtualLanes.Lanes);
        fixed (T* total = rented)
        {
            var lanes = total + VirtualLanes.Lanes;
            for (var first = 0; first < chunks; first += wave)
            {
                var count = Math.Min(wave, chunks - first);
                work.Make(first, count, lanes);
                var taken = first == 0 ? 1 : 0;
                if (first == 0)
                    new ReadOnlySpan<T>(lanes, VirtualLanes.Lanes).CopyTo(new Span<T>(total, VirtualLanes.Lanes));
                VirtualLanes.Join<T, TReduction>(total, lanes + (taken * VirtualLanes.Lanes), count - taken);
            }

            var folded = VirtualLanes.Fold<T, TReduction>(total);
            ArrayPool<T>.Shared.Return(rented);
            return folded;
        }
    }
}
