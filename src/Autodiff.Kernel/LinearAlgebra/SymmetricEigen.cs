using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Eigenvalues, ascending, and orthonormal eigenvectors of a symmetric matrix: reflections make it tridiagonal, then
/// implicit QL or QR steps with Wilkinson's shift make it diagonal (Golub and Van Loan, section 8.3). Of each eigenvector the
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Factor<T>(Matrix<T> a, T* values, Matrix<T> vectors, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = a.Rows;
        if (n == 0)
            return -1;
        T* offDiagonal = room.Row(n), factors = room.Row(n);
        var exponent = a.Normalise();
        TridiagonalReduction.Run(a, values, offDiagonal, factors, room);

        // The product of the reflections, transposed: its rows will be turned into the eigenvectors.
        vectors.SetIdentity();
        var workspace = room.Row((int)HouseholderQr.RoomFor(n, n));
        HouseholderQr.FormQ(a.Part(0, 1, n - 1, n - 1), factors, vectors.From(1, 1), workspace);
        var failed = Diagonalise(values, offDiagonal, vectors, room);
        for (var i = 0; i < n; i++)
            values[i] = T.ScaleB(values[i], exponent);
        Arrange(values, vectors);
        return failed;
    }

    /// <summary>The room that a matrix of n rows needs.</summary>
    public static long RoomFor(int n) =>
        (2L * n) + TridiagonalReduction.RoomFor(n) + HouseholderQr.RoomFor(n, n) + RotationSweeps<double>.RoomFor(n);

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Diagonalise<T>(T* d, T* e, Matrix<T> vectors, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var memory = stackalloc Sweep[RotationSweeps<T>.MostSweeps];
        var sweeps = new RotationSweeps<T>(vectors, memory, room);
        var (n, isDown, end) = (vectors.Rows, true, -1);
        var steps = MaxSteps * (long)n;
        for (var first = 0; first < n; first++)
            for (var last = BlockEnd(d, e, first, n); last > first; last = BlockEnd(d, e, first, n))
            {
                if (steps-- == 0)
                    return first;

                // A block is chased from its larger end to its smaller one: what is small comes out first.
                if (first > end)
                    (isDown, end) = (T.Abs(d[last]) >= T.Abs(d[first]), last);
                sweeps.Begin(isDown ? last : first, isDown ? -1 : 1, last - first);
                if (isDown)
                    QlStep(d + first, e + first, 1, last - first, ref sweeps);
                else
                    QlStep(d + last, e + last - 1, -1, last - first, ref sweeps);
            }

        sweeps.Apply();
        return -1;
    }

    /// <summary>
    /// The end of the block that begins at a row: the next place where the neighbour of the diagonal is negligible,
    /// beside the diagonal or beside the matrix, whose largest element is about 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int BlockEnd<T>(T* d, T* e, int first, int count) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var epsilon = T.BitIncrement(T.One) - T.One;
        var last = first;
        while (last < count - 1
            && T.Abs(e[last]) > epsilon * T.Max(epsilon, T.Abs(d[last]) + T.Abs(d[last + 1])))
            last++;
        return last;
    }

    /// <summary>
    /// One implicit QL step over a block: rotations chase the bulge from its end to its beginning. With the order of its
    /// rows reversed, that is a QR step.
    /// </summary>
    /// <param name="d">The first element of the diagonal.</param>
    /// <param name="e">Its neighbour.</param>
    /// <param name="step">Where the next row lies: 1 or -1.</param>
    /// <param name="count">The number of neighbours of the diagonal.</param>
    /// <param name="sweeps">Receives the rotations.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void QlStep<T>(T* d, T* e, nint step, int count, ref RotationSweeps<T> sweeps)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var two = T.CreateChecked(2);
        var g = (d[step] - d[0]) / (two * e[0]);
        g = d[count * step] - d[0] + (e[0] / (g + T.CopySign(PlaneRotation.Length(g, T.One), g)));
        T s = T.One, c = T.One, shift = T.Zero;
        for (var i = (count - 1) * step; i != -step; i -= step)
        {
            var (f, b) = (s * e[i], c * e[i]);
            var r = PlaneRotation.Length(f, g);
            if (i != (count - 1) * step)
                e[i + step] = r;
            if (r == T.Zero)
            {
                // The block has split: what is left of it is taken up by the next step.
                d[i + step] -= shift;
                return;
            }

            (s, c) = (f / r, g / r);
            g = d[i + step] - shift;
            r = ((d[i] - g) * s) + (two * c * b);
            shift = s * r;
            d[i + step] = g + shift;
            g = (c * r) - b;
            sweeps.Add(c, s);
        }

        d[0] -= shift;
        e[0] = g;
    }

    /// <summary>Ascending order, and the sign of each vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
