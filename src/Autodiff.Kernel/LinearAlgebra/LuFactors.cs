using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// A square matrix with its rows permuted as L U: L unit lower triangular, U upper triangular. Partial pivoting: of the
/// candidates for a pivot the first of the largest absolute value is taken.
/// </summary>
internal static unsafe class LuFactors
{
    /// <summary>The columns of a panel; a matrix of fewer is eliminated row by row.</summary>
    private const int Panel = 32;

    /// <summary>
    /// Overwrites the matrix by U on and above the diagonal and L below it. Row i of the product is row
    /// <paramref name="rows"/>[i] of the matrix. A column without a pivot is left as it is: U then has a zero on its
    /// diagonal. Gives the sign of the permutation.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Factor<T>(Matrix<T> a, long* rows, Room<T> room) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = a.Rows;
        for (var i = 0; i < n; i++)
            rows[i] = i;
        if (n <= Panel)
            return Factor(a, rows);
        var sign = 1;
        var scratch = room.Matrix(Panel, n);
        for (var start = 0; start < n; start += Panel)
        {
            var size = Math.Min(Panel, n - start);
            var columns = scratch.Part(0, start, size, n - start);
            a.Part(start, start, n - start, size).TransposeTo(columns);
            sign *= LuPanel.Factor(columns, a, start, rows);
            columns.TransposeTo(a.Part(start, start, n - start, size));
            LuPanel.Eliminate(columns, a.From(start, start + size));
        }

        return sign;
    }

    /// <summary>The room that a matrix of n rows needs.</summary>
    public static long RoomFor(int n) => n <= Panel ? 0 : (long)Panel * n;

    /// <summary>The determinant, its sign, and the logarithm of its absolute value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Summarise<T>(Matrix<T> factors, int sign, T* summary)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T determinant = T.CreateChecked(sign), direction = determinant, logarithm = T.Zero;
        for (var i = 0; i < factors.Rows; i++)
        {
            var pivot = factors[i, i];
            determinant *= pivot;
            direction *= pivot == T.Zero || T.IsNaN(pivot) ? pivot : T.CopySign(T.One, pivot);
            logarithm += T.Log(T.Abs(pivot));
        }

        (summary[0], summary[1], summary[2]) = (determinant, direction, logarithm);
    }

    /// <summary>
    /// Writes the solution x of A x = b, or of A' x = b, for the matrix of the factors. Gives -1, or the first pivot
    /// that is zero.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Solve<T>(Matrix<T> factors, long* rows, bool isTransposed, Matrix<T> b, Matrix<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (lower, upper) = (new TriangularForm(true, isTransposed, true), new TriangularForm(false, isTransposed, false));
        if (!isTransposed)
        {
            for (var i = 0; i < b.Rows; i++)
                Row(b, (int)rows[i]).CopyTo(Row(x, i));
            Substitution.Solve(factors, lower, x);
            return Substitution.Solve(factors, upper, x);
        }

        var zero = Substitution.Solve(factors, upper, b);
        Substitution.Solve(factors, lower, b);
        for (var i = 0; i < b.Rows; i++)
            Row(b, i).CopyTo(Row(x, (int)rows[i]));
        return zero;
    }

    private static Span<T> Row<T>(Matrix<T> matrix, int row) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new(matrix.Row(row), matrix.Columns);

    /// <summary>A small matrix: the row of each pivot, scaled, is taken from the rows below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Factor<T>(Matrix<T> a, long* rows) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var sign = 1;
        for (var k = 0; k < a.Rows; k++)
        {
            var pivot = Pivot(a, k);
            if (pivot != k)
            {
                RowMath.Swap(a.Row(k), a.Row(pivot), a.Columns);
                (rows[k], rows[pivot]) = (rows[pivot], rows[k]);
                sign = -sign;
            }

            if (a[k, k] != T.Zero)
                Eliminate(a, k);
        }

        return sign;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Pivot<T>(Matrix<T> a, int k) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var best = k;
        for (var i = k + 1; i < a.Rows; i++)
            if (T.Abs(a[i, k]) > T.Abs(a[best, k]))
                best = i;
        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eliminate<T>(Matrix<T> a, int k) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = k + 1; i < a.Rows; i++)
        {
            if (a[i, k] == T.Zero)
                continue;
            a[i, k] /= a[k, k];
            RowMath.AddScaled(-a[i, k], a.Row(k) + k + 1, a.Row(i) + k + 1, a.Columns - k - 1);
        }
    }
}
