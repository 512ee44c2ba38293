using System.Buffers;

namespace Autodiff.Kernel;

/// <summary>
/// Finds where the registers of an expression stand: cells 0 to n - 1 are the inputs, the others are slots, which serve one
/// register after the other, all of one width: a generated loop reads its operands and writes its results turn by turn, and
/// wider results would overtake the reading of narrower operands. One linear walk, for expressions of millions of operations
/// too.
/// </summary>
internal ref struct CellWalk
{
    private const int Never = -1;

    private readonly LoopExpression expression;

    // For each register its cell, and the last operation that reads it; of one that is stored, one that there is not: its
    // output's number comes after those of all operations.
    private readonly int[] cellOf;
    private readonly int[] lastUse;
    private readonly Stack<int>[] freeOfWidth = [new(), new(), new()];
    private readonly int lastInputRead;
    private readonly List<LoopStep> copies = [];
    private int walked;

    /// <summary>The walk over an expression, which is to be disposed of.</summary>
    public CellWalk(LoopExpression expression)
    {
        this.expression = expression;
        cellOf = ArrayPool<int>.Shared.Rent(expression.Registers);
        lastUse = ArrayPool<int>.Shared.Rent(expression.Registers);
        lastUse.AsSpan(0, expression.Registers).Fill(Never);
        Cells = expression.Inputs.Length;
        lastInputRead = FindLastUses();
        CopyStoredInputs();
    }

    /// <summary>The number of cells so far.</summary>
    public int Cells { get; private set; }

    /// <summary>How many operations there are: inputs that are stored as they are come first, copied to slots.</summary>
    public readonly int Count => copies.Count + expression.Ops.Length;

    /// <summary>The next operation. Walked past the last one, it throws.</summary>
    public LoopStep Next()
    {
        var i = walked++ - copies.Count;
        return i < 0 ? copies[copies.Count + i] : Place(i, mayWriteAtOnce: i >= lastInputRead);
    }

    /// <summary>The cell of each output, after the last operation.</summary>
    public readonly int[] OutputCells()
    {
        var cells = new int[expression.Outputs.Length];
        for (var output = 0; output < cells.Length; output++)
            cells[output] = cellOf[expression.Outputs[output]];
        return cells;
    }

    public readonly void Dispose()
    {
        ArrayPool<int>.Shared.Return(cellOf);
        ArrayPool<int>.Shared.Return(lastUse);
    }

    private readonly bool IsStored(int register) => lastUse[register] >= expression.Ops.Length;

    /// <summary>
    /// Notes for each register the last operation that reads it, and gives the last that reads any input. Until then no
    /// result may be written to an output, which can be the same memory as an input.
    /// </summary>
    private readonly int FindLastUses()
    {
        var lastInputRead = -1;
        for (var i = 0; i < expression.Ops.Length; i++)
        {
            var op = expression.Ops[i];
            var arity = op.Code.Arity();
            var least = op.A;
            lastUse[op.A] = i;
            if (arity > 1)
            {
                lastUse[op.B] = i;
                least = Math.Min(least, op.B);
            }

            if (arity > 2)
            {
                lastUse[op.C] = i;
                least = Math.Min(least, op.C);
            }

            if (least < expression.Inputs.Length)
                lastInputRead = i;
        }

        for (var output = 0; output < expression.Outputs.Length; output++)
            lastUse[expression.Outputs[output]] = expression.Ops.Length + output;
        return lastInputRead;
    }

    private void CopyStoredInputs()
    {
        for (var input = 0; input < expression.Inputs.Length; input++)
        {
            cellOf[input] = input;
            if (!IsStored(input))
                continue;
            var type = expression.Inputs[input];
            cellOf[input] = Cells++;
            copies.Add(new LoopStep(Opcode.Copy, type, type, input, input, input, cellOf[input], -1));
        }
    }

    private LoopStep Place(int index, bool mayWriteAtOnce)
    {
        var op = expression.Ops[index];
        var arity = op.Code.Arity();
        var (a, b, c) = (cellOf[op.A], cellOf[arity > 1 ? op.B : op.A], cellOf[arity > 2 ? op.C : op.A]);

        var register = expression.Inputs.Length + index;
        Release(op.A, index);
        if (arity > 1 && op.B != op.A)
            Release(op.B, index);
        if (arity > 2 && op.C != op.A && op.C != op.B)
            Release(op.C, index);
        var free = FreeFor(op.Type);
        cellOf[register] = free.TryPop(out var slot) ? slot : Cells++;
        if (lastUse[register] == Never)
            free.Push(cellOf[register]);
        var output = mayWriteAtOnce && IsStored(register) ? lastUse[register] - expression.Ops.Length : -1;
        return new LoopStep(op.Code, expression.OperandType(op), op.Type, a, b, c, cellOf[register], output);
    }

    private readonly void Release(int register, int index)
    {
        if (lastUse[register] == index && register >= expression.Inputs.Length)
            FreeFor(expression.TypeOf(register)).Push(cellOf[register]);
    }

    /// <summary>The free slots for elements of a type: of one byte, of four or of eight.</summary>
    private readonly Stack<int> FreeFor(DType type) => freeOfWidth[type.Size() / 4];
}
