using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// A loop, one generated segment, whose last output is reduced along its last axes: a value for each row, which is reduced
/// while it is in the first cache. Only addresses change from row to row.
/// </summary>
/// <param name="plan">A plan that has rows.</param>
/// <param name="segment">The segment.</param>
/// <param name="space">The axes, cut in rows.</param>
/// <param name="storages">Where the views' storages begin.</param>
/// <param name="result">Where the results go.</param>
/// <param name="nanoseconds">About how long it takes on one thread.</param>
internal readonly unsafe struct FusedRows(
    ReductionPlan plan, LoopSegment segment, IterationSpace space, nint[] storages, nint result, long nanoseconds)
    : ITrailingUse
{
    // The elements of an item of work, where a row does not have more.
    private const int ItemElements = 16384;

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
        var perItem = Math.Max(1, ItemElements / plan.RowLength);
        var rows = plan.Shape.Size / plan.RowLength;
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
            var row = new ComputedRow<T>(plan, segment, own, storages);
            for (var i = item * perItem; i < Math.Min(rows, (item + 1) * perItem); i++)
            {
                result[i] = VirtualLanes.Reduce<T, TReduction, ComputedRow<T>>(ref row, 0, 1, plan.RowLength);
                own.Space.MoveNext();
            }

            own.Finish();
        }
    }
}

/// <summary>The elements of a row of a loop's last output, computed when they are asked for; other outputs are stored.</summary>
internal readonly unsafe struct ComputedRow<T> : IElements<T> where T : unmanaged, INumber<T>
{
    private readonly LoopBody body;
    private readonly LoopSegment segment;
    private readonly TileMachine machine;
    private readonly IterationSpace space;
    private readonly nint[] storages;
    private readonly int stored;

    /// <summary>Rows of the axes that stand in a workspace, of views whose storages are pinned.</summary>
    public ComputedRow(ReductionPlan plan, LoopSegment segment, Workspace workspace, nint[] storages)
    {
        this.segment = segment;
        this.storages = storages;
        (body, machine, space) = (plan.Body, workspace.Machine, workspace.Space);
        stored = body.Outputs[..^1].IndexOf(body.Outputs[^1]);
        machine.Set(body, segment, VirtualLanes.ChunkLength * sizeof(T));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public T* Run(nint position, nint count, int buffer = 0)
    {
        var reads = segment.Reads;
        var writes = segment.Writes;
        var table = machine.Table;
        for (var i = 0; i < reads.Length; i++)
            table[i] = Address(reads[i].Cell, reads[i].Type.Size(), reads[i].Repeats ? 0 : position);
        nint last = 0;
        for (var i = 0; i < writes.Length; i++)
        {
            var output = writes[i].Output;
            var isLast = output == body.Outputs.Length - 1;
            var place = isLast && stored < 0
                ? machine.Extra
                : Address(body.Inputs.Length + (isLast ? stored : output), writes[i].Type.Size(), position);
            table[reads.Length + i] = place;
            if (isLast)
                last = place;
        }

        machine.Run(segment, count);
        return (T*)last;
    }

    public T* Gather(nint position, nint stride, nint count, T* target) =>
        throw new NotSupportedException("a loop computes consecutive elements");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint Address(int view, int size, nint position) => storages[view] + ((space.Origin(view, 0) + position) * size);
}
