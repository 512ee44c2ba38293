using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Runs a loop body tile by tile: some hundred elements, whose intermediate results stay in the first cache. Consecutive
/// inputs are read where they are; an input that repeats is an operand by itself, and what is computed from such alone
/// is computed once a tile. A body that is one compiled segment over consecutive elements needs no tiles. A loop with
/// much to do is divided among threads: an element's bits do not depend on where its part begins.
/// </summary>
/// <remarks>
/// Made for fixed layouts, then run for any places in memory; safe to share between threads. The methods are optimised at once:
/// a graph that runs once would see nothing but their first, slow, form.
/// </remarks>
internal sealed class ChunkedLoop : IPlaced
{
    // A tile is worth its calls from so many elements on.
    private const int EnoughForTile = 256;

    private readonly LoopBody body;
    private readonly Layout[] layouts;
    private readonly Cut tiles;
    private readonly Cut? rows;
    private readonly FindLoop find;
    private readonly bool streams;
    private readonly long elements;
    private StretchPlan? stretches;
    private long nanoseconds;

    /// <summary>A loop over views of one shape that is not empty: their layouts are looked at, and not their memory.</summary>
    public ChunkedLoop(LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
        : this(body, inputs, outputs, LoopCode.FindFor, LoopCost.Streams(body, outputs.Length, outputs[0].Shape.Size))
    {
    }

    /// <summary>
    /// The same by the code that <paramref name="find"/> gives, or interpreted where that is none, and past the caches where
    /// <paramref name="streams"/> says so.
    /// </summary>
    internal ChunkedLoop(
        LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, FindLoop find, bool streams)
    {
        (this.body, this.find, this.streams) = (body, find, streams);
        elements = outputs[0].Shape.Size;
        layouts = [.. inputs.ToArray().Concat(outputs.ToArray()).Select(view => view.Layout)];
        tiles = new Cut(inputs, outputs, EnoughForTile);
        if (tiles.Space.HasStrided && new Cut(inputs, outputs, ShortestStretch(outputs[0].DType)) is { Space.HasStrided: false } shorter)
            rows = shorter;
    }

    /// <summary>About how long it takes on one thread.</summary>
    private long Nanoseconds => nanoseconds > 0 ? nanoseconds : nanoseconds = Math.Max(LoopCost.Nanoseconds(body, elements), 1);

    /// <summary>Whether views have the layouts that the loop was made for.</summary>
    public bool Fits(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        if (layouts.Length != inputs.Length + outputs.Length)
            return false;
        for (var i = 0; i < layouts.Length; i++)
            if (!layouts[i].IsSameAs(i < inputs.Length ? inputs[i].Layout : outputs[i - inputs.Length].Layout))
                return false;
        return true;
    }

    /// <summary>Computes the outputs from the inputs, on all threads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(nint[] places)
    {
        if (!LoopCost.Forks(Nanoseconds))
        {
            RunHere(places, streams, Lookahead.NextTurns);
            return;
        }

        var plan = Find(FormOf(streams), out var cut, out var generated);
        var parts = cut.Space.Divide();
        if (plan is not null)
            ForkJoin.Run(new Stretches(plan, places, parts, streams), parts.Count, Nanoseconds);
        else
            ForkJoin.Run(new Tiles(body, generated, cut.Space, places, parts, streams), parts.Count, Nanoseconds);
    }

    /// <summary>The same on this thread alone, and past the caches where it is told so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RunHere(nint[] places, bool streams, Lookahead lookahead)
    {
        var plan = Find(FormOf(streams, lookahead), out var cut, out var generated);
        var own = Workspace.Rent();
        if (plan is not null)
        {
            plan.Run(places, own.Machine, plan.All, streams);
        }
        else
        {
            own.Space.Take(cut.Space);
            new LoopPass(body, generated, own, places, streams).Run();
        }

        own.Return();
    }

    /// <summary>A vector's elements: from so many on, one compiled segment reads them in place. Truth values stand beside any numbers.</summary>
    private static int ShortestStretch(DType type) => VectorWidth.WidestBytes / Math.Max(type.Size(), sizeof(float));

    private static LoopForm FormOf(bool streams, Lookahead lookahead = Lookahead.NextTurns) =>
        new(Stores: streams ? StoreForm.Lines : StoreForm.Cached, Lookahead: lookahead);

    /// <summary>
    /// The stretches of a body that is one segment, where it reads every view in place; null where it needs tiles. Short rows
    /// are stretches, and tiles take in several of them.
    /// </summary>
    private StretchPlan? Find(LoopForm form, out Cut cut, out GeneratedLoop? generated)
    {
        if (rows is not null)
        {
            cut = rows;
            generated = find(body, cut.Repeats, elements, form);
            if (StretchesOf(generated, cut.Space) is { } plan)
                return plan;
            if (generated is null)
            {
                cut = tiles;
                return null;
            }
        }

        cut = tiles;
        generated = find(body, cut.Repeats, elements, form);
        return StretchesOf(generated, cut.Space);
    }

    private StretchPlan? StretchesOf(GeneratedLoop? generated, IterationSpace space)
    {
        if (generated?.Single is not { } segment || segment.Writes.Length != body.Outputs.Length || space.HasStrided)
            return null;
        // Code for wider vectors than the machine's own: the tests have it.
        if (space.Split > 0 && space.Sizes[space.Split] * space.Inner < segment.Lanes)
            return null;
        var known = stretches;
        return known?.Segment == segment ? known : stretches = new StretchPlan(body, segment, space);
    }

    /// <summary>The axes, cut so that a tile has enough elements, and the inputs that then repeat one element in each tile.</summary>
    private sealed class Cut
    {
        public Cut(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, int enough)
        {
            Space.Set(inputs, outputs);
            Space.Cut(enough);
            Repeats = new bool[inputs.Length];
            for (var input = 0; input < Repeats.Length; input++)
                Repeats[input] = Space.Repeats(input);
        }

        public IterationSpace Space { get; } = new();

        public bool[] Repeats { get; }
    }

    /// <summary>A loop over views that its caller keeps fixed: an item is a part of the axes.</summary>
    private readonly struct Stretches(StretchPlan plan, nint[] places, SpaceParts parts, bool streams) : IWork
    {
        public void Run(long item)
        {
            var own = Workspace.Rent();
            plan.Run(places, own.Machine, plan.PartOf(parts, item), streams);
            own.Return();
        }
    }

    /// <summary>The same tile by tile.</summary>
    private readonly struct Tiles(
        LoopBody body, GeneratedLoop? generated, IterationSpace space, nint[] places, SpaceParts parts, bool streams) : IWork
    {
        public void Run(long item)
        {
            var own = Workspace.Rent();
            own.Space.TakePart(space, parts, item);
            new LoopPass(body, generated, own, places, streams).Run();
            own.Return();
        }
    }
}

/// <summary>
/// The generated loop of a body for so many elements, of whose inputs certain ones repeat one element, in a form.
/// </summary>
internal delegate GeneratedLoop? FindLoop(
    LoopBody body, ReadOnlySpan<bool> repeatingInputs, long elements, LoopForm form);
