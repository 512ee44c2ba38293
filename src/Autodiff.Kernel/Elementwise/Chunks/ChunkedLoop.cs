using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Runs a loop body tile by tile: some hundred elements, whose intermediate results stay in the first cache. Consecutive
/// inputs are read where they are; an input that repeats is an operand by itself, and what is computed from such alone
/// is computed once a tile. A body that is one compiled segment over consecutive elements needs no tiles.
/// </summary>
/// <remarks>The methods are optimised at once: a graph that runs once would see nothing but their first, slow, form.</remarks>
internal unsafe ref struct ChunkedLoop
{
    private readonly ReadOnlySpan<View> inputs;
    private readonly ReadOnlySpan<View> outputs;
    private readonly Workspace workspace;
    private readonly TileMachine machine;
    private readonly IterationSpace space;
    private int row;
    private int rows;

    private ChunkedLoop(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, Workspace workspace)
    {
        this.inputs = inputs;
        this.outputs = outputs;
        this.workspace = workspace;
        machine = workspace.Machine;
        space = workspace.Space;
    }

    /// <summary>Computes the outputs from the inputs, under one shape that is not empty.</summary>
    public static void Run(LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        Run(body, inputs, outputs, LoopCode.FindFor);

    /// <summary>The same by the loop that <paramref name="find"/> gives, or interpreted where that is none.</summary>
    internal static void Run(
        LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, FindLoop find)
    {
        var workspace = Workspace.Rent();
        try
        {
            workspace.ReserveViews(inputs.Length, outputs.Length);
            var loop = new ChunkedLoop(inputs, outputs, workspace);
            loop.Prepare(body, find);
            loop.Pin(0);
        }
        finally
        {
            workspace.Return();
        }
    }

    /// <summary>Finds the axes, the code, and the length of a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Prepare(LoopBody body, FindLoop find)
    {
        space.Set(inputs, outputs);
        space.Cut(int.MaxValue);
        var hasStrided = false;
        for (var view = 0; view < inputs.Length + outputs.Length; view++)
        {
            var walk = space.WalkOf(view);
            workspace.Repeats[view] = walk is Walk.Constant or Walk.Repeating;
            hasStrided |= walk == Walk.Strided;
        }

        var generated = find(body, workspace.Repeats.AsSpan(0, inputs.Length), outputs[0].Shape.Size);
        var needsSlots = generated is not { NeedsNoSlots: true } || hasStrided;
        if (needsSlots)
            space.Cut(TileMachine.ChunkOf(body));
        machine.Set(body, generated, needsSlots ? (nint)space.Rows * space.Inner : 0);
    }

    /// <summary>Pins the storage of one view after the other, and then runs.</summary>
    private void Pin(int view)
    {
        if (view == inputs.Length + outputs.Length)
        {
            Run();
            return;
        }

        fixed (byte* start = &ViewOf(view).Storage.Reference<byte>())
        {
            workspace.Storages[view] = (nint)start;
            Pin(view + 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run()
    {
        for (var input = 0; input < inputs.Length; input++)
            if (space.WalkOf(input) == Walk.Constant)
                machine.BindRepeating(input, Element(input));
        do
        {
            for (row = 0; row < space.Sizes[space.Split]; row += rows)
            {
                rows = Math.Min(space.Rows, space.Sizes[space.Split] - row);
                BindInputs();
                for (var output = 0; output < outputs.Length; output++)
                    machine.OutputPlaces[output] = IsConsecutive(output) ? Element(inputs.Length + output) : 0;
                machine.Execute((nint)rows * space.Inner);
                StoreOutputs();
            }
        }
        while (space.MoveNext());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void BindInputs()
    {
        for (var input = 0; input < inputs.Length; input++)
        {
            switch (space.WalkOf(input))
            {
                case Walk.Consecutive: machine.Bind(input, Element(input)); break;
                case Walk.Repeating: machine.BindRepeating(input, Element(input)); break;
                case Walk.Strided: BindStrided(input); break;
                case Walk.Constant: break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void BindStrided(int input)
    {
        var slot = machine.Slot(input);
        ChunkCopy.Gather(
            inputs[input].DType.Size(), ref *(byte*)Element(input), rows, space.Sizes[space.Split..],
            space.Strides(input)[space.Split..], ref *(byte*)slot);
        machine.Bind(input, slot);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void StoreOutputs()
    {
        for (var output = 0; output < outputs.Length; output++)
        {
            var place = Element(inputs.Length + output);
            if (IsConsecutive(output))
                machine.Store(output, place, (nint)rows * space.Inner);
            else
                ChunkCopy.Scatter(
                    outputs[output].DType.Size(), machine.Read(output), ref *(byte*)place, rows,
                    space.Sizes[space.Split..], space.Strides(inputs.Length + output)[space.Split..]);
        }
    }

    private readonly bool IsConsecutive(int output) => space.WalkOf(inputs.Length + output) == Walk.Consecutive;

    /// <summary>The address of the first element of a view's part of the tile.</summary>
    private readonly nint Element(int view) =>
        workspace.Storages[view] + space.Origin(view, row) * ViewOf(view).DType.Size();

    private readonly ref readonly View ViewOf(int view) =>
        ref view < inputs.Length ? ref inputs[view] : ref outputs[view - inputs.Length];
}

/// <summary>The generated loop of a body for so many elements, of whose inputs certain ones repeat one element.</summary>
internal delegate GeneratedLoop? FindLoop(LoopBody body, ReadOnlySpan<bool> repeatingInputs, long elements);
