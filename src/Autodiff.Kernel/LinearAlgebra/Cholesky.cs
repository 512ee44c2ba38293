using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>A symmetric positive definite matrix as L L', L lower triangular with a positive diagonal.</summary>
internal static unsafe class Cholesky
{
    /// <summary>
    /// Overwrites a matrix, of which only the lower triangle is read, by L with zeros above the diagonal. Each element
    /// takes one dot product of two rows of L. Gives 0, or the order of the first leading minor that is not positive.
    /// </summary>
    public static int Factor<T>(Matrix<T> a) where T : unmanaged, IBinaryFloatingPointIeee754<T>
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
            new Span<T>(row + i + 1, a.Columns - i - 1).Clear();
        }

        return 0;
    }
}
