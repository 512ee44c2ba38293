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
    }

    /// <summary>What is run one after the other on each tile.</summary>
    public LoopPart[] Parts { get; }

    /// <summary>Whether all that is computed goes to outputs at once, if their elements are consecutive.</summary>
    public bool NeedsNoSlots { get; }

    /// <summary>The most addresses that a segment takes.</summary>
    public int MaxPlaces { get; }
}
