namespace Autodiff.Kernel;

/// <summary>An operation on whole vectors, each (with its reinterpretations) one instruction or few.</summary>
internal enum VectorOp : byte
{
    /// <summary>An element of memory, named by the position among the reads.</summary>
    Read,
    Constant,
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
    And,
    Or,
    Xor,
    Complement,
    Less,
    LessOrEqual,
    Equal,
    Select,
    Fma,
    Sqrt,
    Abs,
    Floor,
    Ceiling,
    Round,
    Truncate,
    Max,
    Min,
    MaxNative,
    MinNative,
    AddBits,
    SubtractBits,
    ShiftLeft,
    ShiftRight,
    EighthPower,
    Scale,

    /// <summary>A mask of lanes of one type as a mask of another type's.</summary>
    Reinterpret,

    /// <summary>See <see cref="IVector{TSelf, T}.Rarely{TOperator}"/>.</summary>
    Rarely,
}

/// <summary>A vector operation on earlier values of a trace.</summary>
/// <param name="Op">The operation.</param>
/// <param name="Type">The type of the lanes.</param>
/// <param name="A">The first operand, or -1; of Rarely, the mask.</param>
/// <param name="B">The second operand, or -1.</param>
/// <param name="C">The third operand, or -1.</param>
/// <param name="D">The fourth operand, or -1.</param>
/// <param name="Bits">The constant, the count of a shift, or the position of a read.</param>
/// <param name="Rare">The operator of Rarely.</param>
internal readonly record struct VectorNode(
    VectorOp Op, DType Type, int A = -1, int B = -1, int C = -1, int D = -1, long Bits = 0, RareOperator? Rare = null);

/// <summary>
/// The vector operations of a loop in order, each value once. They are recorded by running the operators on
/// <see cref="TracedVector{T}"/> instead of vectors.
/// </summary>
internal sealed class VectorTrace(bool hasScale)
{
    private readonly List<VectorNode> nodes = [];
    private readonly Dictionary<VectorNode, int> known = [];

    /// <summary>The trace that the running thread records.</summary>
    [field: ThreadStatic]
    public static VectorTrace? Current { get; set; }

    /// <summary>Whether the machine has an instruction for a 2^n.</summary>
    public bool HasScale => hasScale;

    public IReadOnlyList<VectorNode> Nodes => nodes;

    /// <summary>The number of the value, which is recorded if it is new.</summary>
    public int Add(VectorNode node)
    {
        if (known.TryGetValue(node, out var number))
            return number;
        nodes.Add(node);
        known.Add(node, nodes.Count - 1);
        return nodes.Count - 1;
    }
}
