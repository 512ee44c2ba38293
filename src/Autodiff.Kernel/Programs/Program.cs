using System.Globalization;
using System.Text;

namespace Autodiff.Kernel;

/// <summary>
/// A computation laid out beforehand: instructions in order over numbered buffers, with the place of every temporary in
/// one arena. Immutable, and owner of no memory but its constants, so that many threads may run it at once.
/// </summary>
internal sealed class Program
{
    private readonly MemoryPlan memory;

    /// <param name="buffers">All memory that the instructions name.</param>
    /// <param name="instructions">The steps in order.</param>
    /// <param name="results">The buffer and the shape of each result; a buffer of kind Result, Argument or Constant.</param>
    public Program(Buffer[] buffers, Instruction[] instructions, (int Buffer, Shape Shape)[] results)
    {
        Buffers = buffers;
        Instructions = instructions;
        Results = results;
        memory = MemoryPlan.Create(buffers, instructions);
        ResultNumbers = [.. Enumerable.Range(0, buffers.Length).Where(i => buffers[i].Kind == BufferKind.Result)];
        ResultBuffers = Array.ConvertAll(ResultNumbers, number => buffers[number]);
        MaxOperands = instructions.Length == 0 ? 0 : instructions.Max(i => i.Inputs.Length + i.Outputs.Length);
    }

    public Buffer[] Buffers { get; }

    public Instruction[] Instructions { get; }

    public (int Buffer, Shape Shape)[] Results { get; }

    /// <summary>The numbers of the buffers that a run makes and gives away.</summary>
    public int[] ResultNumbers { get; }

    /// <summary>The buffers that a run makes and gives away.</summary>
    public Buffer[] ResultBuffers { get; }

    /// <summary>The arena that a run needs, in bytes.</summary>
    public nint ArenaBytes => memory.Bytes;

    /// <summary>The arena and the results of a run, in bytes.</summary>
    public long PeakBytes =>
        memory.Bytes + Buffers.Where(b => b.Kind == BufferKind.Result).Sum(b => (long)b.Bytes);

    /// <summary>Arithmetic operations of a run.</summary>
    public long Flops => Instructions.Sum(i => i.Flops);

    /// <summary>The most operands that one instruction has.</summary>
    public int MaxOperands { get; }

    /// <summary>The offset of a temporary in the arena; -1 where no instruction names it.</summary>
    public nint Offset(int buffer) => memory.Offsets[buffer];

    /// <summary>Whether a result is computed in a buffer of its own, or is the first of several that share one.</summary>
    public bool IsFirstOf(int result)
    {
        var number = Results[result].Buffer;
        if (Buffers[number].Kind != BufferKind.Result)
            return false;
        for (var i = 0; i < result; i++)
            if (Results[i].Buffer == number)
                return false;
        return true;
    }

    /// <summary>The instructions as a table of text.</summary>
    public string Explain()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{Instructions.Length} instructions, {Flops:N0} FLOPs, {PeakBytes:N0} bytes at the peak ({ArenaBytes:N0} in the arena)");
        for (var i = 0; i < Instructions.Length; i++)
        {
            var instruction = Instructions[i];
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{i,5}  {Names(instruction.Outputs)} <- {instruction.Name}({Names(instruction.Inputs)})");
        }

        return text.ToString();
    }

    private string Names(BufferView[] operands) => string.Join(", ", operands.Select(Name));

    private string Name(BufferView operand)
    {
        var buffer = Buffers[operand.Buffer];
        var kind = buffer.Kind switch
        {
            BufferKind.Argument => $"arg{buffer.Index}",
            BufferKind.Constant => $"const{operand.Buffer}",
            BufferKind.Result => $"out{buffer.Index}",
            _ => $"t{operand.Buffer}",
        };
        return $"{kind}{operand.Shape}";
    }
}
