using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>A symmetric positive definite matrix as L L', L lower triangular with a positive diagonal.</summary>
internal static unsafe class Cholesky
{
    /// <summary>The columns of a panel; a matrix of fewer is one panel.</summary>
    private const int Panel = 32;

    private const int RowBlock = 96;

    /// <summary>
    /// Overwrites a matrix with zeros above the diagonal, which stay, by L. Gives 0, or the order of the first leading
    /// minor that is not positive.
    /// </summary>
    /// <remarks>
    /// Panel by panel of columns: their part of L, and from the rest of the matrix the product of that part and its
    /// transpose.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Factor<T>(Matrix<T> a, Room<T> room) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = a.Rows;
        if (n <= Panel)
            return Factor(a);
        var scratch = room.Matrix(Panel, n);
        for (var start = 0; start < n; start += Panel)
        {
            var size = Math.Min(Panel, n - start);
            var columns = scratch.Part(0, start, size, n - start);
            a.Part(start, start, n - start, size).TransposeTo(columns);
            var order = FactorColumns(columns);
            if (order > 0)
                return start + order;
            columns.TransposeTo(a.Part(start, start, n - start, size));
            a.Part(start, start + size, size, n - start - size).Clear();
            Update(columns.From(0, size), a.From(start + size, start + size));
        }

        return 0;
    }

    /// <summary>The room that a matrix of n rows needs.</summary>
    public static long RoomFor(int n) => n <= Panel ? 0 : (long)Panel * n;

    /// <summary>A small matrix: each element takes one dot product of two rows of L.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Factor<T>(Matrix<T> a) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < a.Rows; i++)
        {
            var row = a.Row(i);
            for (var j = 0; j < i; j++)
                row[j] = (row[j] - RowMath.Dot(row, a.Row(j), j)) / a[j, j];
            var rest = row[i] - RowMath.Dot(row, row, i);
            if (!(rest > T.Zero))
                return i + 1;
            row[i] = T.Sqrt(rest);
        }

        return 0;
    }

    /// <summary>A panel given by its columns, as rows: each without its part in those before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int FactorColumns<T>(Matrix<T> columns) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = 0; j < columns.Rows; j++)
        {
            var column = columns.Row(j) + j;
            var length = columns.Columns - j;
            RowCombination.Add(T.NegativeOne, columns.Row(0) + j, columns.Stride, columns.Part(0, j, j, length), column);
            if (!(*column > T.Zero))
                return j + 1;
            RowMath.Divide(column, T.Sqrt(*column), length);
            new Span<T>(columns.Row(j), j).Clear();
        }

        return 0;
    }

    /// <summary>
    /// Takes the product of a panel and its transpose from the lower triangle of what is left; its blocks on the diagonal
    /// are squares.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Update<T>(Matrix<T> columns, Matrix<T> rest) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var start = 0; start < rest.Rows; start += RowBlock)
        {
            var end = Math.Min(rest.Rows, start + RowBlock);
            MatrixProduct.Subtract(
                columns.Part(0, start, columns.Rows, end - start).Transposed,
                columns.Part(0, 0, columns.Rows, end).Straight,
                rest.Part(start, 0, end - start, end));
        }
    }
}
