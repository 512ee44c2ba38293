using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// A symmetric matrix made tridiagonal by reflections: for each row the reflection H that leaves of it only the
/// neighbour of the diagonal, A = H A H. With w = f (A v - (f/2) (v' A v) v) for its vector v and factor f that is
/// A - v w' - w v'.
/// </summary>
/// <remarks>
/// The pairs (v, w) of a panel of rows are gathered, and taken from the rest of the matrix as one product (Dongarra,
/// Sorensen and Hammarling, "Block reduction of matrices to condensed forms", 1989): then half of the work is a product
/// of the matrix and a vector, which reads it once, and half is matrix products.
/// </remarks>
internal static unsafe class TridiagonalReduction
{
    private const int Panel = 16;

    // What is left at the end is reduced row by row.
    private const int Rest = 32;

    /// <summary>
    /// Reduces the matrix, which is stored in full. The reflections' vectors stay in the rows, behind the diagonal.
    /// </summary>
    /// <param name="a">The matrix, of at least one row.</param>
    /// <param name="diagonal">Receives the diagonal.</param>
    /// <param name="offDiagonal">Receives what stands beside it, and a zero at the end.</param>
    /// <param name="factors">Receives the factors of the reflections; as long as the diagonal.</param>
    /// <param name="room">Where the panels are kept.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(Matrix<T> a, T* diagonal, T* offDiagonal, T* factors, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (n, start) = (a.Rows, 0);
        if (n > Rest + Panel)
        {
            // Rows 2j and 2j + 1 hold v and w of reflection j; in the other matrix w and v.
            var (pairs, swapped) = (room.Matrix(2 * Panel, n), room.Matrix(2 * Panel, n));
            for (; n - start > Rest + Panel; start += Panel)
            {
                for (var j = 0; j < Panel; j++)
                    ReduceRow(a, start + j, diagonal, offDiagonal, factors, pairs, swapped, 2 * j);
                var end = start + Panel;
                MatrixProduct.Subtract(
                    pairs.From(0, end).Transposed, swapped.From(0, end).Straight, a.From(end, end));
            }
        }

        for (; start < n - 1; start++)
        {
            var v = a.Row(start) + start + 1;
            var factor = RowMath.Reflect(v, n - start - 1, out offDiagonal[start]);
            if (factor != T.Zero)
                ReflectBothSides(a.From(start + 1, start + 1), v, factor, factors + start);
            diagonal[start] = a[start, start];
            factors[start] = factor;
        }

        diagonal[n - 1] = a[n - 1, n - 1];
        offDiagonal[n - 1] = T.Zero;
    }

    /// <summary>The room that a matrix of n rows needs.</summary>
    public static long RoomFor(int n) => n > Rest + Panel ? 4L * Panel * n : 0;

    /// <summary>
    /// A row of a panel. The matrix is as it was before the panel: what the pairs of the panel take from it is taken
    /// from the row, and from the product with the row's vector.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReduceRow<T>(
        Matrix<T> a, int k, T* diagonal, T* offDiagonal, T* factors, Matrix<T> pairs, Matrix<T> swapped, int known)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (n, next) = (a.Rows, k + 1);
        RowCombination.Add(T.NegativeOne, pairs.Row(0) + k, pairs.Stride, swapped.Part(0, k, known, n - k), a.Row(k) + k);
        diagonal[k] = a[k, k];
        T* v = a.Row(k) + next, w = swapped.Row(known) + next;
        var rest = n - next;
        var factor = factors[k] = RowMath.Reflect(v, rest, out offDiagonal[k]);
        new Span<T>(w, rest).Clear();
        if (factor != T.Zero)
        {
            RowCombination.Add(T.One, v, 1, a.From(next, next), w);
            var products = stackalloc T[2 * Panel];
            for (var i = 0; i < known; i++)
                products[i] = RowMath.Dot(swapped.Row(i) + next, v, rest);
            RowCombination.Add(T.NegativeOne, products, 1, pairs.Part(0, next, known, rest), w);
            RowMath.Scale(w, factor, rest);
            RowMath.AddScaled(-(factor * RowMath.Dot(w, v, rest) / T.CreateChecked(2)), v, w, rest);
        }

        new Span<T>(v, rest).CopyTo(new Span<T>(pairs.Row(known) + next, rest));
        new Span<T>(v, rest).CopyTo(new Span<T>(swapped.Row(known + 1) + next, rest));
        new Span<T>(w, rest).CopyTo(new Span<T>(pairs.Row(known + 1) + next, rest));
    }

    /// <summary>A - v w' - w v'; w is written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReflectBothSides<T>(Matrix<T> a, T* v, T factor, T* w)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = a.Rows;
        for (var i = 0; i < n; i++)
            w[i] = factor * RowMath.Dot(a.Row(i), v, n);
        RowMath.AddScaled(-(factor * RowMath.Dot(w, v, n) / T.CreateChecked(2)), v, w, n);
        for (var i = 0; i < n; i++)
        {
            RowMath.AddScaled(-v[i], w, a.Row(i), n);
            RowMath.AddScaled(-w[i], v, a.Row(i), n);
        }
    }
}
