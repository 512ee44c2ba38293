using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Runs a loop body tile by tile: some hundred elements, whose intermediate results stay in the first cache. Consecutive
/// inputs are read where they are; an input that repeats is an operand by itself, and what is computed from such alone
/// is computed once a tile. A body that is one compiled segment over consecutive elements needs no tiles. A loop with
/// much to do is divided among threads: an element's bits do not depend on where its part begins.
/// </summary>
/// <remarks>The methods are optimised at once: a graph that runs once would see nothing but their first, slow, form.</remarks>
internal readonly unsafe ref struct ChunkedLoop
{
    private readonly LoopBody body;
    private readonly ReadOnlySpan<View> inputs;
    private readonly ReadOnlySpan<View> outputs;
    private readonly Workspace workspace;
    private readonly GeneratedLoop? generated;
    private readonly bool streams;

    private ChunkedLoop(
        LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, Workspace workspace, GeneratedLoop? generated,
        bool streams)
    {
        this.body = body;
        this.inputs = inputs;
        this.outputs = outputs;
        this.workspace = workspace;
        this.generated = generated;
        this.streams = streams;
    }

    /// <summary>Computes the outputs from the inputs, under one shape that is not empty.</summary>
    public static void Run(LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        Run(body, inputs, outputs, LoopCode.FindFor, LoopCost.Streams(body, outputs.Length, outputs[0].Shape.Size));

    /// <summary>
    /// The same by the loop that <paramref name="find"/> gives, or interpreted where that is none, and past the caches where
    /// <paramref name="streams"/> says so.
    /// </summary>
    internal static void Run(
        LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, FindLoop find, bool streams)
    {
        var workspace = Workspace.Rent();
        try
        {
            workspace.ReserveViews(inputs.Length, outputs.Length);
            var generated = Prepare(body, inputs, outputs, workspace, find, streams);
            new ChunkedLoop(body, inputs, outputs, workspace, generated, streams).Pin(0);
        }
        finally
        {
            workspace.Return();
        }
    }

    /// <summary>Finds the axes and the code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static GeneratedLoop? Prepare(
        LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, Workspace workspace, FindLoop find, bool streams)
    {
        var space = workspace.Space;
        space.Set(inputs, outputs);
        space.Cut();
        for (var input = 0; input < inputs.Length; input++)
            workspace.Repeats[input] = space.Repeats(input);
        return find(body, workspace.Repeats.AsSpan(0, inputs.Length), outputs[0].Shape.Size, new LoopForm(Streams: streams));
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
        var elements = outputs[0].Shape.Size;
        var nanoseconds = LoopCost.Nanoseconds(body, elements);
        if (LoopCost.Forks(nanoseconds))
        {
            var parts = workspace.Space.Divide();
            ForkJoin.Run(new Work(body, generated, workspace, parts, streams), parts.Count, nanoseconds);
        }
        else
            new LoopPass(body, generated, workspace, workspace.Storages, streams).Run();
    }

    /// <summary>A loop over views that its caller keeps fixed: an item is a part of the axes.</summary>
    private readonly struct Work(
        LoopBody body, GeneratedLoop? generated, Workspace shared, SpaceParts parts, bool streams) : IWork
    {
        public void Run(long item)
        {
            var own = Workspace.Rent();
            own.Space.TakePart(shared.Space, parts, item);
            new LoopPass(body, generated, own, shared.Storages, streams).Run();
            own.Return();
        }
    }
}

/// <summary>
/// The generated loop of a body for so many elements, of whose inputs certain ones repeat one element, in a form.
/// </summary>
internal delegate GeneratedLoop? FindLoop(
    LoopBody body, ReadOnlySpan<bool> repeatingInputs, long elements, LoopForm form);
