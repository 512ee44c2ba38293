namespace Autodiff.Kernel;

/// <summary>
/// A loop whose last output is reduced as it is computed, and never written. The reduction is that of the output as a
/// contiguous array, with the same bits. If the body stores the same value as an output before the last, what is reduced is
/// stored too. Made for fixed layouts, then run for any places in memory; safe to share between threads.
/// </summary>
internal sealed class FusedReduction : IPlaced
{
    /// <summary>Shorter stretches are not worth a computation of their own.</summary>
    public const int ShortestRun = 256;

    // In rows so long, asking ahead takes the room that results on their way to memory need.
    private const int LongRow = 1 << 15;

    private readonly ReductionPlan plan;
    private readonly FindLoop find;
    private readonly View[] inputs;
    private readonly View[] outputs;
    private readonly DType type;
    private readonly bool streams;
    private readonly StoreForm stores;
    private readonly IterationSpace? rows;
    private readonly bool[] repeats;
    private readonly nint resultOffset;
    private StretchPlan? stretches;
    private FlatReduction? flat;

    /// <summary>
    /// The last view is the reduction's contiguous result, the others are contiguous arrays of the shape of the inputs; their
    /// layouts are looked at, and not their memory.
    /// </summary>
    public FusedReduction(ReductionPlan plan, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
        : this(plan, inputs, outputs, LoopCode.FindFor)
    {
    }

    /// <summary>The same by the code that <paramref name="find"/> gives, or interpreted where that is none.</summary>
    internal FusedReduction(ReductionPlan plan, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, FindLoop find)
    {
        (this.plan, this.find, type) = (plan, find, outputs[^1].DType);
        resultOffset = (nint)outputs[^1].Layout.Offset * type.Size();
        this.inputs = Array.ConvertAll(inputs.ToArray(), view => view.In(default));
        this.outputs = Array.ConvertAll(outputs.ToArray(), view => view.In(default));
        this.outputs[^1] = this.outputs[^1].With(plan.Layout);

        stores = ChooseStores();

        // Short rows that begin anywhere pass through buffers, which cost more than is saved where there are several results.
        streams = outputs.Length == 2 && stores == StoreForm.Lines;
        repeats = new bool[inputs.Length];
        var space = new IterationSpace();
        if (streams || !FusedRows.TryCut(plan, this.inputs, this.outputs, space))
            return;
        rows = space;
        for (var input = 0; input < inputs.Length; input++)
            repeats[input] = space.Repeats(input);
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

    /// <summary>Computes the outputs and the reduction, on all threads.</summary>
    public void Run(nint[] places) =>
        Run(places, stores != StoreForm.Cached && plan.RowLength >= LongRow ? Lookahead.Nothing : Lookahead.NextTurns);

    /// <summary>The same, asking memory for what <paramref name="lookahead"/> says.</summary>
    public void Run(nint[] places, Lookahead lookahead)
    {
        var result = places[inputs.Length + outputs.Length - 1] + resultOffset;
        var isKnown = false;
        if (rows is not null)
        {
            var generated = find(plan.Body, repeats, plan.Shape.Size, new LoopForm(plan.Kind, stores, lookahead));
            isKnown = generated is null;
            if (generated?.Folding is { } segment)
            {
                var known = stretches;
                if (known?.Segment != segment)
                    stretches = known = new StretchPlan(plan.Body, segment, rows);
                var work = new FusedRows(plan, known, places, result);
                TrailingReduction.Run(type, plan.Kind, ref work);
                return;
            }
        }

        flat ??= new FlatReduction(plan, inputs, outputs, streams);
        flat.Run(places, result, isKnown ? null : flat.Find(find));
    }

    private StoreForm ChooseStores()
    {
        if (!LoopCost.Streams(plan.Body, outputs.Length - 1, plan.Shape.Size))
            return StoreForm.Cached;
        return JoinedLines.Pays(plan.RowLength * type.Size()) ? StoreForm.JoinedLines : StoreForm.Lines;
    }
}
