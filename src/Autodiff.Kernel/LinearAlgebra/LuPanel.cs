using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The steps of <see cref="LuFactors"/> on a panel: a few columns of a matrix, kept as rows.</summary>
internal static unsafe class LuPanel
{
    // Columns that are taken from another in one walk.
    private const int Group = 8;

    /// <summary>
    /// Overwrites a panel by its factors. Rows of the matrix outside the panel are exchanged as the panel's are.
    /// </summary>
    /// <param name="columns">The columns from the panel's first row on.</param>
    /// <param name="a">The matrix.</param>
    /// <param name="start">The first row and column of the panel.</param>
    /// <param name="rows">The permutation.</param>
    /// <returns>The sign of the exchanges.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Factor<T>(Matrix<T> columns, Matrix<T> a, int start, long* rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var sign = 1;
        for (var j = 0; j < columns.Rows; j++)
        {
            var column = columns.Row(j);
            TakeEarlier(columns, j);
            var pivot = j + RowMath.IndexOfMaxMagnitude(column + j, columns.Columns - j);
            if (pivot != j)
            {
                for (var other = 0; other < columns.Rows; other++)
                    (columns[other, j], columns[other, pivot]) = (columns[other, pivot], columns[other, j]);
                Exchange(a, start, columns.Rows, start + j, start + pivot);
                (rows[start + j], rows[start + pivot]) = (rows[start + pivot], rows[start + j]);
                sign = -sign;
            }

            if (column[j] != T.Zero)
                RowMath.Divide(column + j + 1, column[j], columns.Columns - j - 1);
        }

        return sign;
    }

    /// <summary>
    /// The rows of U beside a panel, and what is left below them without the product of the panel and these rows.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Eliminate<T>(Matrix<T> columns, Matrix<T> beside)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (beside.Columns == 0)
            return;
        var size = columns.Rows;
        for (var i = 1; i < size; i++)
            RowCombination.Add(
                T.NegativeOne, columns.Row(0) + i, columns.Stride, beside.Part(0, 0, i, beside.Columns), beside.Row(i));
        MatrixProduct.Subtract(
            columns.From(0, size).Transposed, beside.Part(0, 0, size, beside.Columns).Straight, beside.From(size, 0));
    }

    /// <summary>Takes from column j its parts in the columns before it, a group of them at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakeEarlier<T>(Matrix<T> columns, int j) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var column = columns.Row(j);
        for (var first = 0; first < j; first += Group)
        {
            var end = Math.Min(j, first + Group);
            for (var k = first; k < end - 1; k++)
                for (var i = k + 1; i < end; i++)
                    column[i] = SimdWidths.MultiplyAdd(-column[k], columns[k, i], column[i]);
            RowCombination.Add(
                T.NegativeOne, column + first, 1, columns.Part(first, end, end - first, columns.Columns - end),
                column + end);
        }
    }

    private static void Exchange<T>(Matrix<T> a, int start, int size, int row, int other)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RowMath.Swap(a.Row(row), a.Row(other), start);
        RowMath.Swap(a.Row(row) + start + size, a.Row(other) + start + size, a.Columns - start - size);
    }
}
