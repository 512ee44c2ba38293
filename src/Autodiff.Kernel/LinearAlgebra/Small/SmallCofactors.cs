using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The cofactors of many matrices of at most four rows at a time, from their minors: exact for matrices of any rank.
/// </summary>
internal static class SmallCofactors
{
    /// <summary>The rows of the largest matrices.</summary>
    public const int MostRows = 4;

    /// <summary>Writes the cofactors of <paramref name="a"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write<V, T>(LaneMatrices<V, T> a, LaneMatrices<V, T> result)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < a.Rows; i++)
            for (var j = 0; j < a.Rows; j++)
            {
                var minor = Minor(a, i, j);
                result[i, j] = (i + j) % 2 == 0 ? minor : -minor;
            }
    }

    /// <summary>The determinant of what is left without a row and a column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Minor<V, T>(LaneMatrices<V, T> a, int row, int column)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int r0 = After(-1, row), r1 = After(r0, row), r2 = After(r1, row);
        int c0 = After(-1, column), c1 = After(c0, column), c2 = After(c1, column);
        return a.Rows switch
        {
            1 => 1,
            2 => a[r0, c0],
            3 => Determinant(a, r0, r1, c0, c1),
            _ => V.Fma(
                a[r0, c0], Determinant(a, r1, r2, c1, c2),
                V.Fma(-a[r0, c1], Determinant(a, r1, r2, c0, c2), a[r0, c2] * Determinant(a, r1, r2, c0, c1))),
        };
    }

    /// <summary>The next row or column but one that is left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int After(int place, int without) => place + (place + 1 == without ? 2 : 1);

    /// <summary>
    /// The determinant of two rows and columns, a d - b c. What rounding took from b c comes back in the end, so that
    /// it is right to two roundings also where the products nearly cancel (Kahan).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Determinant<V, T>(LaneMatrices<V, T> m, int row0, int row1, int column0, int column1)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V a = m[row0, column0], b = m[row0, column1], c = m[row1, column0], d = m[row1, column1];
        var product = b * c;
        return V.Fma(a, d, -product) - V.Fma(b, c, -product);
    }
}
