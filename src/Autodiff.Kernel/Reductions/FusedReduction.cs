using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A loop whose last output is reduced as it is computed, and never written: each stretch that the reduction asks for is
/// computed into the cache. The reduction is that of the output as a contiguous array, with the same bits.
/// </summary>
internal readonly unsafe ref struct FusedReduction
{
    /// <summary>Shorter stretches are not worth a computation of their own.</summary>
    private const int ShortestRun = 256;

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
        var loop = new FlatLoop(plan.Body, inputs, workspace.Outputs.AsSpan(0, outputs.Length), workspace, find);
        loop.BindConstants();
        switch (outputs[^1].DType)
        {
            case DType.Float32: Run<float>(loop); break;
            case DType.Float64: Run<double>(loop); break;
            case DType.Int32: Run<int>(loop); break;
            case DType.Int64: Run<long>(loop); break;
            default: throw new DTypeException($"a loop does not end in {plan.Kind} of {outputs[^1].DType}");
        }
    }

    private void Run<T>(FlatLoop loop) where T : unmanaged, INumber<T>
    {
        var elements = new ComputedElements<T>(loop);
        var result = (T*)workspace.Storages[inputs.Length + outputs.Length - 1] + outputs[^1].Layout.Offset;
        switch (plan.Kind)
        {
            case ReductionKind.Sum:
                plan.Loop.Run<T, SumReduction<T>, ComputedElements<T>>(ref elements, result);
                break;
            case ReductionKind.Max:
                plan.Loop.Run<T, MaxReduction<T>, ComputedElements<T>>(ref elements, result);
                break;
            case ReductionKind.Min:
                plan.Loop.Run<T, MinReduction<T>, ComputedElements<T>>(ref elements, result);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(loop), plan.Kind, "no reduction that a loop ends in");
        }
    }
}

/// <summary>A loop body and the reduction of its last output.</summary>
internal sealed class ReductionPlan(LoopBody body, Shape shape, ReductionKind kind, Layout source, int keptRank)
{
    public LoopBody Body => body;

    /// <summary>The shape of what the body computes.</summary>
    public Shape Shape => shape;

    /// <summary>That of the last output, if it were written.</summary>
    public Layout Layout { get; } = Layout.Contiguous(shape);

    public ReductionKind Kind => kind;

    /// <summary>The reduction of the last output as if it were a contiguous array.</summary>
    public ReductionLoop Loop { get; } =
        new(source, keptRank, Layout.Contiguous(Shape.Create(source.Shape.AsSpan()[..keptRank])));
}
