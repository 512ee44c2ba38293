using System.Collections.Immutable;

namespace Autodiff.Kernel;

/// <summary>Layouts whose axes carry labels.</summary>
internal static class LabelledLayout
{
    /// <summary>
    /// The same elements with the axes that <paramref name="target"/> names: a label twice in the operand becomes its
    /// diagonal, a label that the operand lacks repeats it, a label of size 1 that the target lacks is dropped.
    /// </summary>
    /// <param name="layout">The operand.</param>
    /// <param name="labels">The labels of its axes.</param>
    /// <param name="target">The labels of the result's axes, each once.</param>
    /// <param name="sizes">The size of each label.</param>
    public static Layout Select(
        Layout layout, ImmutableArray<int> labels, ImmutableArray<int> target, ImmutableArray<int> sizes) =>
        Layout.Strided(
            Shape.Create([.. target.Select(label => sizes[label])]),
            [.. target.Select(label => Stride(layout, labels, label))],
            layout.Offset);

    /// <summary>The stride of a label: along a diagonal, all its axes are walked at once.</summary>
    public static int Stride(Layout layout, ImmutableArray<int> labels, int label)
    {
        var stride = 0;
        for (var axis = 0; axis < labels.Length; axis++)
            if (labels[axis] == label && layout.Shape[axis] != 1)
                stride += layout.Strides[axis];
        return stride;
    }
}
