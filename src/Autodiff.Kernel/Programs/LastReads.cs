namespace Autodiff.Kernel;

/// <summary>
/// The buffers that an instruction is the last to read, element by element at the places that it writes: so an output may
/// stand in their memory. Each instruction is asked about in time linear in its operands.
/// </summary>
internal sealed class LastReads
{
    private readonly IReadOnlyList<Buffer> buffers;
    private readonly Lives lives;

    // For each buffer the instruction that last was found to read it otherwise.
    private readonly int[] otherwise;

    // For each element type the first input that may still be taken.
    private readonly int[] next = new int[Enum.GetValues<DType>().Length];

    private Instruction? instruction;
    private int at;
    private int argumentTypes;

    public LastReads(IReadOnlyList<Buffer> buffers, Lives lives)
    {
        (this.buffers, this.lives) = (buffers, lives);
        otherwise = new int[buffers.Count];
        otherwise.AsSpan().Fill(-1);
    }

    /// <summary>Forgets a buffer, before instructions are visited that are others than before.</summary>
    public void Forget(int buffer) => otherwise[buffer] = -1;

    /// <summary>Goes to an instruction; the other members are about it.</summary>
    public void Visit(Instruction visited, int position)
    {
        (instruction, at) = (visited, position);
        next.AsSpan().Clear();
        foreach (var output in visited.Outputs)
            otherwise[output.Buffer] = position;
        for (var input = 0; input < visited.Inputs.Length; input++)
            if (!IsReadInPlace(visited, input))
                otherwise[visited.Inputs[input].Buffer] = position;
        argumentTypes = 0;
        foreach (var input in visited.Inputs)
            if (Includes(input.Buffer) && buffers[input.Buffer].Kind == BufferKind.Argument)
                argumentTypes |= 1 << (int)input.DType;
    }

    /// <summary>Whether the buffer may be overwritten by an output of its element type that is a buffer of its own.</summary>
    public bool Includes(int buffer) => otherwise[buffer] != at && lives.Last(buffer) == at;

    /// <summary>
    /// Whether an output is the whole of its buffer, which this instruction is the first to name. Where it is empty nothing
    /// is gained, and a part of another empty buffer would pass for the whole.
    /// </summary>
    public bool BeginsWhole(BufferView output) =>
        lives.First(output.Buffer) == at && output.Shape.Size > 0 && IsWhole(output);

    /// <summary>Whether some argument of an element type may be overwritten.</summary>
    public bool HasArgument(DType dtype) => (argumentTypes >> (int)dtype & 1) != 0;

    /// <summary>The next temporary of an element type that may be overwritten, each once; -1 if there is none left.</summary>
    public int Take(DType dtype)
    {
        var inputs = instruction!.Inputs;
        for (ref var i = ref next[(int)dtype]; i < inputs.Length;)
        {
            var (buffer, _, type) = inputs[i++];
            if (type != dtype || buffers[buffer].Kind != BufferKind.Temporary || !Includes(buffer))
                continue;
            otherwise[buffer] = at;
            return buffer;
        }

        return -1;
    }

    private bool IsReadInPlace(Instruction reader, int input)
    {
        var view = reader.Inputs[input];
        return reader.MayReplace(input)
            && view.Shape == reader.Outputs[0].Shape
            && view.DType == buffers[view.Buffer].DType
            && IsWhole(view);
    }

    private bool IsWhole(BufferView view) =>
        view.Layout.IsContiguous && buffers[view.Buffer].Bytes == (nint)view.Shape.Size * view.DType.Size();
}
