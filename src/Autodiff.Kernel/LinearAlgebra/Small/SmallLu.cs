using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The factors of <see cref="LuFactors"/> for many small matrices at a time: each lane chooses its own pivots.</summary>
internal static class SmallLu
{
    /// <summary>
    /// Overwrites the matrices by U on and above the diagonal and L below it. Row i of a product is row
    /// <paramref name="rows"/>[i] of its matrix. Gives the signs of the permutations.
    /// </summary>
    /// <param name="a">The matrices.</param>
    /// <param name="rows">A column for the permutations: whole numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static V Factor<V, T>(LaneMatrices<V, T> a, LaneMatrices<V, T> rows)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V sign = 1;
        for (var i = 0; i < a.Rows; i++)
            rows[i, 0] = i;
        for (var k = 0; k < a.Rows; k++)
        {
            var best = Pivot(a, k);
            for (var i = k + 1; i < a.Rows; i++)
            {
                var isBest = V.Equal(best, i);
                if (!V.Any(isBest))
                    continue;
                Exchange(a, k, i, isBest);
                Exchange(rows, k, i, isBest);
                sign = V.Select(isBest, -sign, sign);
            }

            Eliminate(a, k);
        }

        return sign;
    }

    /// <summary>The determinants, their signs, and the logarithms of their absolute values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Summarise<V, T>(LaneMatrices<V, T> factors, V sign, LaneMatrices<V, T> summary)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V determinant = sign, direction = sign, logarithm = 0;
        for (var i = 0; i < factors.Rows; i++)
        {
            var pivot = factors[i, i];
            var (isPositive, isNegative) = (V.Less(0, pivot), V.Less(pivot, 0));
            determinant *= pivot;
            direction *= V.Select(isPositive, 1, V.Select(isNegative, -1, pivot));
            logarithm += VectorMath.Log<V, T>(V.Abs(pivot));
        }

        (summary[0, 0], summary[0, 1], summary[0, 2]) = (determinant, direction, logarithm);
    }

    /// <summary>The first row of the largest absolute value in a column, from the diagonal on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Pivot<V, T>(LaneMatrices<V, T> a, int k)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V best = k;
        var largest = V.Abs(a[k, k]);
        for (var i = k + 1; i < a.Rows; i++)
        {
            var size = V.Abs(a[i, k]);
            var isLarger = V.Less(largest, size);
            best = V.Select(isLarger, i, best);
            largest = V.Select(isLarger, size, largest);
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Exchange<V, T>(LaneMatrices<V, T> a, int row, int other, V isExchanged)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = 0; j < a.Columns; j++)
        {
            var (x, y) = (a[row, j], a[other, j]);
            a[row, j] = V.Select(isExchanged, y, x);
            a[other, j] = V.Select(isExchanged, x, y);
        }
    }

    /// <summary>Takes the row of the pivot from those below; where the pivot is zero, all of them have a zero there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Eliminate<V, T>(LaneMatrices<V, T> a, int k)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var pivot = a[k, k];
        for (var i = k + 1; i < a.Rows; i++)
        {
            var x = a[i, k];
            var factor = V.Select(V.Equal(x, 0), x, x / pivot);
            a[i, k] = factor;
            for (var j = k + 1; j < a.Columns; j++)
                a[i, j] = V.Fma(-factor, a[k, j], a[i, j]);
        }
    }
}
