using System.Collections.Immutable;

namespace Autodiff.Kernel;

/// <summary>
/// What a contraction of two arrays costs in some order of their labels, in multiply-adds of a long matrix product. A rough
/// measure: it is there to tell orders that a matrix product reads and writes in place from orders that make it copy, or break
/// it into small ones.
/// </summary>
internal static class StepCost
{
    private const int Lanes = 16;

    // The start of a matrix product; an element that is brought into contiguous columns, or out of them; a product of
    // two elements outside of any matrix product; an element of a result that is copied into another order.
    private const double Start = 2000, Packing = 40, Scatter = 80, Single = 16, Copy = 60;

    /// <summary>The cost of a step from contiguous arrays.</summary>
    public static double Of(
        ImmutableArray<int> left, ImmutableArray<int> right, ImmutableArray<int> result, ImmutableArray<int> sizes) =>
        Of(left, right, result, sizes, Strides(left, sizes), Strides(right, sizes));

    /// <summary>The cost of a step from arrays in which each label has a stride.</summary>
    public static double Of(
        ImmutableArray<int> left, ImmutableArray<int> right, ImmutableArray<int> result, ImmutableArray<int> sizes,
        int[] strideA, int[] strideB)
    {
        var strideC = Strides(result, sizes);
        int[] summed = [.. left.Concat(right).Distinct().Where(label => !result.Contains(label))];
        var kept = Fold(result);
        return Of(kept, Fold(summed));

        LoopAxis[] Fold(IEnumerable<int> labels) => LoopAxis.Fold(
            LoopAxis.Sort(labels.Select(label => new LoopAxis(sizes[label], strideA[label], strideB[label], strideC[label]))));
    }

    /// <summary>The cost of copying a contiguous array of so many elements into another order.</summary>
    public static double OfCopy(double size) => Copy * size;

    /// <summary>The cost of copying a contiguous array into another order.</summary>
    public static double OfCopy(ImmutableArray<int> labels, ImmutableArray<int> sizes) =>
        OfCopy(labels.Aggregate(1.0, (size, label) => size * sizes[label]));

    private static double Of(LoopAxis[] kept, LoopAxis[] summed)
    {
        var products = (double)LoopAxis.Count(kept) * LoopAxis.Count(summed);
        var best = products * Single;
        foreach (var columns in kept)
            if (columns.A == 0 || columns.B == 0)
                best = Math.Min(best, OfProduct(kept, summed, columns, products));
        return best;
    }

    /// <summary>The cost of matrix products whose vectors lie along an axis that one operand alone has.</summary>
    private static double OfProduct(LoopAxis[] kept, LoopAxis[] summed, LoopAxis columns, double products)
    {
        // A copy serves the rows of all axes, and tables join the axes of the depth.
        var (rows, allRows, depth) = (1, 1L, Math.Max(1.0, LoopAxis.Count(summed)));
        foreach (var axis in kept)
            if (columns.A == 0 ? axis.B == 0 : axis.A == 0)
                (rows, allRows) = (Math.Max(rows, axis.Size), allRows * axis.Size);
        var starts = products / (rows * columns.Size * depth);
        var filled = (columns.Size + Lanes - 1) / Lanes * Lanes / (double)columns.Size;
        var each = (filled * (1 + (4.0 / rows)) * (1 + (12.0 / depth)))
            + (columns.A + columns.B == 1 ? 0 : Packing / allRows)
            + (columns.C == 1 ? 0 : Scatter / depth);
        return (products * each) + (Start * starts);
    }

    /// <summary>The stride of each label in a contiguous array; along a diagonal, all its axes are walked at once.</summary>
    public static int[] Strides(ImmutableArray<int> labels, ImmutableArray<int> sizes)
    {
        var strides = new int[sizes.Length];
        var stride = 1;
        for (var axis = labels.Length - 1; axis >= 0; axis--)
        {
            if (sizes[labels[axis]] != 1)
                strides[labels[axis]] += stride;
            stride *= sizes[labels[axis]];
        }

        return strides;
    }

    /// <summary>The same of an array in memory.</summary>
    public static int[] Strides(ImmutableArray<int> labels, ImmutableArray<int> sizes, Layout layout)
    {
        var strides = new int[sizes.Length];
        for (var axis = 0; axis < labels.Length; axis++)
            if (sizes[labels[axis]] != 1)
                strides[labels[axis]] += layout.Strides[axis];
        return strides;
    }
}
