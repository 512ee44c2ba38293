using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// The thin singular value decomposition U S V', singular values descending. After A = Q R, plane rotations J from the
/// left make the rows of R orthogonal to each other (one-sided Jacobi, with the larger row first as de Rijk has it; see
/// Drmac and Veselic, "New fast and accurate Jacobi SVD algorithm"): J' R = S V', so that U = Q J. Of each left vector the
/// component of the largest absolute value, the first of several, is positive.
/// </summary>
internal static unsafe class SingularValues
{
    // Convergence is quadratic: six to ten sweeps are the rule.
    private const int MaxSweeps = 60;

    /// <summary>
    /// Destroys the matrix; writes U (rows x k), the k singular values and V' (k x columns), k the smaller side. Gives
    /// whether the rotations came to an end.
    /// </summary>
    public static bool Factor<T>(Matrix<T> a, Matrix<T> u, T* values, Matrix<T> v, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var isWide = a.Rows < a.Columns;
        var (length, count) = isWide ? (a.Columns, a.Rows) : (a.Rows, a.Columns);
        if (count == 0)
            return true;
        var exponent = a.Normalise();
        var columns = room.Matrix(count, length);
        if (isWide)
            a.Elements.CopyTo(columns.Elements);
        else
            a.TransposeTo(columns);

        var (tall, square) = (room.Matrix(count, length), room.Matrix(count, count));
        var converged = Tall(columns, tall, values, square, room);
        var (left, right) = isWide ? (square, tall) : (tall, square);
        FixSigns(left, right);
        left.TransposeTo(u);
        right.Elements.CopyTo(v.Elements);
        for (var i = 0; i < count; i++)
            values[i] = T.ScaleB(values[i], exponent);
        return converged;
    }

    /// <summary>The room that a matrix needs.</summary>
    public static long RoomFor(int rows, int columns)
    {
        var count = Math.Min(rows, columns);
        return (count * ((3L * Math.Max(rows, columns)) + (2L * count))) + (4L * count)
            + HouseholderQr.RoomFor(count, Math.Max(rows, columns));
    }

    /// <summary>
    /// The decomposition of a matrix given by its columns, which are at least as long as there are many: the left and
    /// the right vectors as rows.
    /// </summary>
    private static bool Tall<T>(Matrix<T> columns, Matrix<T> left, T* values, Matrix<T> right, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var count = columns.Rows;
        T* diagonal = room.Row(count), factors = room.Row(count);
        var q = room.Matrix(count, columns.Columns);
        var workspace = room.Row((int)HouseholderQr.RoomFor(count, columns.Columns));
        HouseholderQr.Factor(columns, diagonal, factors, workspace);
        HouseholderQr.FormQ(columns, factors, q, workspace);
        HouseholderQr.CopyR(columns, diagonal, right);
        var rotations = room.Matrix(count, count);
        rotations.SetIdentity();
        var converged = Orthogonalise(right, rotations, values);
        Sort(right, rotations, values);
        NormaliseRows(right, values);
        for (var i = 0; i < count; i++)
        {
            new Span<T>(left.Row(i), left.Columns).Clear();
            for (var j = 0; j < count; j++)
                RowMath.AddScaled(rotations[i, j], q.Row(j), left.Row(i), left.Columns);
        }

        return converged;
    }

    /// <summary>Rotates pairs of rows until all are orthogonal; values hold their squared norms meanwhile.</summary>
    private static bool Orthogonalise<T>(Matrix<T> rows, Matrix<T> rotations, T* squares)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = rows.Rows;
        var tolerance = (T.BitIncrement(T.One) - T.One) * T.Sqrt(T.CreateChecked(n));
        for (var i = 0; i < n; i++)
            squares[i] = RowMath.Dot(rows.Row(i), rows.Row(i), n);
        for (var sweep = 0; sweep < MaxSweeps; sweep++)
        {
            var isDone = true;
            for (var p = 0; p < n - 1; p++)
                for (var q = p + 1; q < n; q++)
                    isDone &= !RotatePair(rows, rotations, squares, p, q, tolerance);
            if (isDone)
                return true;
        }

