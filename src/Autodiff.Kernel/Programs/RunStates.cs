namespace Autodiff.Kernel;

/// <summary>The states of a program that no run has at the moment: one or two for each processor.</summary>
internal sealed class RunStates(Program program)
{
    private const int MostOperands = 1 << 16;

    private readonly RunState?[] idle = new RunState?[2 * Environment.ProcessorCount];

    /// <summary>A state for one run, by preference the one that this thread had last.</summary>
    public RunState Rent()
    {
        var own = Slot;
        if (Interlocked.Exchange(ref idle[own], null) is { } state)
            return state;
        for (var i = 0; i < idle.Length; i++)
            if (idle[i] is not null && Interlocked.Exchange(ref idle[i], null) is { } other)
                return other;
        return new RunState(program);
    }

    /// <summary>Gives it back, without the arrays that the run has seen.</summary>
    public void Return(RunState state)
    {
        foreach (var buffer in program.OutsideBuffers)
            state.Place(buffer, default);
        if (program.OperandCount > MostOperands)
            return;
        var own = Slot;
        if (idle[own] is null)
        {
            Volatile.Write(ref idle[own], state);
            return;
        }

        for (var i = 0; i < idle.Length; i++)
            if (Interlocked.CompareExchange(ref idle[i], state, null) is null)
                return;
    }

    private int Slot => (int)((uint)Environment.CurrentManagedThreadId % (uint)idle.Length);
}
