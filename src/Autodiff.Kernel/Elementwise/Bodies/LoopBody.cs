namespace Autodiff.Kernel;

/// <summary>
/// What a fused loop computes for each element: registers 0 to n - 1 are the inputs, operation i writes register n + i,
/// and some registers are stored. Immutable, and compared by structure.
/// </summary>
internal sealed class LoopBody : IEquatable<LoopBody>
{
    private readonly DType[] inputs;
    private readonly LoopOp[] ops;
    private readonly int[] outputs;
    private readonly int hash;
    private LoopPlan? plan;
    private LoopCode? code;
    private TapePlan? tape;

    /// <summary>An expression over registers; operands that an operation does not have are ignored.</summary>
    /// <exception cref="DTypeException">An operation does not take the types of its operands, or does not give its type.</exception>
    /// <exception cref="ArgumentException">A register is read before it is written, or nothing is stored.</exception>
    public LoopBody(ReadOnlySpan<DType> inputs, ReadOnlySpan<LoopOp> ops, ReadOnlySpan<int> outputs)
    {
        this.inputs = inputs.ToArray();
        this.ops = new LoopOp[ops.Length];
        this.outputs = outputs.ToArray();
        for (var i = 0; i < ops.Length; i++)
            this.ops[i] = Checked(ops[i], i);
        if (outputs.IsEmpty)
            throw new ArgumentException("a loop body stores nothing");
        foreach (var register in outputs)
            if ((uint)register >= (uint)Registers)
                throw new ArgumentException($"a loop body of {Registers} registers stores register {register}");
        hash = Hash();
    }

    /// <summary>The types of the inputs.</summary>
    public ReadOnlySpan<DType> Inputs => inputs;

    /// <summary>The operations, each after those it reads from.</summary>
    public ReadOnlySpan<LoopOp> Ops => ops;

    /// <summary>The registers that are stored.</summary>
    public ReadOnlySpan<int> Outputs => outputs;

    /// <summary>The number of registers.</summary>
    public int Registers => inputs.Length + ops.Length;

    /// <summary>Where the registers stand, made when the body is first run.</summary>
    public LoopPlan Plan => plan ??= new LoopPlan(this);

    /// <summary>The steps over single elements, made when the body is first run so.</summary>
    public TapePlan Tape => tape ??= new TapePlan(this);

    /// <summary>The loops that are generated for the body.</summary>
    public LoopCode Code => code ??= LoopCode.Of(this);

    /// <summary>The type of a register.</summary>
    public DType TypeOf(int register) =>
        register < inputs.Length ? inputs[register] : ops[register - inputs.Length].Type;

    /// <summary>The type of an operation's operands; of Select, that of the two to choose from.</summary>
    public DType OperandType(LoopOp op) => TypeOf(op.Code == Opcode.Select ? op.B : op.A);

    public bool Equals(LoopBody? other) =>
        ReferenceEquals(this, other)
        || (other is not null && hash == other.hash
            && inputs.AsSpan().SequenceEqual(other.inputs)
            && outputs.AsSpan().SequenceEqual(other.outputs)
            && ops.AsSpan().SequenceEqual(other.ops));

    public override bool Equals(object? obj) => obj is LoopBody other && Equals(other);

    public override int GetHashCode() => hash;

    private int Hash()
    {
        var code = new HashCode();
        foreach (var type in inputs)
            code.Add(type);
        foreach (var op in ops)
            code.Add(op);
        foreach (var register in outputs)
            code.Add(register);
        return code.ToHashCode();
    }

    /// <summary>The operation with its operands checked, and those that it does not have set to 0.</summary>
    private LoopOp Checked(LoopOp op, int index)
    {
        var arity = op.Code.Arity();
        op = op with { B = arity > 1 ? op.B : 0, C = arity > 2 ? op.C : 0 };
        var known = inputs.Length + index;
        if ((uint)op.A >= (uint)known || (arity > 1 && (uint)op.B >= (uint)known) || (arity > 2 && (uint)op.C >= (uint)known))
            throw new ArgumentException(
                $"operation {index} of a loop body, {op}, reads a register that is not yet written: {known} are");
        if (!TypesFit(op, arity))
            throw new DTypeException(
                $"operation {index} of a loop body, {op.Code} to {op.Type}, does not take {OperandTypes(op, arity)}");
        return op;
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

    private string OperandTypes(LoopOp op, int arity) =>
        string.Join(" and ", new[] { op.A, op.B, op.C }.Take(arity).Select(TypeOf));
}
