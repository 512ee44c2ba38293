using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A loop of any kind whose last output is reduced: each stretch of it that the reduction asks for is computed into the cache.
/// </summary>
internal sealed class FlatReduction
{
    private readonly ReductionPlan plan;
    private readonly IterationSpace space = new();
    private readonly bool[] repeats;
    private readonly bool streams;
    private readonly bool isSingle;
    private readonly DType type;

    /// <summary>A loop over views of one shape, of which the last has the layout of what is reduced.</summary>
    public FlatReduction(ReductionPlan plan, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, bool streams)
    {
        (this.plan, this.streams) = (plan, streams);
        type = outputs[^1].DType;
        isSingle = plan.Loop.Results == 1;
        space.Set(inputs, outputs);
        space.CutNothing();
        repeats = new bool[inputs.Length];
        for (var input = 0; input < inputs.Length; input++)
            repeats[input] = space.WalkOf(input) == Walk.Constant;
    }

    /// <summary>The generated loop, if there is one.</summary>
    public GeneratedLoop? Find(FindLoop find) => find(plan.Body, repeats, plan.Shape.Size, default);

    /// <summary>Computes the outputs and the reduction.</summary>
    public void Run(nint[] places, nint result, GeneratedLoop? generated)
    {
        var nanoseconds = LoopCost.Nanoseconds(plan.Body, plan.Shape.Size);
        var loop = new FlatRun(plan, space, generated, places, streams);
        if (isSingle && plan.Shape.Size > FusedRow.LeastElements)
        {
            var row = new FusedRow(loop, result, nanoseconds);
            TrailingReduction.Run(type, plan.Kind, ref row);
        }
        else if (plan.Parts.Length > 1 && LoopCost.Forks(nanoseconds))
            ForkJoin.Run(new Parts(loop, result, type), plan.Parts.Length, nanoseconds);
        else
            Reduce(loop, plan.Loop, 0, result, type);
    }

    private static void Reduce(in FlatRun run, ReductionLoop reduction, nint first, nint result, DType type)
    {
        var own = run.Rent();
        var use = new OneThread(reduction, run.Loop(own, first), result);
        TrailingReduction.Run(type, run.Plan.Kind, ref use);
        own.Finish();
    }

    /// <summary>All results, or those of a part, on this thread.</summary>
    private readonly unsafe ref struct OneThread(ReductionLoop reduction, FlatLoop loop, nint result) : ITrailingUse
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

    /// <summary>Parts of the results.</summary>
    private readonly struct Parts(FlatRun run, nint result, DType type) : IWork
    {
        public void Run(long item)
        {
            var part = run.Plan.Parts[item];
            Reduce(run, part.Loop, part.Position, result + (part.Result * type.Size()), type);
        }
    }
}

/// <summary>A run of a <see cref="FlatReduction"/>, from which each thread takes a loop of its own.</summary>
/// <param name="Plan">The loop body and the reduction.</param>
/// <param name="Space">The axes.</param>
/// <param name="Generated">The generated loop, if there is one.</param>
/// <param name="Places">Where the storages begin.</param>
/// <param name="Streams">Whether outputs are written past the caches.</param>
internal readonly record struct FlatRun(
    ReductionPlan Plan, IterationSpace Space, GeneratedLoop? Generated, nint[] Places, bool Streams)
{
    /// <summary>A workspace with the axes.</summary>
    public Workspace Rent()
    {
        var own = Workspace.Rent();
        own.Space.Take(Space);
        own.Streams = Streams;
        return own;
    }

    /// <summary>The loop in a workspace, whose positions count from one on.</summary>
    public FlatLoop Loop(Workspace own, nint first = 0) => new(Plan.Body, Generated, own, Places, first);
}
