using System.Buffers;
using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A loop whose last output is reduced to one value. The chunks of <see cref="VirtualLanes"/> are computed several at a time
/// (each start of a loop waits for memory), by all threads; then their lanes are combined in order: the bits are those of
/// the reduction on one thread.
/// </summary>
internal static unsafe class FusedRow
{
    // Chunks whose lanes are computed before they are combined: their memory stays small.
    private const int WaveChunks = 2048;

    // Each item, a stretch of its own, waits for memory when it starts.
    private const int ItemChunks = 32;

    /// <summary>Fewer elements are not worth the memory for their lanes.</summary>
    public const int LeastElements = ItemChunks * VirtualLanes.ChunkLength;

    /// <summary>Computes the outputs of a plan that has one result, of views that stand in a workspace, pinned.</summary>
    public static void Run(
        ReductionPlan plan, GeneratedLoop? generated, Workspace workspace, nint result, DType type, long nanoseconds)
    {
        switch (type)
        {
            case DType.Float32: Run<float>(plan, generated, workspace, (float*)result, nanoseconds); break;
            case DType.Float64: Run<double>(plan, generated, workspace, (double*)result, nanoseconds); break;
            case DType.Int32: Run<int>(plan, generated, workspace, (int*)result, nanoseconds); break;
            case DType.Int64: Run<long>(plan, generated, workspace, (long*)result, nanoseconds); break;
            default: throw new DTypeException($"a loop does not end in {plan.Kind} of {type}");
        }
    }

    private static void Run<T>(
        ReductionPlan plan, GeneratedLoop? generated, Workspace workspace, T* result, long nanoseconds)
        where T : unmanaged, INumber<T> =>
        *result = plan.Kind switch
        {
            ReductionKind.Sum => Reduce<T, SumReduction<T>>(plan, generated, workspace, nanoseconds),
            ReductionKind.Max => Reduce<T, MaxReduction<T>>(plan, generated, workspace, nanoseconds),
            ReductionKind.Min => Reduce<T, MinReduction<T>>(plan, generated, workspace, nanoseconds),
            _ => throw new ArgumentOutOfRangeException(nameof(plan), plan.Kind, "no reduction that a loop ends in"),
        };

    private static T Reduce<T, TReduction>(
        ReductionPlan plan, GeneratedLoop? generated, Workspace workspace, long nanoseconds)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var chunks = (int)((plan.Shape.Size + VirtualLanes.ChunkLength - 1) / VirtualLanes.ChunkLength);
        var wave = Math.Min(chunks, WaveChunks);
        var rented = ArrayPool<T>.Shared.Rent((wave + 1) * VirtualLanes.Lanes);
        fixed (T* total = rented)
        {
            var lanes = total + VirtualLanes.Lanes;
            for (var first = 0; first < chunks; first += wave)
            {
                var count = Math.Min(wave, chunks - first);
                var work = new Chunks<T, TReduction>(plan, generated, workspace, first, count, lanes);
                ForkJoin.Run(work, (count + ItemChunks - 1) / ItemChunks, nanoseconds * count / chunks);
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

    /// <summary>The lanes of some chunks.</summary>
    private readonly struct Chunks<T, TReduction>(
        ReductionPlan plan, GeneratedLoop? generated, Workspace shared, int first, int count, T* lanes) : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Run(long item)
        {
            var own = Workspace.Rent();
            own.Space.Take(shared.Space);
            var loop = new FlatLoop(plan.Body, generated, own, shared.Storages);
            var start = (nint)(first + item * ItemChunks) * VirtualLanes.ChunkLength;
            var end = nint.Min(start + LeastElements, (nint)(first + count) * VirtualLanes.ChunkLength);
            end = nint.Min(end, (nint)plan.Shape.Size);
            var target = lanes + ((nint)item * ItemChunks * VirtualLanes.Lanes);
            for (var stretch = FlatLoop.Buffers * FlatLoop.Longest * sizeof(long) / sizeof(T); start < end; start += stretch)
                target = Reduce(loop, start, nint.Min(stretch, end - start), target);
            own.Return();
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
