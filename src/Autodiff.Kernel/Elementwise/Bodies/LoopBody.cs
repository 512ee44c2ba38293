namespace Autodiff.Kernel;

/// <summary>
/// What a fused loop computes for each element: an expression that is kept, with what has been made of it. Immutable, and
/// compared by structure.
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

    /// <summary>
    /// An expression over registers; the array of operations is the body's from here on. Operands that an operation does not
    /// have are ignored.
    /// </summary>
    /// <exception cref="DTypeException">An operation does not take the types of its operands, or does not give its type.</exception>
    /// <exception cref="ArgumentException">A register is read before it is written, or nothing is stored.</exception>
    public LoopBody(ReadOnlySpan<DType> inputs, LoopOp[] ops, ReadOnlySpan<int> outputs)
    {
        this.inputs = inputs.ToArray();
        this.ops = ops;
        this.outputs = outputs.ToArray();
        LoopExpression.Checked(this.inputs, ops, this.outputs);
        hash = Hash();
    }

    /// <summary>The expression.</summary>
    public LoopExpression Expression => LoopExpression.Of(inputs, ops, outputs);

    /// <summary>The types of the inputs.</summary>
    public ReadOnlySpan<DType> Inputs => inputs;

    /// <summary>The operations, each after those it reads from.</summary>
    public ReadOnlySpan<LoopOp> Ops => ops;

    /// <summary>The registers that are stored.</summary>
    public ReadOnlySpan<int> Outputs => outputs;

    /// <summary>The number of registers.</summary>
    public int Registers => inputs.Length + ops.Length;

    /// <summary>Where the registers stand, made when the body is first run.</summary>
    public LoopPlan Plan => plan ??= new LoopPlan(Expression);

    /// <summary>The steps over single elements, made when the body is first run so.</summary>
    public TapePlan Tape => tape ??= new TapePlan(Expression);

    /// <summary>The loops that are generated for the body.</summary>
    public LoopCode Code => code ??= LoopCode.Of(this);

    /// <summary>The type of a register.</summary>
    public DType TypeOf(int register) => Expression.TypeOf(register);

    /// <summary>The type of an operation's operands; of Select, that of the two to choose from.</summary>
    public DType OperandType(LoopOp op) => Expression.OperandType(op);

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
}
