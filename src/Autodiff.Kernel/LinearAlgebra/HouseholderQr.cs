using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A matrix as Q R by reflections: Q has orthonormal columns, as many as the smaller side, and R is upper triangular.
/// The signs are those of LAPACK: an element of R's diagonal has the opposite sign of the element that the reflection
/// met there, unless there was nothing to reflect.
/// </summary>
internal static unsafe class HouseholderQr
{
    /// <summary>
    /// Overwrites a matrix that is given by its columns (row j is column j) by R above the diagonal and the vectors of
    /// the reflections on and below it, and writes R's diagonal and the factors of the reflections.
    /// </summary>
    public static void Factor<T>(Matrix<T> columns, T* diagonal, T* factors)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var length = columns.Columns;
        for (var j = 0; j < Math.Min(columns.Rows, length); j++)
        {
            factors[j] = RowMath.Reflect(columns.Row(j) + j, length - j, out diagonal[j]);
            for (var other = j + 1; other < columns.Rows; other++)
                Apply(columns.Row(j) + j, factors[j], columns.Row(other) + j, length - j);
        }
    }

    /// <summary>Writes the columns of Q as rows: the reflections, the last one first, of the first unit vectors.</summary>
    public static void FormQ<T>(Matrix<T> columns, T* factors, Matrix<T> q)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        q.SetIdentity();
        for (var j = q.Rows - 1; j >= 0; j--)
            for (var row = j; row < q.Rows; row++)
                Apply(columns.Row(j) + j, factors[j], q.Row(row) + j, columns.Columns - j);
    }

    /// <summary>Writes R.</summary>
    public static void CopyR<T>(Matrix<T> columns, T* diagonal, Matrix<T> r)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        r.Elements.Clear();
        for (var i = 0; i < r.Rows; i++)
        {
            r[i, i] = diagonal[i];
            for (var j = i + 1; j < r.Columns; j++)
                r[i, j] = columns[j, i];
        }
    }

    /// <summary>x = (I - factor v v') x.</summary>
    public static void Apply<T>(T* v, T factor, T* x, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (factor != T.Zero)
            RowMath.AddScaled(-(factor * RowMath.Dot(v, x, length)), v, x, length);
    }
}
