using System.Diagnostics.CodeAnalysis;

namespace Autodiff.Kernel;

/// <summary>A loop body compiled for inputs of which certain ones repeat one element.</summary>
internal sealed class GeneratedLoop
{
    [RequiresDynamicCode("generates code")]
    public GeneratedLoop(LoopBody body, ReadOnlySpan<bool> repeatingInputs, VectorWidth width)
    {
        Parts = Segmentation.Divide(body, repeatingInputs);
        NeedsNoSlots = true;
        foreach (var (segment, _) in Parts)
        {
            segment?.Compile(width);
            NeedsNoSlots &= segment is not null;
            foreach (var write in segment is null ? [] : segment.Writes)
                NeedsNoSlots &= write.Output >= 0;
            MaxPlaces = Math.Max(MaxPlaces, segment is null ? 0 : segment.Reads.Length + segment.Writes.Length);
        }

        ReadsElements = Array.TrueForAll(Parts, part => part.Segment is not null);
        if (Parts.Length == 1 && NeedsNoSlots && !RepeatsTruthValues(Parts[0].Segment!))
            Single = Parts[0].Segment;
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

    /// <summary>The most addresses that a segment takes.</summary>
    public int MaxPlaces { get; }

    private static bool RepeatsTruthValues(LoopSegment segment)
    {
        foreach (var read in segment.Reads)
            if (read is { Repeats: true, Type: DType.Bool })
                return true;
        return false;
    }
}
