using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>Which triangle of a matrix is meant, and how.</summary>
/// <param name="IsLower">Whether it is the lower one; the elements of the other are not read.</param>
/// <param name="IsTransposed">Whether its transpose is meant.</param>
/// <param name="HasUnitDiagonal">Whether the diagonal is one, whatever stands there.</param>
internal readonly record struct TriangularForm(bool IsLower, bool IsTransposed, bool HasUnitDiagonal);

/// <summary>The solution of triangular systems.</summary>
internal static unsafe class Substitution
{
    /// <summary>
    /// Overwrites b by the solution x of T x = b. Gives -1, or the first place of the diagonal that is zero; then b is
    /// left as it is.
    /// </summary>
    public static int Solve<T>(Matrix<T> t, TriangularForm form, Matrix<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!form.HasUnitDiagonal)
            for (var i = 0; i < t.Rows; i++)
                if (t[i, i] == T.Zero)
                    return i;
        var isForward = form.IsLower != form.IsTransposed;
        for (var step = 0; step < t.Rows; step++)
        {
            var i = isForward ? step : t.Rows - 1 - step;
            if (b.Columns == 1)
                SolveNumber(t, form, (T*)b.Start, i);
            else
                SolveRow(t, form, b, i, isForward);
        }

        return -1;
    }

    /// <summary>Row i of the solution, from those that are known.</summary>
    private static void SolveRow<T>(Matrix<T> t, TriangularForm form, Matrix<T> b, int i, bool isForward)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (first, end) = isForward ? (0, i) : (i + 1, t.Rows);
        for (var j = first; j < end; j++)
        {
            var factor = form.IsTransposed ? t[j, i] : t[i, j];
            if (factor != T.Zero)
                RowMath.AddScaled(-factor, b.Row(j), b.Row(i), b.Columns);
        }

        if (!form.HasUnitDiagonal)
            RowMath.Divide(b.Row(i), t[i, i], b.Columns);
    }

    /// <summary>
    /// One right-hand side walks along the rows of the triangle: a dot product with what is known, or of the transpose
    /// what is known taken from the rest.
    /// </summary>
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
