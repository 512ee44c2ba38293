using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A loop whose last output is reduced to one value. The chunks of <see cref="VirtualLanes"/> are computed several at a time
/// (each start of a loop waits for memory), by all threads; then their lanes are combined in order: the bits are those of
/// the reduction on one thread.
/// </summary>
/// <param name="flat">The loop; its reduction has one result.</param>
/// <param name="result">Where the result goes.</param>
/// <param name="nanoseconds">About how long it takes on one thread.</param>
internal readonly unsafe struct FusedRow(FlatRun flat, nint result, long nanoseconds) : ITrailingUse
{
    // Each item, a stretch of its own, waits for memory when it starts.
    private const int ItemChunks = 32;

    /// <summary>Fewer elements are not worth the memory for their lanes.</summary>
    public const int LeastElements = ItemChunks * VirtualLanes.ChunkLength;

    public void Run<T, TReduction>()
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var chunks = Pieces.Of(flat.Plan.Shape.Size, VirtualLanes.ChunkLength);
        *(T*)result = ChunkWaves.Reduce<T, TReduction, Chunks<T, TReduction>>(
            new Chunks<T, TReduction>(flat, nanoseconds / chunks), (int)chunks);
    }

    /// <summary>The chunks of the last output.</summary>
    private readonly struct Chunks<T, TReduction>(FlatRun flat, long nanosecondsOfChunk) : IChunks<T>
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Make(int first, int count, T* lanes) => ForkJoin.Run(
            new Items<T, TReduction>(flat, first, count, lanes), Pieces.Of(count, ItemChunks), nanosecondsOfChunk * count);
    }

    /// <summary>The lanes of some chunks.</summary>
    private readonly struct Items<T, TReduction>(FlatRun flat, int first, int count, T* lanes) : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Run(long item)
        {
            var own = flat.Rent();
            var loop = flat.Loop(own);
            var start = (nint)(first + item * ItemChunks) * VirtualLanes.ChunkLength;
            var end = nint.Min(start + LeastElements, (nint)(first + count) * VirtualLanes.ChunkLength);
            end = nint.Min(end, (nint)flat.Plan.Shape.Size);
            var target = lanes + ((nint)item * ItemChunks * VirtualLanes.Lanes);
            for (var stretch = FlatLoop.Buffers * FlatLoop.Longest * sizeof(long) / sizeof(T); start < end; start += stretch)
                target = Reduce(loop, start, nint.Min(stretch, end - start), target);
            own.Finish();
        }

        /// <summary>The lanes of the chunks of a stretch, and the place behind them.</summary>
        private static T* Reduce(FlatLoop loop, nint start, nint count, T* lanes)
        {
            var computed = (T*)loop.Compute(start, count, 0);
            for (nint i = 0; i < count; i += VirtualLanes.ChunkLength, lanes += VirtualLanes.Lanes)
                VirtualLanes.Chunk<T, TReduction>(
                    computed + i, 1, nint.Min(VirtualLanes.ChunkLength, count - i), lanes);
            return lanes;
        }
    }
}
