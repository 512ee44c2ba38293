namespace Autodiff.Kernel;

/// <summary>The states of a program that no run has at the moment: a few for each processor.</summary>
internal sealed class RunStates(Program program)
{
    private const int MostOperands = 1 << 16;

    private readonly ThreadSlots<RunState> own = new(2 * Environment.ProcessorCount);

    /// <summary>Of runs within runs, and of more threads than have a place of their own.</summary>
    private readonly RunState?[] shared = new RunState?[Environment.ProcessorCount];

    /// <summary>A state for one run, by preference the one that this thread had last.</summary>
    public RunState Rent()
    {
        if (own.Take() is { } last)
            return last;
        for (var i = 0; i < shared.Length; i++)
            if (shared[i] is not null && Interlocked.Exchange(ref shared[i], null) is { } state)
                return state;
        return new RunState(program);
    }

    /// <summary>Gives it back, without the arrays that the run has seen.</summary>
    public void Return(RunState state)
    {
        state.Forget();
        if (program.OperandCount > MostOperands || own.TryPut(state))
            return;
        for (var i = 0; i < shared.Length; i++)
            if (Interlocked.CompareExchange(ref shared[i], state, null) is null)
                return;
    }
}
