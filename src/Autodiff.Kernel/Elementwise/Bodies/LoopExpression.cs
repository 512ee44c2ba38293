namespace Autodiff.Kernel;

/// <summary>
/// An expression over registers, wherever its parts are in memory: registers 0 to n - 1 are the inputs, operation i writes
/// register n + i, and some registers are stored.
/// </summary>
internal readonly ref struct LoopExpression
{
    private LoopExpression(ReadOnlySpan<DType> inputs, ReadOnlySpan<LoopOp> ops, ReadOnlySpan<int> outputs)
    {
        Inputs = inputs;
        Ops = ops;
        Outputs = outputs;
    }

    /// <summary>The types of the inputs.</summary>
    public ReadOnlySpan<DType> Inputs { get; }

    /// <summary>The operations, each after those it reads from.</summary>
    public ReadOnlySpan<LoopOp> Ops { get; }

    /// <summary>The registers that are stored.</summary>
    public ReadOnlySpan<int> Outputs { get; }

    /// <summary>The number of registers.</summary>
    public int Registers => Inputs.Length + Ops.Length;

    /// <summary>The expression, in which the operands that an operation does not have are set to 0.</summary>
    /// <exception cref="DTypeException">An operation does not take the types of its operands, or does not give its type.</exception>
    /// <exception cref="ArgumentException">A register is read before it is written, or nothing is stored.</exception>
    public static LoopExpression Checked(ReadOnlySpan<DType> inputs, Span<LoopOp> ops, ReadOnlySpan<int> outputs)
    {
        var expression = new LoopExpression(inputs, ops, outputs);
        for (var i = 0; i < ops.Length; i++)
        {
            var arity = ops[i].Code.Arity();
            ops[i] = ops[i] with { B = arity > 1 ? ops[i].B : 0, C = arity > 2 ? ops[i].C : 0 };
            expression.Check(ops[i], arity, i);
        }

        if (outputs.IsEmpty)
            throw new ArgumentException("a loop body stores nothing");
        foreach (var register in outputs)
            if ((uint)register >= (uint)expression.Registers)
                throw new ArgumentException(
                    $"a loop body of {expression.Registers} registers stores register {register}");
        return expression;
    }

    /// <summary>An expression that was checked.</summary>
    public static LoopExpression Of(ReadOnlySpan<DType> inputs, ReadOnlySpan<LoopOp> ops, ReadOnlySpan<int> outputs) =>
        new(inputs, ops, outputs);

    /// <summary>The type of a register.</summary>
    public DType TypeOf(int register) =>
        register < Inputs.Length ? Inputs[register] : Ops[register - Inputs.Length].Type;

    /// <summary>The type of an operation's operands; of Select, that of the two to choose from.</summary>
    public DType OperandType(LoopOp op) => TypeOf(op.Code == Opcode.Select ? op.B : op.A);

    private void Check(LoopOp op, int arity, int index)
    {
        var known = Inputs.Length + index;
        if ((uint)op.A >= (uint)known || (arity > 1 && (uint)op.B >= (uint)known) || (arity > 2 && (uint)op.C >= (uint)known))
            throw new ArgumentException(
                $"operation {index} of a loop body, {op}, reads a register that is not yet written: {known} are");
        if (!TypesFit(op, arity))
            throw new DTypeException(
                $"operation {index} of a loop body, {op.Code} to {op.Type}, does not take {OperandTypes(op, arity)}");
    }

    private bool TypesFit(LoopOp op, int arity)
    {
        var type = OperandType(op);
        var operands = arity switch
        {
            1 => true,
            2 => TypeOf(op.B) == type,
            _ => TypeOf(op.A) == DType.Bool && TypeOf(op.C) == type,
        };
        return operands && op.Code.Takes(type) && (op.Code == Opcode.Cast || op.Type == op.Code.Result(type));
    }

    private string OperandTypes(LoopOp op, int arity) => arity switch
    {
        1 => $"{TypeOf(op.A)}",
        2 => $"{TypeOf(op.A)} and {TypeOf(op.B)}",
        _ => $"{TypeOf(op.A)} and {TypeOf(op.B)} and {TypeOf(op.C)}",
    };
}
