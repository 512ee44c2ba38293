namespace Autodiff.Kernel;

/// <summary>
/// Which buffers are computed in the place of others: an elementwise instruction may write an output over an input that
/// it reads element by element at the same places, and a product over the sum that it is added to, if nothing reads that
/// input later. So a chain of loops runs in one piece of memory, that of the result where the chain ends in one.
/// </summary>
/// <remarks>
/// The tables are as long as the program's buffers are many, and serve one list of its instructions after the other, each
/// in time linear in its operands.
/// </remarks>
internal sealed class InPlace
{
    private readonly IReadOnlyList<Buffer> buffers;
    private readonly LastReads reads;
    private readonly int[] homes;

    public InPlace(IReadOnlyList<Buffer> buffers)
    {
        this.buffers = buffers;
        Lives = new Lives(buffers.Count);
        reads = new LastReads(buffers, Lives);
        homes = [.. Enumerable.Range(0, buffers.Count)];
    }

    /// <summary>The lives within the instructions that were asked about last.</summary>
    public Lives Lives { get; }

    /// <summary>
    /// For each buffer that the instructions name the one in whose memory it stands: a temporary or a result, itself if it
    /// shares none. The answer is good until the next question.
    /// </summary>
    public int[] Homes(IReadOnlyList<Instruction> instructions)
    {
        foreach (var instruction in instructions)
        {
            Forget(instruction.Inputs);
            Forget(instruction.Outputs);
        }

        Lives.Follow(instructions);

        // Backwards: the home of what is written is known before that of what it is written over.
        for (var i = instructions.Count - 1; i >= 0; i--)
        {
            reads.Visit(instructions[i], i);
            foreach (var output in instructions[i].Outputs)
            {
                // A result that may replace an argument in its place is left free to do so.
                var isForArgument = buffers[homes[output.Buffer]].Kind == BufferKind.Result
                    && instructions[i].IsElementwise && reads.HasArgument(output.DType);
                var input = reads.BeginsWhole(output) && !isForArgument ? reads.Take(output.DType) : -1;
                if (input >= 0)
                    homes[input] = homes[output.Buffer];
            }
        }

        return homes;
    }

    private void Forget(BufferView[] views)
    {
        foreach (var (buffer, _, _) in views)
        {
            Lives.Forget(buffer);
            reads.Forget(buffer);
            homes[buffer] = buffer;
        }
    }
}
