using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>
/// What an einsum computes: a label for each axis of each operand and of the result, and the size of each label. The
/// result at some values of its labels is the sum, over the values of all other labels, of the product of the operands.
/// </summary>
/// <remarks>
/// <para>Two generalisations over NumPy close einsums under transposition: a label of the result that no operand has
/// repeats the result along that axis, and a label twice in the result makes a diagonal, zero elsewhere.</para>
/// <para>Immutable and compared by structure. Labels are numbered by first occurrence, operands in order, then the
/// result, so that einsums that differ in the names of their labels only are equal.</para>
/// </remarks>
public sealed class Subscripts : IEquatable<Subscripts>
{
    private readonly ImmutableArray<ImmutableArray<int>> operands;
    private readonly int hash;
    private Subscripts?[]? transposes;

    private Subscripts(
        ImmutableArray<ImmutableArray<int>> operands, ImmutableArray<int> result, ImmutableArray<int> sizes)
    {
        this.operands = operands;
        ResultLabels = result;
        Sizes = sizes;
        Result = ShapeOf(result);
        hash = Hash();
    }

    /// <summary>The number of operands, at least one.</summary>
    public int OperandCount => operands.Length;

    /// <summary>The number of labels; they are 0, 1, ...</summary>
    public int LabelCount => Sizes.Length;

    /// <summary>The size of each label.</summary>
    public ImmutableArray<int> Sizes { get; }

    /// <summary>The labels of the result's axes.</summary>
    public ImmutableArray<int> ResultLabels { get; }

    /// <summary>The shape of the result.</summary>
    public Shape Result { get; }

    /// <summary>The labels of an operand's axes.</summary>
    /// <param name="operand">The position of the operand.</param>
    public ImmutableArray<int> OperandLabels(int operand) => operands[operand];

    /// <summary>The shape of an operand.</summary>
    /// <param name="operand">The position of the operand.</param>
    public Shape OperandShape(int operand) => ShapeOf(operands[operand]);

    /// <summary>Makes subscripts from any labels, renumbering them.</summary>
    /// <param name="operandLabels">The labels of each operand's axes.</param>
    /// <param name="resultLabels">The labels of the result's axes.</param>
    /// <param name="sizeOf">The size of each label.</param>
    /// <exception cref="EinsumException">There is no operand.</exception>
    public static Subscripts Create(
        IReadOnlyList<IReadOnlyList<int>> operandLabels, IReadOnlyList<int> resultLabels, Func<int, int> sizeOf)
    {
        if (operandLabels.Count == 0)
            throw new EinsumException("einsum: there is no operand");
        var numbering = new LabelNumbering(sizeOf);
        var operands = new ImmutableArray<int>[operandLabels.Count];
        for (var i = 0; i < operands.Length; i++)
            operands[i] = numbering.Renumber(operandLabels[i]);
        var result = numbering.Renumber(resultLabels);
        return new Subscripts(ImmutableCollectionsMarshal.AsImmutableArray(operands), result, numbering.Sizes);
    }

    /// <summary>
    /// Fits subscripts such as <c>"ij,jk->ik"</c>, in NumPy's language, to the shapes of the operands: any number of
    /// operands, labels a-z and A-Z, <c>...</c> for axes that broadcast, a result that is implied where there is no
    /// arrow (the axes of <c>...</c>, then the labels that occur once, in order), labels repeated in an operand (a
    /// diagonal) or missing from the result (a sum), spaces anywhere. An axis of size 1 broadcasts against other
    /// operands.
    /// </summary>
    /// <param name="text">The subscripts.</param>
    /// <param name="shapes">The shapes of the operands.</param>
    /// <param name="names">What errors call the operands, beside their positions; null where they have no
    /// names.</param>
    /// <exception cref="EinsumException">The text cannot be read, or does not fit the shapes.</exception>
    public static Subscripts Parse(
        string text, IReadOnlyList<Shape> shapes, IReadOnlyList<string?>? names = null) =>
        new SubscriptsFit(SubscriptsText.Parse(text), shapes, names).Fit();

    /// <summary>
    /// The transpose of the einsum as a linear map of one operand: a cotangent with the result's labels stands in that
    /// operand's place, and the result has the operand's labels.
    /// </summary>
    /// <param name="operand">The position of the operand.</param>
    public Subscripts Transpose(int operand)
    {
        // Differentiation asks again and again. Two threads may make it at once, and equal ones.
        transposes ??= new Subscripts?[OperandCount];
        return transposes[operand] ??= Create(
            [.. operands.SetItem(operand, ResultLabels).Select(labels => (IReadOnlyList<int>)labels)],
            operands[operand],
            label => Sizes[label]);
    }

    /// <inheritdoc/>
    public bool Equals(Subscripts? other) =>
        ReferenceEquals(this, other)
        || (other is not null
            && hash == other.hash
            && operands.Length == other.operands.Length
            && Sizes.AsSpan().SequenceEqual(other.Sizes.AsSpan())
            && ResultLabels.AsSpan().SequenceEqual(other.ResultLabels.AsSpan())
            && HasOperands(other.operands));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Subscripts other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => hash;

    /// <summary>The subscripts with letters for labels, such as <c>ab,bc->ac</c>.</summary>
    public override string ToString() =>
        $"{string.Join(',', operands.Select(Letters))}->{Letters(ResultLabels)}";

    /// <summary>Labels as letters: a-z, A-Z, and from then on a number in parentheses.</summary>
    internal static string Letters(ImmutableArray<int> labels) => string.Concat(labels.Select(Letter));

    private static string Letter(int label) =>
        label < 26 ? $"{(char)('a' + label)}" : label < 52 ? $"{(char)('A' + label - 26)}" : $"({label})";

    private bool HasOperands(ImmutableArray<ImmutableArray<int>> others)
    {
        for (var i = 0; i < operands.Length; i++)
            if (!operands[i].AsSpan().SequenceEqual(others[i].AsSpan()))
                return false;
        return true;
    }

    private Shape ShapeOf(ImmutableArray<int> labels)
    {
        var sizes = new int[labels.Length];
        for (var axis = 0; axis < sizes.Length; axis++)
            sizes[axis] = Sizes[labels[axis]];
        return Shape.Open(sizes);
    }

    private int Hash()
    {
        var code = new HashCode();
        foreach (var labels in operands)
            Add(labels);
        Add(ResultLabels);
        Add(Sizes);
        return code.ToHashCode();

        void Add(ImmutableArray<int> numbers)
        {
            code.Add(numbers.Length);
            foreach (var number in numbers)
                code.Add(number);
        }
    }
}
