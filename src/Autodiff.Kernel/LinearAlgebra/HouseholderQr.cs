using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// A matrix as Q R by reflections: Q has orthonormal columns, as many as the smaller side, and R is upper triangular.
/// The signs are those of LAPACK: an element of R's diagonal has the opposite sign of the element that the reflection
/// met there, unless there was nothing to reflect.
/// </summary>
internal static unsafe class HouseholderQr
{
    // The columns of a panel; fewer are reflected one by one.
    private const int Panel = 32;

    /// <summary>
    /// Overwrites a matrix that is given by its columns (row j is column j) by R above the diagonal and the vectors of
    /// the reflections on and below it, and writes R's diagonal and the factors of the reflections.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Factor<T>(Matrix<T> columns, T* diagonal, T* factors, T* workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var count = Math.Min(columns.Rows, columns.Columns);
        for (var start = 0; start < count; start += Panel)
        {
            var size = PanelSize(start, count);
            var panel = columns.Part(start, start, size, columns.Columns - start);
            FactorPanel(panel, diagonal + start, factors + start);
            if (start + size < columns.Rows)
                new BlockReflector<T>(panel, factors + start, workspace).Apply(columns.From(start + size, start), true);
        }
    }

    /// <summary>Writes the columns of Q as rows: the reflections, the last one first, of the first unit vectors.</summary>
    /// <param name="columns">The vectors: that of reflection j stands in row j, from the diagonal on.</param>
    /// <param name="factors">The factors of the reflections.</param>
    /// <param name="q">As many rows as wanted, no fewer than there are reflections.</param>
    /// <param name="workspace">Memory to work in.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FormQ<T>(Matrix<T> columns, T* factors, Matrix<T> q, T* workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        q.SetIdentity();
        var count = Math.Min(columns.Rows, columns.Columns);
        if (q.Rows <= Panel)
        {
            for (var j = count - 1; j >= 0; j--)
                for (var row = j; row < q.Rows; row++)
                    Apply(columns.Row(j) + j, factors[j], q.Row(row) + j, columns.Columns - j);
            return;
        }

        for (var start = (count - 1) / Panel * Panel; start >= 0; start -= Panel)
        {
            var panel = columns.Part(start, start, PanelSize(start, count), columns.Columns - start);
            new BlockReflector<T>(panel, factors + start, workspace).Apply(q.From(start, start), false);
        }
    }

    /// <summary>
    /// The elements of the workspace for reflections of vectors of a length, applied to so many rows: a panel's vectors,
    /// their transpose, T, and two products.
    /// </summary>
    public static long RoomFor(int rows, int length) =>
        (long)Panel * ((2L * length) + Panel + (2L * Math.Max(rows, Panel)));

    /// <summary>Writes R.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    private static int PanelSize(int start, int count) => Math.Min(Panel, count - start);

    /// <summary>The reflections of a few columns, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FactorPanel<T>(Matrix<T> columns, T* diagonal, T* factors)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = 0; j < columns.Rows; j++)
        {
            factors[j] = RowMath.Reflect(columns.Row(j) + j, columns.Columns - j, out diagonal[j]);
            for (var other = j + 1; other < columns.Rows; other++)
                Apply(columns.Row(j) + j, factors[j], columns.Row(other) + j, columns.Columns - j);
        }
    }

    /// <summary>x = (I - factor v v') x.</summary>
    public static void Apply<T>(T* v, T factor, T* x, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (factor != T.Zero)
            RowMath.AddScaled(-(factor * RowMath.Dot(v, x, length)), v, x, length);
    }
}
