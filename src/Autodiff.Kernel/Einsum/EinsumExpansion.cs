using System.Collections.Immutable;

namespace Autodiff.Kernel;

/// <summary>
/// The end of an einsum: brings the last slot's axes into the order of the result, repeats it along the result's labels
/// that no operand has, and sets it on the diagonal of labels that the result has twice, with zeros around it.
/// </summary>
internal sealed class EinsumExpansion
{
    private readonly ImmutableArray<int> labels;
    private readonly ImmutableArray<int> resultLabels;
    private readonly ImmutableArray<int> distinct;
    private readonly ImmutableArray<int> sizes;

    internal EinsumExpansion(ImmutableArray<int> labels, Subscripts subscripts)
    {
        this.labels = labels;
        (resultLabels, sizes, Result) = (subscripts.ResultLabels, subscripts.Sizes, subscripts.Result);
        distinct = [.. resultLabels.Distinct()];
        IsIdentity = labels.SequenceEqual(resultLabels) && IsView;
    }

    /// <summary>The shape of the einsum's result.</summary>
    public Shape Result { get; }

    /// <summary>Whether the result is the last slot as it is.</summary>
    public bool IsIdentity { get; }

    /// <summary>Whether the result is the last slot with other strides: there is no diagonal to embed.</summary>
    public bool IsView => distinct.Length == resultLabels.Length;

    /// <summary>The result, where it is a view, as a layout of the last slot.</summary>
    public Layout Apply(Layout slot) => LabelledLayout.Select(slot, labels, distinct, sizes);

    /// <summary>Writes the result.</summary>
    /// <param name="slot">The last slot, with any strides.</param>
    /// <param name="result">Where the result goes; its former contents are lost.</param>
    public void Run(View slot, View result) => Run(Plan(slot.Layout, result.Layout), slot, result);

    /// <summary>Writes the result as it was planned for these layouts.</summary>
    public void Run(StridedCopyLoop plan, View slot, View result)
    {
        if (!IsView)
            Copying.Zero(result);
        plan.Run(slot, result);
    }

    /// <summary>Plans to write the result, on zeros where it is no view.</summary>
    /// <param name="slot">The last slot, with any strides.</param>
    /// <param name="result">Where the result goes.</param>
    public StridedCopyLoop Plan(Layout slot, Layout result) =>
        new(Apply(slot), LabelledLayout.Select(result, resultLabels, distinct, sizes));
}
