using System.Collections.Immutable;

namespace Autodiff.Kernel;

/// <summary>
/// One step of an einsum: the product of two slots, or one slot alone, summed over the labels that the result lacks.
/// Axes of an operand may share a label (its diagonal is meant); those of the result do not.
/// </summary>
internal sealed class EinsumStep
{
    private readonly ImmutableArray<int> sizes;
    private readonly ImmutableArray<int> summed;

    internal EinsumStep(
        (int Slot, ImmutableArray<int> Labels) left,
        (int Slot, ImmutableArray<int> Labels)? right,
        ImmutableArray<int> resultLabels,
        ImmutableArray<int> sizes)
    {
        (Left, LeftLabels) = left;
        (Right, RightLabels) = right ?? (-1, []);
        ResultLabels = resultLabels;
        this.sizes = sizes;
        summed = [.. LeftLabels.Union(RightLabels).Where(label => !resultLabels.Contains(label) && sizes[label] != 1)];
        Result = Shape.Create([.. resultLabels.Select(label => sizes[label])]);
        var products = resultLabels.Concat(summed).Aggregate(1.0, (size, label) => size * sizes[label]);
        Flops = (long)Math.Min(IsUnary ? IsView ? 0 : products : 2 * products, long.MaxValue / 2);
    }

    /// <summary>The slot of the first operand.</summary>
    public int Left { get; }

    /// <summary>The slot of the second operand; -1 where there is none.</summary>
    public int Right { get; }

    /// <summary>The labels of the first operand's axes.</summary>
    public ImmutableArray<int> LeftLabels { get; }

    /// <summary>The labels of the second operand's axes.</summary>
    public ImmutableArray<int> RightLabels { get; }

    /// <summary>The labels of the result's axes, each once.</summary>
    public ImmutableArray<int> ResultLabels { get; }

    /// <summary>The shape of the result, a contiguous array.</summary>
    public Shape Result { get; }

    /// <summary>The additions and multiplications: two for each product that is summed.</summary>
    public long Flops { get; }

    /// <summary>Whether there is one operand only.</summary>
    public bool IsUnary => Right < 0;

    /// <summary>
    /// Whether the result is the operand with other strides, so that <see cref="Apply"/> saves a copy.
    /// </summary>
    public bool IsView => IsUnary && summed.IsEmpty;

    /// <summary>The result of a step that is a view, as a layout of its operand.</summary>
    public Layout Apply(Layout operand) => LabelledLayout.Select(operand, LeftLabels, ResultLabels, sizes);

    /// <summary>The operand of a sum, its axes those of the result and then those that are summed.</summary>
    public Layout Summed(Layout operand) =>
        LabelledLayout.Select(operand, LeftLabels, [.. ResultLabels, .. summed], sizes);

    /// <summary>Computes the result. Strides are any; the element types are equal, and not Bool.</summary>
    /// <param name="left">The first operand.</param>
    /// <param name="right">The second operand; ignored by a unary step.</param>
    /// <param name="result">Where the result goes; its former contents are lost.</param>
    public void Run(View left, View right, View result)
    {
        if (IsView)
            Copying.Copy(left.With(Apply(left.Layout)), result);
        else if (IsUnary)
            Reduction.Run(
                ReductionKind.Sum,
                left.With(Summed(left.Layout)),
                ResultLabels.Length,
                result);
        else
            Bind(left.Layout, right.Layout, result.Layout, result.DType).Run(left, right, result);
    }

    /// <summary>
    /// Plans a binary step for operands of known strides: worth keeping where the step runs more than once.
    /// </summary>
    public Contraction Bind(Layout left, Layout right, Layout result, DType dtype)
    {
        return new Contraction([.. ResultLabels.Select(Axis)], [.. summed.Select(Axis)], dtype);

        LoopAxis Axis(int label) => new(
            sizes[label],
            LabelledLayout.Stride(left, LeftLabels, label),
            LabelledLayout.Stride(right, RightLabels, label),
            LabelledLayout.Stride(result, ResultLabels, label));
    }

    /// <summary>The same step for another size of a label.</summary>
    public EinsumStep With(int label, int size) =>
        new((Left, LeftLabels), IsUnary ? null : (Right, RightLabels), ResultLabels, sizes.SetItem(label, size));

    /// <summary>The subscripts of the step, such as <c>ab,bc->ac</c>.</summary>
    public override string ToString() =>
        Subscripts.Letters(LeftLabels) + (IsUnary ? "" : "," + Subscripts.Letters(RightLabels))
        + "->" + Subscripts.Letters(ResultLabels);
}
