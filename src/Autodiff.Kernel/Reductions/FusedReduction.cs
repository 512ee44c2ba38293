using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A loop whose last output is reduced as it is computed, and never written: each stretch that the reduction asks for is
/// computed into the cache. The reduction is that of the output as a contiguous array, with the same bits. If the body
/// stores the same value as an output before the last, what is reduced is stored too.
/// </summary>
internal readonly unsafe ref struct FusedReduction
{
    /// <summary>Shorter stretches are not worth a computation of their own.</summary>
    public const int ShortestRun = 256;

    private static readonly FindLoop Interpreted = static (_, _, _, _) => null;

    private readonly ReductionPlan plan;
    private readonly ReadOnlySpan<View> inputs;
    private readonly ReadOnlySpan<View> outputs;
    private readonly Workspace workspace;
    private readonly FindLoop find;

    private FusedReduction(
        ReductionPlan plan, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, Workspace workspace, FindLoop find)
    {
        this.plan = plan;
        this.inputs = inputs;
        this.outputs = outputs;
        this.workspace = workspace;
        this.find = find;
    }

    /// <summary>
    /// Whether a reduction of a contiguous array, whose axes stand in <paramref name="source"/> with those that are kept
    /// first, gains by being fused with the loop that computes the array.
    /// </summary>
    public static bool Pays(Layout source, int keptRank)
    {
        if (source.Shape.Size == 0)
            return false;
        var result = Shape.Create(source.Shape.AsSpan()[..keptRank]);
        return new ReductionLoop(source, keptRank, Layout.Contiguous(result)).RunLength >= ShortestRun;
    }

    /// <summary>
    /// Computes the outputs; the last view is the reduction's contiguous result, the others are contiguous arrays of the
    /// shape of the inputs.
    /// </summary>
    public static void Run(ReductionPlan plan, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        Run(plan, inputs, outputs, LoopCode.FindFor);

    /// <summary>The same by the loop that <paramref name="find"/> gives, or interpreted where that is none.</summary>
    internal static void Run(
        ReductionPlan plan, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, FindLoop find)
    {
        var workspace = Workspace.Rent();
        try
        {
            workspace.ReserveViews(inputs.Length, outputs.Length);
            outputs.CopyTo(workspace.Outputs);
            workspace.Outputs[outputs.Length - 1] = outputs[^1].With(plan.Layout);
            new FusedReduction(plan, inputs, outputs, workspace, find).Pin(0);
        }
        finally
        {
            Array.Clear(workspace.Outputs);
            workspace.Finish();
        }
    }

    /// <summary>Pins the storage of one view after the other, and then runs.</summary>
    private void Pin(int view)
    {
        if (view == inputs.Length + outputs.Length)
        {
            Run();
            return;
        }

        ref readonly var current = ref view < inputs.Length ? ref inputs[view] : ref outputs[view - inputs.Length];
        fixed (byte* start = &current.Storage.Reference<byte>())
        {
            workspace.Storages[view] = (nint)start;
            Pin(view + 1);
        }
    }

    private void Run()
    {
        ref readonly var last = ref outputs[^1];
        var result = workspace.Storages[inputs.Length + outputs.Length - 1] + (nint)last.Layout.Offset * last.DType.Size();
        var nanoseconds = LoopCost.Nanoseconds(plan.Body, plan.Shape.Size);
        // Several pass through buffers that cost more than is saved.
        workspace.Streams = outputs.Length == 2 && LoopCost.Streams(plan.Body, 1, plan.Shape.Size);
        var find = this.find;
        if (!workspace.Streams && TryRows(result, ref find))
            return;
        var generated = FlatLoop.Prepare(
            plan.Body, inputs, workspace.Outputs.AsSpan(0, outputs.Length), workspace, find);
        if (last.Shape.Size == 1 && plan.Shape.Size > FusedRow.LeastElements)
        {
            var row = new FusedRow(plan, generated, workspace, result, nanoseconds);
            TrailingReduction.Run(last.DType, plan.Kind, ref row);
        }
        else if (plan.Parts.Length > 1 && LoopCost.Forks(nanoseconds))
            ForkJoin.Run(new Parts(plan, generated, workspace, result, last.DType), plan.Parts.Length, nanoseconds);
        else
            Whole(plan, plan.Loop, new FlatLoop(plan.Body, generated, workspace, workspace.Storages), result, last.DType);
    }

    /// <summary>Row by row, where the loop is one segment; else the flat loop that stays is told what was found.</summary>
    private bool TryRows(nint result, ref FindLoop find)
    {
        if (!FusedRows.TryCut(plan, inputs, workspace.Outputs.AsSpan(0, outputs.Length), workspace.Space))
            return false;
        for (var input = 0; input < inputs.Length; input++)
            workspace.Repeats[input] = workspace.Space.Repeats(input);
        var generated = find(plan.Body, workspace.Repeats.AsSpan(0, inputs.Length), plan.Shape.Size, new LoopForm(plan.Kind));
        if (generated is null)
            find = Interpreted;
        if (generated?.Folding is not { } segment)
            return false;
        var rows = new FusedRows(plan, segment, workspace.Space, workspace.Storages, result);
        TrailingReduction.Run(outputs[^1].DType, plan.Kind, ref rows);
        return true;
    }

    private static void Whole(ReductionPlan plan, ReductionLoop reduction, FlatLoop loop, nint result, DType type)
    {
        var use = new OneThread(reduction, loop, result);
        TrailingReduction.Run(type, plan.Kind, ref use);
    }

    /// <summary>All results, or those of a part, on this thread.</summary>
    private readonly ref struct OneThread(ReductionLoop reduction, FlatLoop loop, nint result) : ITrailingUse
    {
        private readonly FlatLoop loop = loop;

        public void Run<T, TReduction>()
            where T : unmanaged, INumber<T>
            where TReduction : struct, IReduction<T>
        {
            var elements = new ComputedElements<T>(loop);
            reduction.Run<T, TReduction, ComputedElements<T>>(ref elements, (T*)result);
        }
    }

    /// <summary>Parts of the results, of views that the caller keeps fixed.</summary>
    private readonly struct Parts(ReductionPlan plan, GeneratedLoop? generated, Workspace shared, nint result, DType type)
        : IWork
    {
        public void Run(long item)
        {
            var part = plan.Parts[item];
            var own = Workspace.Rent();
            own.Take(shared);
            var loop = new FlatLoop(plan.Body, generated, own, shared.Storages, part.Position);
            Whole(plan, part.Loop, loop, result + (part.Result * type.Size()), type);
            own.Finish();
        }
    }
}