        return false;
    }

    /// <summary>Makes two rows orthogonal, the larger one first; false where they are so already.</summary>
    private static bool RotatePair<T>(Matrix<T> rows, Matrix<T> rotations, T* squares, int p, int q, T tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = rows.Columns;
        if (squares[p] < squares[q])
        {
            RowMath.Swap(rows.Row(p), rows.Row(q), n);
            RowMath.Swap(rotations.Row(p), rotations.Row(q), n);
            (squares[p], squares[q]) = (squares[q], squares[p]);
        }

        // A row whose squares vanish beside the largest element, which is about 1, counts as zero.
        if (squares[q] <= Negligible<T>())
            return false;
        var product = RowMath.Dot(rows.Row(p), rows.Row(q), n);
        if (T.Abs(product) <= tolerance * T.Sqrt(squares[p]) * T.Sqrt(squares[q]))
            return false;
        var tangent = Tangent((squares[q] - squares[p]) / (product + product));
        var cosine = T.One / T.Sqrt(T.One + (tangent * tangent));
        RowMath.Rotate(rows.Row(p), rows.Row(q), cosine, cosine * tangent, n);
        RowMath.Rotate(rotations.Row(p), rotations.Row(q), cosine, cosine * tangent, n);
        squares[p] = RowMath.Dot(rows.Row(p), rows.Row(p), n);
        squares[q] = RowMath.Dot(rows.Row(q), rows.Row(q), n);
        return true;
    }

    /// <summary>The smaller root of t t + 2 z t - 1 = 0: the tangent of the smaller angle of the two that serve.</summary>
    private static T Tangent<T>(T z) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var size = T.Abs(z);
        var large = T.ScaleB(T.One, sizeof(T) == sizeof(float) ? 30 : 60);
        var root = size > large ? size : T.Sqrt(T.One + (size * size));
        return T.CopySign(T.One / (size + root), z);
    }

    private static T Negligible<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        T.ScaleB(T.One, sizeof(T) == sizeof(float) ? -100 : -960);

    private static void Sort<T>(Matrix<T> rows, Matrix<T> rotations, T* squares)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < rows.Rows; i++)
        {
            var largest = i;
            for (var j = i + 1; j < rows.Rows; j++)
                if (squares[j] > squares[largest])
                    largest = j;
            if (largest == i)
                continue;
            RowMath.Swap(rows.Row(i), rows.Row(largest), rows.Columns);
            RowMath.Swap(rotations.Row(i), rotations.Row(largest), rows.Columns);
            (squares[i], squares[largest]) = (squares[largest], squares[i]);
        }
    }

    /// <summary>Singular values from squared norms; the rows of norm 1. Rows of zeros, which come last, are made up.</summary>
    private static void NormaliseRows<T>(Matrix<T> rows, T* values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < rows.Rows; i++)
            if (values[i] > Negligible<T>())
            {
                values[i] = T.Sqrt(values[i]);
                RowMath.Divide(rows.Row(i), values[i], rows.Columns);
            }
            else
            {
                values[i] = T.Zero;
                Complete(rows, i);
            }
    }

    /// <summary>
    /// A unit vector orthogonal to the rows before row i: of the axes the one that they span least, without its part in
    /// their span. Taking that away twice leaves nothing of it but rounding.
    /// </summary>
    private static void Complete<T>(Matrix<T> rows, int i) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var row = rows.Row(i);
        new Span<T>(row, rows.Columns).Clear();
        for (var j = 0; j < i; j++)
            for (var k = 0; k < rows.Columns; k++)
                row[k] += rows[j, k] * rows[j, k];
        var axis = 0;
        for (var k = 1; k < rows.Columns; k++)
            if (row[k] < row[axis])
                axis = k;
        new Span<T>(row, rows.Columns).Clear();
        row[axis] = T.One;
        for (var pass = 0; pass < 2; pass++)
        {
            for (var j = 0; j < i; j++)
                RowMath.AddScaled(-RowMath.Dot(rows.Row(j), row, rows.Columns), rows.Row(j), row, rows.Columns);
            RowMath.Divide(row, RowMath.Norm(row, rows.Columns), rows.Columns);
        }
    }

    private static void FixSigns<T>(Matrix<T> left, Matrix<T> right)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < left.Rows; i++)
        {
            var vector = left.Row(i);
            if (vector[RowMath.IndexOfMaxMagnitude(vector, left.Columns)] >= T.Zero)
                continue;
            RowMath.Negate(vector, left.Columns);
            RowMath.Negate(right.Row(i), right.Columns);
        }
    }
}
