using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>One pass over the axes of a loop, or over a part of them, on one thread.</summary>
/// <remarks>The methods are optimised at once: a graph that runs once would see nothing but their first, slow, form.</remarks>
internal unsafe ref struct LoopPass
{
    private readonly LoopBody body;
    private readonly TileMachine machine;
    private readonly IterationSpace space;
    private readonly nint[] storages;
    private readonly int inputs;
    private readonly int outputs;
    private readonly LoopSegment? direct;
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
        var isGenerated = generated is { NeedsNoSlots: true } && !HasStrided();
        if (isGenerated && generated!.Single is { } single && single.Writes.Length == outputs)
            direct = single;

        // Several outputs that pass through buffers cost more than is saved.
        this.streams = streams && (direct is null ? outputs == 1 : direct.StreamingCode is not null);
        var isBuffered = this.streams && direct is null;
        space.SetTile(!isGenerated ? TileMachine.ChunkOf(body) : isBuffered ? TileMachine.LongestChunk : int.MaxValue);
        machine.Set(body, generated, isGenerated && !isBuffered ? 0 : (nint)space.Rows * space.Inner);
    }

    /// <summary>Computes the outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run()
    {
        if (direct is not null)
            RunDirectly(direct);
        else
            RunTiles();
        if (streams)
            Streaming.Finish();
    }

    /// <summary>
    /// One segment between the views themselves: only addresses change from stretch to stretch, by the same steps along the
    /// axis before the split.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void RunDirectly(LoopSegment segment)
    {
        var count = (nint)space.Sizes[space.Split] * space.Inner;
        var axis = space.Split - 1;
        var stretches = axis < 0 ? 1 : space.Sizes[axis];
        var places = segment.Reads.Length + segment.Writes.Length;
        nint* table = machine.Table, steps = machine.Steps;
        for (var i = 0; i < places; i++)
            steps[i] = axis < 0 ? 0 : (nint)space.Strides(ViewOf(segment, i))[axis] * SizeOf(ViewOf(segment, i));
        do
        {
            for (var i = 0; i < places; i++)
                table[i] = Element(ViewOf(segment, i));
            for (var left = stretches; left > 0; left--)
            {
                if (streams)
                    machine.Stream(segment, count);
                else
                    machine.Run(segment, count);
                for (var i = 0; i < places; i++)
                    table[i] += steps[i];
            }
        }
        while (space.MoveNext(axis));
    }

    /// <summary>The view that a segment reads or writes at a place of its table.</summary>
    private readonly int ViewOf(LoopSegment segment, int place) =>
        place < segment.Reads.Length ? segment.Reads[place].Cell : inputs + segment.Writes[place - segment.Reads.Length].Output;

    /// <summary>Computes the outputs tile by tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunTiles()
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
    }

    private readonly bool HasStrided()
    {
        for (var view = 0; view < inputs + outputs; view++)
            if (space.WalkOf(view) == Walk.Strided)
                return true;
        return false;
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
