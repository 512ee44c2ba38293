using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The factor of <see cref="Cholesky"/> for many small matrices at a time.</summary>
internal static class SmallCholesky
{
    /// <summary>
    /// Overwrites matrices with zeros above the diagonal by L. Gives 0 for each, or the order of its first leading minor
    /// that is not positive.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static V Factor<V, T>(LaneMatrices<V, T> a)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V order = 0;
        for (var i = 0; i < a.Rows; i++)
        {
            for (var j = 0; j < i; j++)
                a[i, j] = Rest(a, i, j) / a[j, j];
            var rest = Rest(a, i, i);
            order = V.Select(V.Equal(order, 0) & ~V.Less(0, rest), i + 1, order);
            a[i, i] = V.Sqrt(rest);
        }

        return order;
    }

    /// <summary>Zeros above the diagonal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ClearUpper<V, T>(LaneMatrices<V, T> a)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < a.Rows; i++)
            for (var j = i + 1; j < a.Rows; j++)
                a[i, j] = 0;
    }

    /// <summary>An element less the product of what is known of its row and of its column's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Rest<V, T>(LaneMatrices<V, T> a, int row, int column)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var rest = a[row, column];
        for (var k = 0; k < column; k++)
            rest = V.Fma(-a[row, k], a[column, k], rest);
        return rest;
    }
}
