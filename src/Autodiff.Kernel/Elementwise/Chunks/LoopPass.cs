using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>One pass over the axes of a loop, or over a part of them, on one thread, tile by tile.</summary>
/// <remarks>The methods are optimised at once: a graph that runs once would see nothing but their first, slow, form.</remarks>
internal unsafe ref struct LoopPass
{
    private readonly LoopBody body;
    private readonly TileMachine machine;
    private readonly IterationSpace space;
    private readonly nint[] storages;
    private readonly int inputs;
    private readonly int outputs;
    private readonly bool streams;
    private int row;
    private int rows;

    /// <summary>
    /// A pass over the axes that stand in a workspace, of views whose storages are pinned; consecutive results are written past
    /// the caches where <paramref name="streams"/> says so.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public LoopPass(LoopBody body, GeneratedLoop? generated, Workspace workspace, nint[] storages, bool streams)
    {
        this.body = body;
        this.storages = storages;
        machine = workspace.Machine;
        space = workspace.Space;
        (inputs, outputs) = (body.Inputs.Length, body.Outputs.Length);
        var isGenerated = generated is { NeedsNoSlots: true } && !space.HasStrided;

        // Several outputs that pass through buffers cost more than is saved.
        this.streams = streams && outputs == 1;
        space.SetTile(!isGenerated ? TileMachine.ChunkOf(body) : this.streams ? TileMachine.LongestChunk : int.MaxValue);
        machine.Set(body, generated, isGenerated && !this.streams ? 0 : (nint)space.Rows * space.Inner);
    }

    /// <summary>Computes the outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run()
    {
        for (var input = 0; input < inputs; input++)
            if (space.WalkOf(input) == Walk.Constant)
                machine.BindRepeating(input, Element(input));
        do
        {
            for (row = 0; row < space.Sizes[space.Split]; row += rows)
            {
                rows = Math.Min(space.Rows, space.Sizes[space.Split] - row);
                BindInputs();
                for (var output = 0; output < outputs; output++)
                    machine.OutputPlaces[output] = !streams && IsConsecutive(output) ? Element(inputs + output) : 0;
                machine.Execute((nint)rows * space.Inner);
                StoreOutputs();
            }
        }
        while (space.MoveNext());
        if (streams)
            Streaming.Finish();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void BindInputs()
    {
        for (var input = 0; input < inputs; input++)
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
            SizeOf(input), ref *(byte*)Element(input), rows, space.Sizes[space.Split..], space.Strides(input)[space.Split..],
            ref *(byte*)slot);
        machine.Bind(input, slot);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void StoreOutputs()
    {
        for (var output = 0; output < outputs; output++)
        {
            var place = Element(inputs + output);
            if (IsConsecutive(output) && streams)
                machine.StreamOutput(output, place, (nint)rows * space.Inner);
            else if (IsConsecutive(output))
                machine.Store(output, place, (nint)rows * space.Inner);
            else
                ChunkCopy.Scatter(
                    SizeOf(inputs + output), machine.Read(output), ref *(byte*)place, rows, space.Sizes[space.Split..],
                    space.Strides(inputs + output)[space.Split..]);
        }
    }

    private readonly bool IsConsecutive(int output) => space.WalkOf(inputs + output) == Walk.Consecutive;

    /// <summary>The address of the first element of a view's part of the tile.</summary>
    private readonly nint Element(int view) => storages[view] + space.Origin(view, row) * SizeOf(view);

    private readonly int SizeOf(int view) =>
        (view < inputs ? body.Inputs[view] : body.TypeOf(body.Outputs[view - inputs])).Size();
}
