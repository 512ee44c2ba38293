namespace Autodiff.Kernel;

/// <summary>
/// NumPy's rule by which shapes meet: aligned at the last axis, each pair of sizes is equal or one of them is 1, and a
/// missing axis counts as 1.
/// </summary>
internal static class Broadcasting
{
    /// <summary>The shape in which two shapes meet.</summary>
    /// <exception cref="ShapeException">They do not fit.</exception>
    public static Shape Join(string operation, Shape a, Shape b)
    {
        if (a == b)
            return a;
        var sizes = new int[Math.Max(a.Rank, b.Rank)];
        for (var back = 1; back <= sizes.Length; back++)
        {
            var (left, right) = (SizeFromEnd(a, back), SizeFromEnd(b, back));
            if (left != right && left != 1 && right != 1)
                throw new ShapeException(
                    $"{operation}: shapes {a} and {b} do not broadcast: "
                    + $"axis {-back} has size {left} in the one and {right} in the other");
            sizes[^back] = left == 1 ? right : left;
        }

        return Shape.Create(sizes);
    }

    /// <summary>The elements of an array in row-major order of a shape that it broadcasts to.</summary>
    public static NDArray Expand(NDArray array, Shape target) =>
        array.Shape == target ? array
        : array.Length == target.Size ? array.WithShape(target)
        : NDArray.CopyOf(View.Of(array).With(Layout.Contiguous(array.Shape).Broadcast(target)));

    private static int SizeFromEnd(Shape shape, int back) => back <= shape.Rank ? shape[shape.Rank - back] : 1;
}
