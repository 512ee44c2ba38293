using System.Diagnostics.CodeAnalysis;

namespace Autodiff.Kernel;

/// <summary>What a loop is generated for, besides its body: that holds of loops that are one segment.</summary>
/// <param name="Reduction">The reduction of the last output that the loop ends in.</param>
/// <param name="Stores">How its results are written.</param>
/// <param name="Lookahead">What it asks memory for.</param>
internal readonly record struct LoopForm(
    ReductionKind? Reduction = null, StoreForm Stores = StoreForm.Cached, Lookahead Lookahead = Lookahead.NextTurns);

/// <summary>A loop body compiled for inputs of which certain ones repeat one element.</summary>
internal sealed class GeneratedLoop
{
    [RequiresDynamicCode("generates code")]
    public GeneratedLoop(
        LoopBody body, ReadOnlySpan<bool> repeatingInputs, VectorWidth width, LoopForm form = default)
    {
        Parts = Segmentation.Divide(body, repeatingInputs);
        NeedsNoSlots = true;
        foreach (var (segment, _) in Parts)
        {
            NeedsNoSlots &= segment is not null;
            foreach (var write in segment is null ? [] : segment.Writes)
                NeedsNoSlots &= write.Output >= 0;
            MaxPlaces = Math.Max(MaxPlaces, segment is null ? 0 : segment.Reads.Length + segment.Writes.Length);
        }

        ReadsElements = Array.TrueForAll(Parts, part => part.Segment is not null);
        var isSingle = Parts.Length == 1 && NeedsNoSlots && !RepeatsTruthValues(Parts[0].Segment!);
        if (isSingle && form.Reduction is { } kind && WritesAllStored(body, Parts[0].Segment!))
        {
            Folding = Parts[0].Segment!;
            Folding.Compile(width, form.Lookahead, Fold(body, Folding, kind));
            Folding.CompileStreaming(width, form.Lookahead, form.Stores);
            return;
        }

        foreach (var (segment, _) in Parts)
            segment?.Compile(width, form.Lookahead);
        if (!isSingle)
            return;
        Single = Parts[0].Segment;
        Single!.CompileStreaming(width, form.Lookahead, form.Stores);
    }

    /// <summary>What is run one after the other on each tile.</summary>
    public LoopPart[] Parts { get; }

    /// <summary>Whether all that is computed goes to outputs at once, if their elements are consecutive.</summary>
    public bool NeedsNoSlots { get; }

    /// <summary>Whether inputs that repeat one element may be read where it is: nothing is interpreted.</summary>
    public bool ReadsElements { get; }

    /// <summary>
    /// The segment that is all of the loop, reads every input where it is and writes every output where it goes; null where
    /// that is not so.
    /// </summary>
    public LoopSegment? Single { get; }

    /// <summary>The same, of which the last output is reduced: then there is nothing else.</summary>
    public LoopSegment? Folding { get; }

    /// <summary>The most addresses that a segment takes.</summary>
    public int MaxPlaces { get; }

    private static SegmentFold Fold(LoopBody body, LoopSegment segment, ReductionKind kind)
    {
        var last = body.Outputs.Length - 1;
        var write = 0;
        while (segment.Writes[write].Output != last)
            write++;
        var combine = kind switch
        {
            ReductionKind.Sum => VectorOp.Add,
            ReductionKind.Max => VectorOp.Max,
            ReductionKind.Min => VectorOp.Min,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no reduction that a loop ends in"),
        };
        return new SegmentFold(combine, write, IsLastStored(body));
    }

    private static bool IsLastStored(LoopBody body) => body.Outputs[..^1].Contains(body.Outputs[^1]);

    /// <summary>Whether each output but the reduced one is a write of its own: a value may be several outputs.</summary>
    private static bool WritesAllStored(LoopBody body, LoopSegment segment) =>
        segment.Writes.Length == body.Outputs.Length - (IsLastStored(body) ? 1 : 0);

    private static bool RepeatsTruthValues(LoopSegment segment)
    {
        foreach (var read in segment.Reads)
            if (read is { Repeats: true, Type: DType.Bool })
                return true;
        return false;
    }
}
