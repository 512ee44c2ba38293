using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// A generated segment over all axes of a loop: where its addresses begin, and their steps from one stretch of consecutive
/// elements to the next. Made once for layouts, then used for any places in memory; safe to share between threads.
/// </summary>
/// <remarks>The methods are optimised at once: a graph that runs once would see nothing but their first, slow, form.</remarks>
internal sealed unsafe class StretchPlan
{
    private readonly nint inner;
    private readonly int[] views;
    private readonly int[] sizes;
    private readonly nint[] offsets;
    private readonly nint[] elementSteps;
    private readonly nint[] steps;

    /// <summary>A plan for the axes of a space that is cut, none of whose views are strided in a tile.</summary>
    public StretchPlan(LoopBody body, LoopSegment segment, IterationSpace space)
    {
        (Body, Segment) = (body, segment);
        inner = space.Inner;
        Length = space.Sizes[space.Split] * inner;
        sizes = space.Sizes[..space.Split].ToArray();
        foreach (var size in sizes)
            Count = Count * size;
        var places = segment.Reads.Length + segment.Writes.Length;
        (views, offsets, elementSteps, steps) = (new int[places], new nint[places], new nint[places], new nint[places * sizes.Length]);
        for (var place = 0; place < places; place++)
        {
            views[place] = ViewOf(place);
            if (views[place] < 0)
                continue;
            var size = (nint)TypeOf(place).Size();
            offsets[place] = space.Origin(views[place], 0) * size;
            elementSteps[place] = place < segment.Reads.Length && segment.Reads[place].Repeats ? 0 : size;
            for (var axis = 0; axis < sizes.Length; axis++)
                steps[(axis * places) + place] = space.Strides(views[place])[axis] * size;
        }
    }

    /// <summary>The body that the segment is all of.</summary>
    public LoopBody Body { get; }

    /// <summary>The segment.</summary>
    public LoopSegment Segment { get; }

    /// <summary>The number of stretches.</summary>
    public long Count { get; } = 1;

    /// <summary>The elements of a stretch.</summary>
    public nint Length { get; }

    /// <summary>All stretches.</summary>
    public StretchRange All => new(0, Count, 0, Length);

    private int Places => views.Length;

    /// <summary>The steps along the last axis before the stretches; none where there is no axis.</summary>
    private ReadOnlySpan<nint> LastSteps => steps.AsSpan(Math.Max(steps.Length - Places, 0));

    /// <summary>The stretches, or the elements of one, that a part of the axes has.</summary>
    public StretchRange PartOf(SpaceParts parts, long part)
    {
        var (index, block) = Math.DivRem(part, parts.Blocks);
        var first = (int)block * parts.Steps;
        if (parts.Axis == sizes.Length)
        {
            var element = first * inner;
            return new StretchRange(index, 1, element, nint.Min(parts.Steps * inner, Length - element));
        }

        var size = sizes[parts.Axis];
        long stretches = 1;
        for (var axis = parts.Axis + 1; axis < sizes.Length; axis++)
            stretches *= sizes[axis];
        return new StretchRange(((index * size) + first) * stretches, Math.Min(parts.Steps, size - first) * stretches, 0, Length);
    }

    /// <summary>Computes a range, of views whose storages are pinned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(nint[] storages, TileMachine machine, StretchRange range, bool streams)
    {
        machine.Set(Body, Segment, 0);
        if (streams)
        {
            var lines = new LineStream(this, machine, range.Elements);
            Walk(storages, machine.Table, range.First, range.Count, range.FirstElement, ref lines);
            lines.Finish();
            Streaming.Finish();
            return;
        }

        fixed (nint* next = LastSteps)
        {
            long count;
            for (var (first, end) = (range.First, range.First + range.Count); first < end; first += count)
            {
                Place(storages, machine.Table, first, range.FirstElement);
                count = CountFrom(first, end);
                machine.Run(Segment, range.Elements, next, (nint)count);
            }
        }
    }

    /// <summary>Uses the addresses of some stretches, one after the other, in a table, from an element of each on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Walk<TUse>(nint[] storages, nint* table, long first, long count, nint element, ref TUse use)
        where TUse : struct, IStretchUse, allows ref struct
    {
        for (var end = first + count; first < end;)
        {
            Place(storages, table, first, element);
            var left = CountFrom(first, end);
            first += left;
            for (; left > 0; left--)
            {
                use.Run();
                Next(table);
            }
        }
    }

    /// <summary>The addresses of a table so many elements on, in another table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Advance(nint* table, nint elements, nint* target)
    {
        for (var i = 0; i < elementSteps.Length; i++)
            target[i] = table[i] + (elements * elementSteps[i]);
    }

    /// <summary>The stretches from one on, before the last, that follow each other by steps along one axis.</summary>
    private long CountFrom(long first, long end)
    {
        var inner = sizes.Length == 0 ? 1 : sizes[^1];
        return Math.Min(end - first, inner - (first % inner));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Place(nint[] storages, nint* table, long stretch, nint element)
    {
        for (var i = 0; i < views.Length; i++)
            table[i] = views[i] < 0 ? 0 : storages[views[i]] + offsets[i] + (element * elementSteps[i]);
        for (var axis = sizes.Length - 1; axis >= 0 && stretch > 0; axis--)
        {
            (stretch, var step) = Math.DivRem(stretch, sizes[axis]);
            for (var i = 0; i < views.Length; i++)
                table[i] += (nint)step * steps[(axis * Places) + i];
        }
    }

    /// <summary>One step along the last axis before the stretches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Next(nint* table)
    {
        var last = LastSteps;
        for (var i = 0; i < last.Length; i++)
            table[i] += last[i];
    }

    /// <summary>The view that stands at a place of the table; -1 for what is folded and not stored.</summary>
    private int ViewOf(int place)
    {
        if (place < Segment.Reads.Length)
            return Segment.Reads[place].Cell;
        var write = place - Segment.Reads.Length;
        var output = Segment.Writes[write].Output;
        if (Segment.Fold?.Write == write)
            output = Body.Outputs[..^1].IndexOf(Body.Outputs[^1]);
        return output < 0 ? -1 : Body.Inputs.Length + output;
    }

    private DType TypeOf(int place) => place < Segment.Reads.Length
        ? Segment.Reads[place].Type
        : Segment.Writes[place - Segment.Reads.Length].Type;
}

/// <summary>What is done at a stretch whose addresses stand in a table.</summary>
internal interface IStretchUse
{
    void Run();
}

/// <summary>Some stretches, and of each the same elements.</summary>
/// <param name="First">The first stretch.</param>
/// <param name="Count">The number of stretches.</param>
/// <param name="FirstElement">The first element of each.</param>
/// <param name="Elements">The number of elements of each.</param>
internal readonly record struct StretchRange(long First, long Count, nint FirstElement, nint Elements);
