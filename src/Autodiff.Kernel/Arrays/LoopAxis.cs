namespace Autodiff.Kernel;

/// <summary>
/// An axis along which up to three operands are walked together: c is written, a and b are read. A stride is 0 where an
/// operand does not have the axis.
/// </summary>
/// <param name="Size">How many positions there are.</param>
/// <param name="A">The stride of a, in elements.</param>
/// <param name="B">The stride of b.</param>
/// <param name="C">The stride of c.</param>
internal readonly record struct LoopAxis(int Size, int A, int B, int C)
{
    /// <summary>The axes of a view that is copied, or folded in, to another of the same shape.</summary>
    public static LoopAxis[] Of(Layout source, Layout destination)
    {
        var axes = new LoopAxis[source.Shape.Rank];
        for (var axis = 0; axis < axes.Length; axis++)
            axes[axis] = new LoopAxis(source.Shape[axis], source.Strides[axis], 0, destination.Strides[axis]);
        return axes;
    }

    /// <summary>The number of positions along all axes together.</summary>
    public static long Count(ReadOnlySpan<LoopAxis> axes)
    {
        long count = 1;
        foreach (var axis in axes)
            count *= axis.Size;
        return count;
    }

    /// <summary>
    /// The same positions in the same order by fewer axes: those of size 1 are dropped, and neighbours that one stride
    /// can walk (in every operand) become one.
    /// </summary>
    public static LoopAxis[] Fold(ReadOnlySpan<LoopAxis> axes)
    {
        var folded = new LoopAxis[axes.Length];
        var count = 0;
        foreach (var axis in axes)
        {
            if (axis.Size == 1)
                continue;
            if (count > 0 && axis.Continues(folded[count - 1]))
                folded[count - 1] = axis with { Size = axis.Size * folded[count - 1].Size };
            else
                folded[count++] = axis;
        }

        return folded[..count];
    }

    /// <summary>
    /// The axes sorted so that c, then a, then b are walked with falling strides; the order is stable.
    /// </summary>
    public static LoopAxis[] Sort(IEnumerable<LoopAxis> axes) =>
        [.. axes.OrderByDescending(axis => Math.Abs((long)axis.C))
            .ThenByDescending(axis => Math.Abs((long)axis.A))
            .ThenByDescending(axis => Math.Abs((long)axis.B))];

    /// <summary>The axes without the one at a position.</summary>
    public static LoopAxis[] Without(ReadOnlySpan<LoopAxis> axes, int position) =>
        [.. axes[..position], .. axes[(position + 1)..]];

    private bool Continues(LoopAxis outer) =>
        outer.A == (long)A * Size && outer.B == (long)B * Size && outer.C == (long)C * Size;
}
