using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// A loop, one generated segment, whose last output is reduced along its last axes: a value for each row, which is never
/// written.
/// </summary>
/// <param name="plan">A plan that has rows.</param>
/// <param name="stretches">The rows of a segment which folds its last output.</param>
/// <param name="storages">Where the views' storages begin.</param>
/// <param name="result">Where the results go.</param>
internal readonly unsafe struct FusedRows(ReductionPlan plan, StretchPlan stretches, nint[] storages, nint result) : ITrailingUse
{
    // The elements of an item of work, where a row does not have more.
    private const int ItemElements = 16384;

    // Chunks of a row that is long enough to be cut: each stretch, an item of its own, waits for memory when it starts.
    // Where it writes past the caches, it also completes lines at both ends.
    private const int ItemChunks = 32, ItemChunksOfLines = 128;

    /// <summary>
    /// Cuts the axes of the views, the last of them with the layout of what is reduced, in rows; false where a plan has none
    /// that are worth it, or a row's elements are not consecutive in each view.
    /// </summary>
    public static bool TryCut(
        ReductionPlan plan, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, IterationSpace space)
    {
        if (plan.RowLength < FusedReduction.ShortestRun)
            return false;
        space.Set(inputs, outputs, plan.FirstOfRow);
        space.CutRows();
        return !space.HasStrided;
    }

    public void Run<T, TReduction>()
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var nanoseconds = LoopCost.Nanoseconds(plan.Body, plan.Shape.Size);
        var rows = stretches.Count;
        if (rows == 1 && plan.RowLength > ItemChunks * VirtualLanes.ChunkLength)
        {
            var chunks = Pieces.Of(plan.RowLength, VirtualLanes.ChunkLength);
            var row = new Chunks<T, TReduction>(stretches, storages, nanoseconds / chunks);
            *(T*)result = ChunkWaves.Reduce<T, TReduction, Chunks<T, TReduction>>(row, (int)chunks);
            return;
        }

        var perItem = Math.Max(1, ItemElements / plan.RowLength);
        var work = new Items<T, TReduction>(stretches, storages, (T*)result, perItem);
        ForkJoin.Run(work, (rows + perItem - 1) / perItem, nanoseconds);
    }

    private static int ItemChunksOf(LoopSegment segment) => segment.JoiningCode is null ? ItemChunks : ItemChunksOfLines;

    private static void Finish(StretchPlan stretches)
    {
        if (stretches.Segment.Streams)
            Streaming.Finish();
    }

    /// <summary>Some rows.</summary>
    private readonly struct Items<T, TReduction>(StretchPlan stretches, nint[] storages, T* result, int perItem) : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long item)
        {
            var own = Workspace.Rent();
            var first = item * perItem;
            var rows = new Rows<T, TReduction>(new FoldedRow<T, TReduction>(stretches, own.Machine), result + first);
            stretches.Walk(
                storages, own.Machine.RowTable, first, Math.Min(perItem, stretches.Count - first), 0, ref rows);
            Finish(stretches);
            own.Return();
        }
    }

    /// <summary>One row after the other.</summary>
    private struct Rows<T, TReduction>(FoldedRow<T, TReduction> row, T* result) : IStretchUse
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Run() => *result++ = row.Reduce();
    }

    /// <summary>The chunks of a single row.</summary>
    private readonly struct Chunks<T, TReduction>(StretchPlan stretches, nint[] storages, long nanosecondsOfChunk) : IChunks<T>
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Make(int first, int count, T* lanes) => ForkJoin.Run(
            new ChunkItems<T, TReduction>(stretches, storages, first, count, lanes), Pieces.Of(count, ItemChunksOf(stretches.Segment)),
            nanosecondsOfChunk * count);
    }

    /// <summary>Some chunks at a time.</summary>
    private readonly struct ChunkItems<T, TReduction>(
        StretchPlan stretches, nint[] storages, int first, int count, T* lanes) : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Run(long item)
        {
            var own = Workspace.Rent();
            var itemChunks = ItemChunksOf(stretches.Segment);
            var chunk = (nint)(item * itemChunks);
            var elements = nint.Min(itemChunks, count - chunk) * VirtualLanes.ChunkLength;
            var start = (first + chunk) * VirtualLanes.ChunkLength;
            var part = new Part<T, TReduction>(
                new FoldedRow<T, TReduction>(stretches, own.Machine), start,
                nint.Min(elements, stretches.Length - start), lanes + (chunk * VirtualLanes.Lanes));
            stretches.Walk(storages, own.Machine.RowTable, 0, 1, 0, ref part);
            Finish(stretches);
            own.Return();
        }
    }

    /// <summary>A part of a row.</summary>
    private readonly struct Part<T, TReduction>(FoldedRow<T, TReduction> row, nint start, nint count, T* lanes) : IStretchUse
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Run() => row.Fold(start, count, lanes);
    }
}
