using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// Eigenvalues, ascending, and orthonormal eigenvectors of a symmetric matrix: reflections make it tridiagonal, then
/// implicit QL steps with Wilkinson's shift make it diagonal (Golub and Van Loan, section 8.3). Of each eigenvector the
/// component of the largest absolute value, the first of several, is positive.
/// </summary>
internal static unsafe class SymmetricEigen
{
    // Two or three steps find an eigenvalue; so many are never needed.
    private const int MaxSteps = 60;

    /// <summary>
    /// Destroys the matrix; writes the eigenvalues, and the eigenvectors as rows. Gives -1, or the number of an
    /// eigenvalue that was not found.
    /// </summary>
    public static int Factor<T>(Matrix<T> a, T* values, Matrix<T> vectors, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = a.Rows;
        if (n == 0)
            return -1;
        T* offDiagonal = room.Row(n), scratch = room.Row(n);
        var exponent = a.Normalise();
        Tridiagonalise(a, values, offDiagonal, scratch);
        Accumulate(a, scratch, vectors);
        var failed = Diagonalise(values, offDiagonal, vectors);
        for (var i = 0; i < n; i++)
            values[i] = T.ScaleB(values[i], exponent);
        Arrange(values, vectors);
        return failed;
    }

    /// <summary>The room that a matrix of n rows needs.</summary>
    public static long RoomFor(int n) => 2L * n;

    /// <summary>
    /// For each row the reflection H that leaves of it only the neighbour of the diagonal; the rest becomes H A H. The
    /// reflections' vectors stay in the rows, behind the diagonal; their factors overwrite the scratch.
    /// </summary>
    private static void Tridiagonalise<T>(Matrix<T> a, T* diagonal, T* offDiagonal, T* scratch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = a.Rows;
        for (var k = 0; k < n - 1; k++)
        {
            var v = a.Row(k) + k + 1;
            var factor = RowMath.Reflect(v, n - k - 1, out offDiagonal[k]);
            if (factor != T.Zero)
                ReflectBothSides(a, k + 1, v, factor, scratch + k);
            diagonal[k] = a[k, k];
            scratch[k] = factor;
        }

        diagonal[n - 1] = a[n - 1, n - 1];
        offDiagonal[n - 1] = T.Zero;
    }

    /// <summary>
    /// A - v w' - w v' for w = factor (A v - (factor/2) (v' A v) v), over the rows and columns from a first one on.
    /// </summary>
    private static void ReflectBothSides<T>(Matrix<T> a, int first, T* v, T factor, T* w)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var rest = a.Rows - first;
        for (var i = 0; i < rest; i++)
            w[i] = factor * RowMath.Dot(a.Row(first + i) + first, v, rest);
        RowMath.AddScaled(-(factor * RowMath.Dot(w, v, rest) / T.CreateChecked(2)), v, w, rest);
        for (var i = 0; i < rest; i++)
        {
            RowMath.AddScaled(-v[i], w, a.Row(first + i) + first, rest);
            RowMath.AddScaled(-w[i], v, a.Row(first + i) + first, rest);
        }
    }

    /// <summary>The product of the reflections, transposed: its rows will be turned into the eigenvectors.</summary>
    private static void Accumulate<T>(Matrix<T> a, T* factors, Matrix<T> vectors)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        vectors.SetIdentity();
        for (var k = a.Rows - 2; k >= 0; k--)
            for (var row = k + 1; row < a.Rows; row++)
                HouseholderQr.Apply(a.Row(k) + k + 1, factors[k], vectors.Row(row) + k + 1, a.Rows - k - 1);
    }

    private static int Diagonalise<T>(T* d, T* e, Matrix<T> vectors)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var first = 0; first < vectors.Rows; first++)
            for (var step = 0; ; step++)
            {
                var last = BlockEnd(d, e, first, vectors.Rows);
                if (last == first)
                    break;
                if (step == MaxSteps)
                    return first;
                QlStep(d, e, first, last, vectors);
            }

        return -1;
    }

    /// <summary>
    /// The end of the block that begins at a row: the next place where the neighbour of the diagonal is negligible,
    /// beside the diagonal or beside the matrix, whose largest element is about 1.
    /// </summary>
    private static int BlockEnd<T>(T* d, T* e, int first, int count) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var epsilon = T.BitIncrement(T.One) - T.One;
        var last = first;
        while (last < count - 1
            && T.Abs(e[last]) > epsilon * T.Max(epsilon, T.Abs(d[last]) + T.Abs(d[last + 1])))
            last++;
        return last;
    }

    /// <summary>One implicit QL step over a block: rotations chase the bulge from its end to its beginning.</summary>
    private static void QlStep<T>(T* d, T* e, int first, int last, Matrix<T> vectors)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var two = T.CreateChecked(2);
        var g = (d[first + 1] - d[first]) / (two * e[first]);
        g = d[last] - d[first] + (e[first] / (g + T.CopySign(T.Hypot(g, T.One), g)));
        T s = T.One, c = T.One, shift = T.Zero;
        for (var i = last - 1; i >= first; i--)
        {
            var (f, b) = (s * e[i], c * e[i]);
            var r = T.Hypot(f, g);
            e[i + 1] = r;
            if (r == T.Zero)
            {
                // The block has split: what is left of it is taken up by the next step.
                d[i + 1] -= shift;
                e[last] = T.Zero;
                return;
            }

            (s, c) = (f / r, g / r);
            g = d[i + 1] - shift;
            r = ((d[i] - g) * s) + (two * c * b);
            shift = s * r;
            d[i + 1] = g + shift;
            g = (c * r) - b;
            RowMath.Rotate(vectors.Row(i), vectors.Row(i + 1), c, s, vectors.Columns);
        }

        d[first] -= shift;
        (e[first], e[last]) = (g, T.Zero);
    }

    /// <summary>Ascending order, and the sign of each vector.</summary>
    private static void Arrange<T>(T* values, Matrix<T> vectors) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = vectors.Rows;
        for (var i = 0; i < n; i++)
        {
            var least = i;
            for (var j = i + 1; j < n; j++)
                if (values[j] < values[least])
                    least = j;
            if (least != i)
            {
                (values[i], values[least]) = (values[least], values[i]);
                RowMath.Swap(vectors.Row(i), vectors.Row(least), n);
            }

            var vector = vectors.Row(i);
            if (vector[RowMath.IndexOfMaxMagnitude(vector, n)] < T.Zero)
                RowMath.Negate(vector, n);
        }
    }
}
