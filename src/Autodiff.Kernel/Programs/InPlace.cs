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
        for (var i = instructions.Count - 1; i >= 0; i--)
        {
            foreach (var output in instructions[i].Outputs)
            {
                var input = Overwritten(buffers, instructions[i], output, i, homes, lives);
                if (input >= 0)
                    homes[input] = homes[output.Buffer];
            }
        }

        return homes;
    }

    /// <summary>
    /// For pairs of an argument and a result whether the result can be written to the argument's memory: it is computed
    /// elementwise from it, by the last instruction that reads it.
    /// </summary>
    public static bool[] MayOverwrite(Program program, (int Argument, int Result)[] pairs)
    {
        var lives = new Lives(program.Buffers.Length, program.Instructions);
        var firstOfHome = new int[program.Buffers.Length];
        firstOfHome.AsSpan().Fill(int.MaxValue);
        for (var i = 0; i < firstOfHome.Length; i++)
            firstOfHome[program.Home(i)] = Math.Min(firstOfHome[program.Home(i)], lives.First(i));
        return Array.ConvertAll(pairs, pair => MayOverwrite(program, lives, firstOfHome, pair.Argument, pair.Result));
    }

    private static bool MayOverwrite(Program program, Lives lives, int[] firstOfHome, int argument, int result)
    {
        var isResultItself = Array.Exists(program.Results, r => IsArgument(program.Buffers[r.Buffer], argument));
        if (!program.IsFirstOf(result) || isResultItself)
            return false;
        var number = Array.FindIndex(program.Buffers, buffer => IsArgument(buffer, argument));
        if (number < 0 || lives.Last(number) < 0)
            return true;
        var (target, last) = (program.Results[result].Buffer, lives.Last(number));
        var instruction = program.Instructions[last];
        return firstOfHome[target] == last
            && instruction.IsElementwise
            && Array.Exists(instruction.Outputs, output =>
                output.Buffer == target && IsReadInPlace(program.Buffers, instruction, number, output));
    }

    private static bool IsArgument(Buffer buffer, int argument) =>
        buffer.Kind == BufferKind.Argument && buffer.Index == argument;

    private static int Overwritten(
        IReadOnlyList<Buffer> buffers, Instruction instruction, BufferView output, int at, int[] homes, Lives lives)
    {
        if (lives.First(output.Buffer) != at || !output.Layout.IsContiguous)
            return -1;

        // A part of an empty array has as many bytes as the whole, and nothing is gained.
        if (output.Shape.Size == 0)
            return -1;

        // A result that may replace an argument in its place is left free to do so.
        if (buffers[homes[output.Buffer]].Kind == BufferKind.Result && instruction.IsElementwise
            && Array.Exists(instruction.Inputs, MayBeReplaced))
            return -1;
        foreach (var input in instruction.Inputs)
        {
            var isFree = MayReplace(instruction, input.Buffer)
                && buffers[input.Buffer].Kind == BufferKind.Temporary
                && lives.Last(input.Buffer) == at
                && homes[input.Buffer] == input.Buffer
                && !Array.Exists(instruction.Outputs, other => other.Buffer == input.Buffer);
            if (isFree && IsReadInPlace(buffers, instruction, input.Buffer, output))
                return input.Buffer;
        }

        return -1;

        bool MayBeReplaced(BufferView input) =>
            buffers[input.Buffer].Kind == BufferKind.Argument && lives.Last(input.Buffer) == at
            && IsReadInPlace(buffers, instruction, input.Buffer, output);
    }

    private static bool MayReplace(Instruction instruction, int buffer)
    {
        for (var input = 0; input < instruction.Inputs.Length; input++)
            if (instruction.Inputs[input].Buffer == buffer && !instruction.MayReplace(input))
                return false;
        return true;
    }

    /// <summary>Whether all that the instruction reads of a buffer are the elements at the places that it writes.</summary>
    private static bool IsReadInPlace(IReadOnlyList<Buffer> buffers, Instruction instruction, int buffer, BufferView output)
    {
        var bytes = (nint)output.Shape.Size * output.DType.Size();
        if (buffers[buffer].Bytes != bytes || buffers[output.Buffer].Bytes != bytes || buffers[buffer].DType != output.DType)
            return false;
        foreach (var input in instruction.Inputs)
        {
            var isSame = input.Layout.IsContiguous && input.Shape == output.Shape && input.DType == output.DType;
            if (input.Buffer == buffer && !isSame)
                return false;
        }

        return true;
    }
}
