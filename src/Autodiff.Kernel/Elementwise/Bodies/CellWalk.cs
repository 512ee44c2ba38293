namespace Autodiff.Kernel;

/// <summary>
/// Finds where the registers of a loop body stand: cells 0 to n - 1 are the inputs, the others are slots, which serve one
/// register after the other. One linear walk, for bodies of millions of operations too.
/// </summary>
internal sealed class CellWalk
{
    private const int Never = -1, Forever = int.MaxValue;

    private readonly LoopBody body;
    private readonly int[] cellOf;
    private readonly int[] lastUse;
    private readonly int[] outputOf;
    private readonly Stack<int> free = new();
    private readonly int lastInputRead;
    private readonly List<LoopStep> copies;
    private int walked;

    public CellWalk(LoopBody body)
    {
        this.body = body;
        cellOf = new int[body.Registers];
        lastUse = new int[body.Registers];
        outputOf = new int[body.Registers];
        lastUse.AsSpan().Fill(Never);
        outputOf.AsSpan().Fill(-1);
        Cells = body.Inputs.Length;
        lastInputRead = FindLastUses();
        copies = CopyStoredInputs();
    }

    /// <summary>The number of cells so far.</summary>
    public int Cells { get; private set; }

    /// <summary>How many operations there are: inputs that are stored as they are come first, copied to slots.</summary>
    public int Count => copies.Count + body.Ops.Length;

    /// <summary>The next operation. Walked past the last one, it throws.</summary>
    public LoopStep Next()
    {
        var i = walked++ - copies.Count;
        return i < 0 ? copies[copies.Count + i] : Place(i, mayWriteAtOnce: i >= lastInputRead);
    }

    /// <summary>The cell of each output, after the last operation.</summary>
    public int[] OutputCells()
    {
        var cells = new int[body.Outputs.Length];
        for (var output = 0; output < cells.Length; output++)
            cells[output] = cellOf[body.Outputs[output]];
        return cells;
    }

    /// <summary>
    /// Notes for each register the last operation that reads it, and gives the last that reads any input. Until then no
    /// result may be written to an output, which can be the same memory as an input.
    /// </summary>
    private int FindLastUses()
    {
        var lastInputRead = -1;
        for (var i = 0; i < body.Ops.Length; i++)
        {
            var op = body.Ops[i];
            var arity = op.Code.Arity();
            Use(op.A);
            if (arity > 1)
                Use(op.B);
            if (arity > 2)
                Use(op.C);

            void Use(int register)
            {
                lastUse[register] = i;
                if (register < body.Inputs.Length)
                    lastInputRead = i;
            }
        }

        for (var output = 0; output < body.Outputs.Length; output++)
        {
            lastUse[body.Outputs[output]] = Forever;
            outputOf[body.Outputs[output]] = output;
        }

        return lastInputRead;
    }

    private List<LoopStep> CopyStoredInputs()
    {
        var copies = new List<LoopStep>();
        for (var input = 0; input < body.Inputs.Length; input++)
        {
            cellOf[input] = input;
            if (lastUse[input] != Forever)
                continue;
            var type = body.Inputs[input];
            cellOf[input] = Cells++;
            copies.Add(new LoopStep(Opcode.Copy, type, type, input, input, input, cellOf[input], -1));
        }

        return copies;
    }

    private LoopStep Place(int index, bool mayWriteAtOnce)
    {
        var op = body.Ops[index];
        var arity = op.Code.Arity();
        var (a, b, c) = (cellOf[op.A], cellOf[arity > 1 ? op.B : op.A], cellOf[arity > 2 ? op.C : op.A]);

        // A result takes the place of an operand whose elements are as wide: otherwise it would overtake the reading.
        var register = body.Inputs.Length + index;
        ReleaseOperands(op, arity, index, sameSize: true);
        cellOf[register] = free.TryPop(out var slot) ? slot : Cells++;
        ReleaseOperands(op, arity, index, sameSize: false);
        if (lastUse[register] == Never)
            free.Push(cellOf[register]);
        var output = mayWriteAtOnce ? outputOf[register] : -1;
        return new LoopStep(op.Code, body.OperandType(op), op.Type, a, b, c, cellOf[register], output);
    }

    private void ReleaseOperands(LoopOp op, int arity, int index, bool sameSize)
    {
        Release(op.A);
        if (arity > 1 && op.B != op.A)
            Release(op.B);
        if (arity > 2 && op.C != op.A && op.C != op.B)
            Release(op.C);

        void Release(int register)
        {
            var dies = lastUse[register] == index && register >= body.Inputs.Length;
            if (dies && body.TypeOf(register).Size() == op.Type.Size() == sameSize)
                free.Push(cellOf[register]);
        }
    }
}
