using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A loop whose last output is reduced as it is computed, and never written: each stretch that the reduction asks for is
/// computed into the cache. The reduction is that of the output as a contiguous array, with the same bits.
/// </summary>
internal readonly unsafe ref struct FusedReduction
{
    /// <summary>Shorter stretches are not worth a computation of their own.</summary>
    public const int ShortestRun = 256;

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
            workspace.Return();
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
        var generated = FlatLoop.Prepare(
            plan.Body, inputs, workspace.Outputs.AsSpan(0, outputs.Length), workspace, find);
        ref readonly var last = ref outputs[^1];
        var result = workspace.Storages[inputs.Length + outputs.Length - 1] + (nint)last.Layout.Offset * last.DType.Size();
        var nanoseconds = LoopCost.Nanoseconds(plan.Body, plan.Shape.Size);
        if (last.Shape.Size == 1 && plan.Shape.Size > FusedRow.LeastElements)
            FusedRow.Run(plan, generated, workspace, result, last.DType, nanoseconds);
        else if (plan.Parts.Length > 1 && LoopCost.Forks(nanoseconds))
            ForkJoin.Run(
                new Parts(plan, generated, workspace, result, last.DType), plan.Parts.Length, nanoseconds);
        else
            Alone(generated, result);
    }

    private void Alone(GeneratedLoop? generated, nint result)
    {
        var loop = new FlatLoop(plan.Body, generated, workspace, workspace.Storages);
        Run(outputs[^1].DType, plan.Kind, plan.Loop, loop, result);
    }

    private static void Run(DType type, ReductionKind kind, ReductionLoop reduction, FlatLoop loop, nint result)
    {
        switch (type)
        {
            case DType.Float32: Run<float>(kind, reduction, loop, result); break;
            case DType.Float64: Run<double>(kind, reduction, loop, result); break;
            case DType.Int32: Run<int>(kind, reduction, loop, result); break;
            case DType.Int64: Run<long>(kind, reduction, loop, result); break;
            default: throw new DTypeException($"a loop does not end in {kind} of {type}");
        }
    }

    private static void Run<T>(ReductionKind kind, ReductionLoop reduction, FlatLoop loop, nint result)
        where T : unmanaged, INumber<T>
    {
        var elements = new ComputedElements<T>(loop);
        switch (kind)
        {
            case ReductionKind.Sum:
                reduction.Run<T, SumReduction<T>, ComputedElements<T>>(ref elements, (T*)result);
                break;
            case ReductionKind.Max:
                reduction.Run<T, MaxReduction<T>, ComputedElements<T>>(ref elements, (T*)result);
                break;
            case ReductionKind.Min:
                reduction.Run<T, MinReduction<T>, ComputedElements<T>>(ref elements, (T*)result);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "no reduction that a loop ends in");
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
            own.Space.Take(shared.Space);
            var loop = new FlatLoop(plan.Body, generated, own, shared.Storages, part.Position);
            FusedReduction.Run(type, plan.Kind, part.Loop, loop, result + (part.Result * type.Size()));
            own.Return();
        }
    }
}
