using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Reductions of many short rows, a stride apart: an element of all of them at a time, as columns. What leads to the
/// reduction of one row takes longer than a short row does. Each row is combined in the order of <see cref="VirtualLanes"/>,
/// one element after the other, and so are the totals of several runs.
/// </summary>
internal static unsafe class ShortRows
{
    /// <summary>The most rows that are taken together: what is kept of them stays in the first-level cache.</summary>
    public const int Most = 512;

    private const int MostVectorBytes = 64;

    /// <summary>So few rows are not worth columns of their own.</summary>
    public const int Least = 8;

    /// <summary>Rows along an axis, repeated along those around it.</summary>
    /// <param name="first">The first element of the first row.</param>
    /// <param name="next">How far apart the rows are.</param>
    /// <param name="row">The axis of a row.</param>
    /// <param name="around">The reduced axes around it.</param>
    /// <param name="totals">Where the totals go, one after the other: room for <see cref="Most"/>.</param>
    /// <param name="count">The number of rows, at most <see cref="Most"/>.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reduce<T, TReduction>(
        T* first, nint next, LoopAxis row, LoopAxis[] around, T* totals, int count)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        T* run = stackalloc T[Most], column = stackalloc T[Most];
        // Whole vectors of any width: what stands behind the rows is combined with itself.
        var lanes = MostVectorBytes / sizeof(T);
        var whole = (count + lanes - 1) / lanes * lanes;
        var runs = new Odometer(around);
        var target = totals;
        do
        {
            StridedElements.Gather(first + runs.A, next, count, target);
            for (nint i = 1; i < row.Size; i++)
                ReductionColumns.Join<T, TReduction>(
                    target, StridedElements.Gather(first + runs.A + (i * row.A), next, count, column), whole);
            if (target == run)
                ReductionColumns.Join<T, TReduction>(totals, run, whole);
            target = run;
        }
        while (runs.Next());
    }
}
