using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Computes a loop body for any range of its elements, counted in row-major order. All outputs are contiguous; the last
/// one has no memory of its own, and its elements go to one of a few buffers of a tile.
/// </summary>
internal readonly unsafe ref struct FlatLoop
{
    /// <summary>The most elements that one buffer holds; those of all buffers may be computed to the first one.</summary>
    public const int Longest = VirtualLanes.ChunkLength;

    /// <summary>The number of buffers.</summary>
    public const int Buffers = 16;

    private readonly LoopBody body;
    private readonly nint[] storages;
    private readonly TileMachine machine;
    private readonly IterationSpace space;
    private readonly int inputs;
    private readonly int chunk;
    private readonly int stored;
    private readonly nint first;
    private readonly bool streams;

    /// <summary>
    /// A loop over the axes that stand in a workspace, of views whose storages are pinned; positions count from
    /// <paramref name="first"/>.
    /// </summary>
    public FlatLoop(LoopBody body, GeneratedLoop? generated, Workspace workspace, nint[] storages, nint first = 0)
    {
        this.body = body;
        this.storages = storages;
        this.first = first;
        inputs = body.Inputs.Length;
        machine = workspace.Machine;
        space = workspace.Space;
        streams = workspace.Streams;
        stored = streams ? -1 : body.Outputs[..^1].IndexOf(body.Outputs[^1]);
        var needsSlots = generated is not { NeedsNoSlots: true };
        chunk = needsSlots ? TileMachine.ChunkOf(body) : streams || !HasNoRuns() ? Longest : int.MaxValue;
        machine.Set(body, generated, chunk == int.MaxValue ? 0 : chunk, (nint)Buffers * Longest * sizeof(long));
        BindConstants();
    }

    /// <summary>
    /// Computes the elements from a position on; the last output's stand at the address that is given: in a buffer, or, if
    /// they are another output's too, there.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public nint Compute(nint position, nint count, int buffer)
    {
        var last = body.Outputs.Length - 1;
        var size = body.TypeOf(body.Outputs[last]).Size();
        position += first;
        var start = stored >= 0 ? Address(inputs + stored, position) : machine.Extra + (nint)buffer * Longest * sizeof(long);
        for (nint done = 0; done < count; done += chunk)
        {
            var part = nint.Min(chunk, count - done);
            for (var input = 0; input < inputs; input++)
                Bind(input, position + done, part);
            for (var output = 0; output < last; output++)
                machine.OutputPlaces[output] = streams ? 0 : Address(inputs + output, position + done);
            machine.OutputPlaces[last] = start + done * size;
            machine.Execute(part);
            for (var output = 0; output < last; output++)
                Store(output, Address(inputs + output, position + done), part);
            machine.Store(last, start + done * size, part);
        }

        return start;
    }

    private void Store(int output, nint place, nint count)
    {
        if (streams)
            machine.StreamOutput(output, place, count);
        else
            machine.Store(output, place, count);
    }

    /// <summary>Whether every input is read where it is.</summary>
    private bool HasNoRuns()
    {
        for (var input = 0; input < inputs; input++)
            if (space.WalkOf(input) is not (Walk.Constant or Walk.Consecutive))
                return false;
        return true;
    }

    /// <summary>Reads the inputs that are the same for all elements.</summary>
    private void BindConstants()
    {
        for (var input = 0; input < inputs; input++)
            if (space.WalkOf(input) == Walk.Constant)
                machine.BindRepeating(input, Address(input, 0));
    }

    private int Size(int view) => (view < inputs ? body.Inputs[view] : body.TypeOf(body.Outputs[view - inputs])).Size();

    /// <summary>The address of an element, by its offset from the first.</summary>
    private nint Address(int view, nint offset) =>
        storages[view] + (space.Origin(view, 0) + offset) * Size(view);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Bind(int input, nint position, nint count)
    {
        switch (space.WalkOf(input))
        {
            case Walk.Constant: break;
            case Walk.Consecutive: machine.Bind(input, Address(input, position)); break;
            default: BindRuns(input, position, count); break;
        }
    }

    /// <summary>
    /// Elements in runs along the last axis: where a single run of consecutive elements has them all they are read where
    /// they are, otherwise the runs are copied, whole ones along the axis before together.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BindRuns(int input, nint position, nint count)
    {
        var sizes = space.Sizes;
        var strides = space.Strides(input);
        var last = space.Rank - 1;
        if (strides[last] == 1 && (position % sizes[last]) + count <= sizes[last])
        {
            machine.Bind(input, Address(input, Offset(input, position)));
            return;
        }

        var (slot, size) = (machine.Slot(input), Size(input));
        for (var target = slot; count > 0;)
        {
            var whole = WholeRuns(position, count);
            var axis = whole > 0 ? last - 1 : last;
            var steps = whole > 0 ? whole : nint.Min(count, sizes[last] - (position % sizes[last]));
            ChunkCopy.Gather(
                size, ref *(byte*)Address(input, Offset(input, position)), (int)steps, sizes[axis..], strides[axis..],
                ref *(byte*)target);
            var copied = whole > 0 ? whole * sizes[last] : steps;
            target += copied * size;
            position += copied;
            count -= copied;
        }

        machine.Bind(input, slot);
    }

    /// <summary>How many whole runs lie before the end of the axis before the last, from a position on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private nint WholeRuns(nint position, nint count)
    {
        var last = space.Rank - 1;
        var (row, column) = Math.DivRem(position, (nint)space.Sizes[last]);
        return last == 0 || column != 0
            ? 0
            : nint.Min(count / space.Sizes[last], space.Sizes[last - 1] - (row % space.Sizes[last - 1]));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private nint Offset(int input, nint position)
    {
        var sizes = space.Sizes;
        var strides = space.Strides(input);
        nint offset = 0;
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
        {
            (position, var index) = Math.DivRem(position, (nint)sizes[axis]);
            offset += index * strides[axis];
        }

        return offset;
    }
}
