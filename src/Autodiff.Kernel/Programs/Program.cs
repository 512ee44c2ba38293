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
    private readonly int[] firsts;

    /// <param name="buffers">All memory that the instructions name.</param>
    /// <param name="instructions">The steps in order.</param>
    /// <param name="results">The buffer and the shape of each result; a buffer of kind Result, Argument or Constant.</param>
    /// <param name="recomputeFactor">The arithmetic, as a multiple of what it is where nothing is computed twice.</param>
    public Program(
        Buffer[] buffers, Instruction[] instructions, (int Buffer, Shape Shape)[] results, double recomputeFactor = 1)
    {
        RecomputeFactor = recomputeFactor;
        Buffers = buffers;
        Instructions = instructions;
        Results = results;
        memory = MemoryPlan.Create(buffers, instructions);
        firsts = FirstResults(results);
        SharedResults = [.. Enumerable.Range(0, results.Length).Where(i => !IsFirstOf(i))];
        OperandCount = instructions.Sum(step => step.Inputs.Length + step.Outputs.Length);
        (ArgumentPositions, ResultPositions, TemporaryPositions) = Locate();
        States = new RunStates(this);
    }

    public Buffer[] Buffers { get; }

    public Instruction[] Instructions { get; }

    public (int Buffer, Shape Shape)[] Results { get; }

    /// <summary>The results that are an argument, a constant, or the same as an earlier one.</summary>
    public int[] SharedResults { get; }

    /// <summary>How many operands all instructions have together.</summary>
    public int OperandCount { get; }

    /// <summary>Which operands, counted through all instructions, stand in the memory of which argument.</summary>
    public (int Position, int Argument)[] ArgumentPositions { get; }

    /// <summary>Which operands stand in the memory of which result.</summary>
    public (int Position, int Result)[] ResultPositions { get; }

    /// <summary>Which operands stand in the arena, where, and the bytes of their buffer.</summary>
    public (int Position, nint Offset, nint Bytes)[] TemporaryPositions { get; }

    /// <summary>The states for runs.</summary>
    public RunStates States { get; }

    /// <summary>The arena that a run needs, in bytes.</summary>
    public nint ArenaBytes => memory.Bytes;

    /// <summary>The arena and the results of a run, in bytes.</summary>
    public long PeakBytes =>
        memory.Bytes + Buffers.Where(b => b.Kind == BufferKind.Result).Sum(b => (long)b.Bytes);

    /// <summary>The arithmetic of a run, as a multiple of what it is where nothing is computed twice to save memory.</summary>
    public double RecomputeFactor { get; }

    /// <summary>Arithmetic operations of a run.</summary>
    public long Flops => Instructions.Sum(i => i.Flops);

    /// <summary>The offset of a buffer in the arena; -1 where it does not stand there.</summary>
    public nint Offset(int buffer) => memory.Offsets[buffer];

    /// <summary>The buffer in whose memory one stands: a result or a temporary, itself if it shares none.</summary>
    public int Home(int buffer) => memory.Homes[buffer];

    /// <summary>Whether a result is computed in a buffer of its own, or is the first of several that share one.</summary>
    public bool IsFirstOf(int result) =>
        Buffers[Results[result].Buffer].Kind == BufferKind.Result && firsts[result] == result;

    /// <summary>The first result that is the same buffer.</summary>
    public int FirstOf(int result) => firsts[result];

    /// <summary>The instructions as a table of text.</summary>
    public string Explain()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{Instructions.Length} instructions, {Flops:N0} FLOPs, {PeakBytes:N0} bytes at the peak ({ArenaBytes:N0} in the arena)");
        if (RecomputeFactor > 1)
            text.Append(CultureInfo.InvariantCulture, $", {RecomputeFactor:F2} times the FLOPs without a budget");
        text.AppendLine();
        for (var i = 0; i < Instructions.Length; i++)
        {
            var instruction = Instructions[i];
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{i,5}  {Names(instruction.Outputs)} <- {instruction.Name}({Names(instruction.Inputs)})");
        }

        return text.ToString();
    }

    private static int[] FirstResults((int Buffer, Shape Shape)[] results)
    {
        var firsts = new Dictionary<int, int>();
        for (var i = 0; i < results.Length; i++)
            firsts.TryAdd(results[i].Buffer, i);
        return Array.ConvertAll(results, result => firsts[result.Buffer]);
    }

    private ((int, int)[] Arguments, (int, int)[] Results, (int, nint, nint)[] Temporaries) Locate()
    {
        var (arguments, results) = (new List<(int, int)>(), new List<(int, int)>());
        var temporaries = new List<(int, nint, nint)>();
        var next = 0;
        foreach (var instruction in Instructions)
        {
            foreach (var operand in instruction.Inputs)
                Locate(operand.Buffer, next++);
            foreach (var operand in instruction.Outputs)
                Locate(operand.Buffer, next++);
        }

        return ([.. arguments], [.. results], [.. temporaries]);

        void Locate(int buffer, int position)
        {
            var home = Home(buffer);
            switch (Buffers[home].Kind)
            {
                case BufferKind.Temporary:
                    temporaries.Add((position, Offset(home), Buffers[buffer].Bytes));
                    break;
                case BufferKind.Argument:
                    arguments.Add((position, Buffers[home].Index));
                    break;
                case BufferKind.Result:
                    results.Add((position, firsts[Buffers[home].Index]));
                    break;
            }
        }
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
