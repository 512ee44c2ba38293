using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// A loop, one generated segment, whose last output is reduced along its last axes: a value for each row, which is never
/// written.
/// </summary>
/// <param name="plan">A plan that has rows.</param>
/// <param name="segment">The segment, which folds its last output.</param>
/// <param name="space">The axes, cut in rows.</param>
/// <param name="storages">Where the views' storages begin.</param>
/// <param name="result">Where the results go.</param>
internal readonly unsafe struct FusedRows(
    ReductionPlan plan, LoopSegment segment, IterationSpace space, nint[] storages, nint result) : ITrailingUse
{
    // The elements of an item of work, where a row does not have more.
    private const int ItemElements = 16384;

    // Chunks of a row that is long enough to be cut: each stretch, an item of its own, waits for memory when it starts.
    private const int ItemChunks = 32;

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
        for (var view = 0; view < inputs.Length + outputs.Length; view++)
            if (space.WalkOf(view) == Walk.Strided)
                return false;
        return true;
    }

    public void Run<T, TReduction>()
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var nanoseconds = LoopCost.Nanoseconds(plan.Body, plan.Shape.Size);
        var rows = plan.Shape.Size / plan.RowLength;
        if (rows == 1 && plan.RowLength > ItemChunks * VirtualLanes.ChunkLength)
        {
            var chunks = Pieces.Of(plan.RowLength, VirtualLanes.ChunkLength);
            var row = new Chunks<T, TReduction>(plan, segment, space, storages, nanoseconds / chunks);
            *(T*)result = ChunkWaves.Reduce<T, TReduction, Chunks<T, TReduction>>(row, (int)chunks);
            return;
        }

        var perItem = Math.Max(1, ItemElements / plan.RowLength);
        var work = new Items<T, TReduction>(plan, segment, space, storages, (T*)result, rows, perItem);
        ForkJoin.Run(work, (rows + perItem - 1) / perItem, nanoseconds);
    }

    /// <summary>Some rows.</summary>
    private readonly struct Items<T, TReduction>(
        ReductionPlan plan, LoopSegment segment, IterationSpace space, nint[] storages, T* result, long rows, int perItem)
        : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long item)
        {
            var own = Workspace.Rent();
            own.Space.TakeFrom(space, item * perItem);
            var row = new FoldedRow<T, TReduction>(plan.Body, segment, own, storages);
            for (var i = item * perItem; i < Math.Min(rows, (item + 1) * perItem); i++)
            {
                result[i] = row.Reduce(plan.RowLength);
                own.Space.MoveNext();
            }

            own.Finish();
        }
    }

    /// <summary>The chunks of a single row.</summary>
    private readonly struct Chunks<T, TReduction>(
        ReductionPlan plan, LoopSegment segment, IterationSpace space, nint[] storages, long nanosecondsOfChunk) : IChunks<T>
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Make(int first, int count, T* lanes) => ForkJoin.Run(
            new Stretches<T, TReduction>(plan, segment, space, storages, first, count, lanes), Pieces.Of(count, ItemChunks),
            nanosecondsOfChunk * count);
    }

    /// <summary>Some chunks at a time.</summary>
    private readonly struct Stretches<T, TReduction>(
        ReductionPlan plan, LoopSegment segment, IterationSpace space, nint[] storages, int first, int count, T* lanes) : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Run(long item)
        {
            var own = Workspace.Rent();
            own.Space.Take(space);
            var row = new FoldedRow<T, TReduction>(plan.Body, segment, own, storages);
            var chunk = (nint)(item * ItemChunks);
            var start = (first + chunk) * VirtualLanes.ChunkLength;
            var elements = nint.Min(ItemChunks, count - chunk) * VirtualLanes.ChunkLength;
            row.Fold(start, nint.Min(elements, (nint)plan.RowLength - start), lanes + (chunk * VirtualLanes.Lanes));
            own.Finish();
        }
    }
}
