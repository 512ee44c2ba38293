using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Which triangle of a matrix is meant, and how.</summary>
/// <param name="IsLower">Whether it is the lower one; the elements of the other are not read.</param>
/// <param name="IsTransposed">Whether its transpose is meant.</param>
/// <param name="HasUnitDiagonal">Whether the diagonal is one, whatever stands there.</param>
internal readonly record struct TriangularForm(bool IsLower, bool IsTransposed, bool HasUnitDiagonal);

/// <summary>The solution of triangular systems.</summary>
internal static unsafe class Substitution
{
    // Rows that are solved one by one before their product is taken from the others.
    private const int Block = 32;

    /// <summary>
    /// Overwrites b by the solution x of T x = b. Gives -1, or the first place of the diagonal that is zero; then b is
    /// left as it is.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Solve<T>(Matrix<T> t, TriangularForm form, Matrix<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!form.HasUnitDiagonal)
            for (var i = 0; i < t.Rows; i++)
                if (t[i, i] == T.Zero)
                    return i;
        if (b.Columns == 1)
            SolveVector(t, form, (T*)b.Start);
        else if (form.IsLower != form.IsTransposed)
            SolveForward(t, form, b);
        else
            SolveBackward(t, form, b);
        return -1;
    }

    /// <summary>Blocks of rows from the first on; what is solved is taken from all rows behind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SolveForward<T>(Matrix<T> t, TriangularForm form, Matrix<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var start = 0; start < t.Rows; start += Block)
        {
            var end = Math.Min(t.Rows, start + Block);
            for (var i = start; i < end; i++)
                SolveRow(t, form, b, i, start, i);
            MatrixProduct.Subtract(
                Coefficients(t, form, end, t.Rows, start, end), Rows(b, start, end).Straight, Rows(b, end, t.Rows));
        }
    }

    /// <summary>Blocks of rows from the last on; what is solved is taken from all rows before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SolveBackward<T>(Matrix<T> t, TriangularForm form, Matrix<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var end = t.Rows; end > 0; end -= Block)
        {
            var start = Math.Max(0, end - Block);
            for (var i = end - 1; i >= start; i--)
                SolveRow(t, form, b, i, i + 1, end);
            MatrixProduct.Subtract(
                Coefficients(t, form, 0, start, start, end), Rows(b, start, end).Straight, Rows(b, 0, start));
        }
    }

    /// <summary>Row i of the solution, from the rows of its block that are known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SolveRow<T>(Matrix<T> t, TriangularForm form, Matrix<T> b, int i, int first, int end)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var factors = form.IsTransposed ? t.Row(first) + i : t.Row(i) + first;
        var step = form.IsTransposed ? t.Stride : 1;
        RowCombination.Add(T.NegativeOne, factors, step, Rows(b, first, end), b.Row(i));
        if (!form.HasUnitDiagonal)
            RowMath.Divide(b.Row(i), t[i, i], b.Columns);
    }

    private static Matrix<T> Rows<T>(Matrix<T> b, int first, int end)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => b.Part(first, 0, end - first, b.Columns);

    /// <summary>A block of the matrix that the form means.</summary>
    private static Factor<T> Coefficients<T>(Matrix<T> t, TriangularForm form, int row, int rowEnd, int column, int columnEnd)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        form.IsTransposed
            ? t.Part(column, row, columnEnd - column, rowEnd - row).Transposed
            : t.Part(row, column, rowEnd - row, columnEnd - column).Straight;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SolveVector<T>(Matrix<T> t, TriangularForm form, T* b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var isForward = form.IsLower != form.IsTransposed;
        for (var step = 0; step < t.Rows; step++)
            SolveNumber(t, form, b, isForward ? step : t.Rows - 1 - step);
    }

    /// <summary>
    /// One right-hand side walks along the rows of the triangle: a dot product with what is known, or of the transpose
    /// what is known taken from the rest.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SolveNumber<T>(Matrix<T> t, TriangularForm form, T* b, int i)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (first, end) = form.IsLower ? (0, i) : (i + 1, t.Rows);
        if (!form.IsTransposed)
            b[i] -= RowMath.Dot(t.Row(i) + first, b + first, end - first);
        if (!form.HasUnitDiagonal)
            b[i] /= t[i, i];
        if (form.IsTransposed)
            RowMath.AddScaled(-b[i], t.Row(i) + first, b + first, end - first);
    }
}
