namespace Autodiff.Kernel;

/// <summary>
/// Which buffers are computed in the place of others: an elementwise instruction may write an output over an input that
/// it reads element by element at the same places, and a product over the sum that it is added to, if nothing reads that
/// input later. So a chain of loops runs in one piece of memory, that of the result where the chain ends in one.
/// </summary>
internal static class InPlace
{
    /// <summary>For each buffer the one in whose memory it stands: a temporary or a result, itself if it shares none.</summary>
    public static int[] Homes(IReadOnlyList<Buffer> buffers, IReadOnlyList<Instruction> instructions, Lives lives)
    {
        var homes = new int[buffers.Count];
        for (var i = 0; i < homes.Length; i++)
            homes[i] = i;

        // Backwards: the home of what is written is known before that of what it is written over.
        var reads = new LastReads(buffers, lives);
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
}
