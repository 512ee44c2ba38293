namespace Autodiff.Kernel;

/// <summary>
/// What one run of a program keeps track of: the views of all operands of all instructions. What never changes (layouts,
/// constants, places in the arena) stays from one run to the next; so a run sets its arguments and results, and allocates
/// nothing.
/// </summary>
internal sealed class RunState
{
    private readonly Program program;
    private readonly View[] views;
    private nint arena;

    public RunState(Program program)
    {
        this.program = program;
        views = new View[program.OperandCount];
        var next = 0;
        foreach (var instruction in program.Instructions)
        {
            Add(instruction.Inputs, ref next);
            Add(instruction.Outputs, ref next);
        }
    }

    /// <summary>So many views from one on.</summary>
    public ReadOnlySpan<View> Views(int start, int count) => views.AsSpan(start, count);

    /// <summary>The memory of the arguments.</summary>
    public void PlaceArguments(ReadOnlySpan<NDArray> arguments)
    {
        foreach (var (position, argument) in program.ArgumentPositions)
            views[position].Storage = Storage.Of(arguments[argument]);
    }

    /// <summary>The memory of the results, of which each that is computed in memory of its own has one.</summary>
    public void PlaceResults<TTargets>(TTargets targets) where TTargets : ITargets, allows ref struct
    {
        foreach (var (position, result) in program.ResultPositions)
            views[position].Storage = targets[result];
    }

    /// <summary>Keeps no memory of arguments and results.</summary>
    public void Forget()
    {
        foreach (var (position, _) in program.ArgumentPositions)
            views[position].Storage = default;
        foreach (var (position, _) in program.ResultPositions)
            views[position].Storage = default;
    }

    /// <summary>The memory of the temporaries, which begins at an address that does not move while the run lasts.</summary>
    public unsafe void PlaceTemporaries(nint address)
    {
        if (arena == address)
            return;
        arena = address;
        foreach (var (position, offset, bytes) in program.TemporaryPositions)
            views[position].Storage = Storage.Pinned((void*)(address + offset), bytes);
    }

    private void Add(BufferView[] operands, ref int next)
    {
        foreach (var operand in operands)
        {
            var constant = program.Buffers[operand.Buffer].Value;
            views[next++] = constant is null ? operand.Unbound : operand.Unbound.In(Storage.Of(constant));
        }
    }
}
