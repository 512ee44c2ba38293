using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// A matrix with no fewer rows than columns made upper bidiagonal by reflections, in turn of a column from the left and
/// of a row from the right.
/// </summary>
/// <remarks>
/// What the reflections of a panel take from the matrix is a sum of outer products u y' + x v', with the vectors u and v
/// of the reflections; it is gathered and taken from the rest at once (Dongarra, Sorensen and Hammarling, "Block
/// reduction of matrices to condensed forms", 1989): then half of the work is products of the matrix and a vector, which
/// read it twice for each column, and half is matrix products.
/// </remarks>
internal static unsafe class BidiagonalReduction
{
    private const int Panel = 16;

    /// <summary>Reduces the matrix. The vectors of the right reflections stay in its rows, behind the diagonal.</summary>
    /// <param name="a">The matrix.</param>
    /// <param name="diagonal">Receives the diagonal.</param>
    /// <param name="offDiagonal">Receives what stands above it.</param>
    /// <param name="left">Receives the vectors of the left reflections: in row j, from the diagonal on.</param>
    /// <param name="leftFactors">Receives the factors of the left reflections.</param>
    /// <param name="rightFactors">Receives those of the right ones, one less.</param>
    /// <param name="room">Where the panels are kept.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(
        Matrix<T> a, T* diagonal, T* offDiagonal, Matrix<T> left, T* leftFactors, T* rightFactors, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Rows 2j and 2j + 1 of the one hold u and x, of the other y and v.
        var (columns, rows) = (room.Matrix(2 * Panel, a.Rows), room.Matrix(2 * Panel, a.Columns));
        for (var start = 0; start < a.Columns; start += Panel)
        {
            var end = Math.Min(a.Columns, start + Panel);
            for (var k = start; k < end; k++)
            {
                var known = 2 * (k - start);
                leftFactors[k] = ReflectColumn(a, k, columns, rows, known, left.Row(k) + k, out diagonal[k]);
                if (k + 1 < a.Columns)
                    rightFactors[k] = ReflectRow(a, k, columns, rows, known + 1, out offDiagonal[k]);
            }

            if (end < a.Columns)
                MatrixProduct.Subtract(columns.From(0, end).Transposed, rows.From(0, end).Straight, a.From(end, end));
        }
    }

    /// <summary>The room that a matrix needs.</summary>
    public static long RoomFor(int rows, int columns) => 2L * Panel * (rows + columns);

    /// <summary>
    /// Column k from the diagonal on, u, without what the known products take from it, is reflected; y = f A' u for the
    /// rest of the matrix and the factor f.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T ReflectColumn<T>(
        Matrix<T> a, int k, Matrix<T> columns, Matrix<T> rows, int known, T* u, out T beta)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (height, width) = (a.Rows - k, a.Columns - k - 1);
        for (var i = 0; i < height; i++)
            u[i] = a[k + i, k];
        RowCombination.Add(T.NegativeOne, rows.Row(0) + k, rows.Stride, columns.Part(0, k, known, height), u);
        var factor = RowMath.Reflect(u, height, out beta);
        new Span<T>(u, height).CopyTo(new Span<T>(columns.Row(known) + k, height));
        var y = rows.Row(known) + k + 1;
        new Span<T>(y, width).Clear();
        if (factor == T.Zero || width == 0)
            return factor;
        RowCombination.Add(T.One, u, 1, a.From(k, k + 1), y);
        TakeProducts(columns.Part(0, k, known, height), u, rows.Part(0, k + 1, known, width), y);
        RowMath.Scale(y, factor, width);
        return factor;
    }

    /// <summary>Row k behind the diagonal, v, likewise; x = f A v.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T ReflectRow<T>(Matrix<T> a, int k, Matrix<T> columns, Matrix<T> rows, int known, out T beta)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (next, height, width) = (k + 1, a.Rows - k - 1, a.Columns - k - 1);
        var v = a.Row(k) + next;
        RowCombination.Add(T.NegativeOne, columns.Row(0) + k, columns.Stride, rows.Part(0, next, known, width), v);
        var factor = RowMath.Reflect(v, width, out beta);
        new Span<T>(v, width).CopyTo(new Span<T>(rows.Row(known) + next, width));
        var x = columns.Row(known) + next;
        new Span<T>(x, height).Clear();
        if (factor == T.Zero)
            return factor;
        for (var i = 0; i < height; i++)
            x[i] = RowMath.Dot(a.Row(next + i) + next, v, width);
        TakeProducts(rows.Part(0, next, known, width), v, columns.Part(0, next, known, height), x);
        RowMath.Scale(x, factor, height);
        return factor;
    }

    /// <summary>y = y - (r0 . x) s0 - (r1 . x) s1 - ... for the rows r and s of two matrices.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakeProducts<T>(Matrix<T> r, T* x, Matrix<T> s, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var products = stackalloc T[2 * Panel];
        for (var i = 0; i < r.Rows; i++)
            products[i] = RowMath.Dot(r.Row(i), x, r.Columns);
        RowCombination.Add(T.NegativeOne, products, 1, s, y);
    }
}
