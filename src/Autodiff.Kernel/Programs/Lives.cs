namespace Autodiff.Kernel;

/// <summary>For each buffer the first and the last instruction that names it.</summary>
internal sealed class Lives
{
    private readonly int[] first;
    private readonly int[] last;

    public Lives(int buffers)
    {
        first = new int[buffers];
        last = new int[buffers];
        first.AsSpan().Fill(int.MaxValue);
        last.AsSpan().Fill(-1);
    }

    public Lives(int buffers, IReadOnlyList<Instruction> instructions) : this(buffers) => Follow(instructions);

    /// <summary>Forgets a buffer, before instructions are followed that are others than before.</summary>
    public void Forget(int buffer) => (first[buffer], last[buffer]) = (int.MaxValue, -1);

    /// <summary>Follows instructions.</summary>
    public void Follow(IReadOnlyList<Instruction> instructions)
    {
        for (var i = 0; i < instructions.Count; i++)
        {
            Touch(instructions[i].Inputs, i);
            Touch(instructions[i].Outputs, i);
        }
    }

    /// <summary>The first instruction that names the buffer; a large number if none does.</summary>
    public int First(int buffer) => first[buffer];

    /// <summary>The last instruction that names the buffer; -1 if none does.</summary>
    public int Last(int buffer) => last[buffer];

    private void Touch(BufferView[] views, int instruction)
    {
        foreach (var view in views)
        {
            first[view.Buffer] = Math.Min(first[view.Buffer], instruction);
            last[view.Buffer] = instruction;
        }
    }
}
