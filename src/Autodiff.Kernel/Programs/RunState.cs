namespace Autodiff.Kernel;

/// <summary>
/// What one run of a program keeps track of: where each buffer is, and the views of the instruction at hand. A thread
/// keeps one for its next run, so that running allocates nothing but results.
/// </summary>
internal sealed class RunState
{
    private const int KeptBuffers = 1 << 16;

    [ThreadStatic]
    private static RunState? kept;

    /// <summary>Where each buffer of the program is.</summary>
    public Storage[] Memory { get; private set; } = [];

    /// <summary>The views of an instruction's operands.</summary>
    public View[] Views { get; private set; } = [];

    /// <summary>The thread's state with room for a program, or a new one while another run of the thread has it.</summary>
    public static RunState Rent(Program program)
    {
        var state = kept ?? new RunState();
        kept = null;
        if (state.Memory.Length < program.Buffers.Length)
            state.Memory = new Storage[program.Buffers.Length];
        if (state.Views.Length < program.MaxOperands)
            state.Views = new View[program.MaxOperands];
        return state;
    }

    /// <summary>Gives it back, without the arrays that the run has seen.</summary>
    public void Return(Program program)
    {
        Memory.AsSpan(0, program.Buffers.Length).Clear();
        Views.AsSpan(0, program.MaxOperands).Clear();
        if (Memory.Length <= KeptBuffers)
            kept = this;
    }
}
