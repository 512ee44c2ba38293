using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// One-sided Jacobi rotations, which make the rows of a small matrix orthogonal to each other, the larger row of each
/// pair first as de Rijk has it (see Drmac and Veselic, "New fast and accurate Jacobi SVD algorithm", 2008): J A = S V'.
/// </summary>
internal static unsafe class OrthogonalRows
{
    // Convergence is quadratic: six to ten sweeps are the rule.
    private const int MaxSweeps = 60;

    /// <summary>
    /// Overwrites the rows of a square matrix, whose elements are not much larger than 1, by V', and writes J and the
    /// singular values, descending. Gives whether the rotations came to an end.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Run<T>(Matrix<T> rows, Matrix<T> rotations, T* values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        rotations.SetIdentity();
        var converged = Orthogonalise(rows, rotations, values);
        Sort(rows, rotations, values);
        for (var i = 0; i < rows.Rows; i++)
            Normalise(rows, values, i);
        return converged;
    }

    /// <summary>Rotates pairs of rows until all are orthogonal; the squared norms are kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
            Swap(rows, rotations, squares, p, q);

        // A row whose squares vanish beside the largest element, which is about 1, counts as zero.
        if (squares[q] <= Negligible<T>())
            return false;
        var product = RowMath.Dot(rows.Row(p), rows.Row(q), n);
        if (T.Abs(product) <= tolerance * T.Sqrt(squares[p]) * T.Sqrt(squares[q]))
            return false;
        var tangent = Tangent((squares[q] - squares[p]) / (product + product));
        var cosine = T.One / T.Sqrt(T.One + (tangent * tangent));
        Rotate(rows.Row(p), rows.Row(q), cosine, cosine * tangent, n);
        Rotate(rotations.Row(p), rotations.Row(q), cosine, cosine * tangent, n);
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

    /// <summary>(x, y) = (c x - s y, s x + c y), element by element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rotate<T>(T* x, T* y, T c, T s, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < length; i++)
            (x[i], y[i]) = ((c * x[i]) - (s * y[i]), (s * x[i]) + (c * y[i]));
    }

    private static T Negligible<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        T.ScaleB(T.One, sizeof(T) == sizeof(float) ? -100 : -960);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sort<T>(Matrix<T> rows, Matrix<T> rotations, T* squares)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < rows.Rows; i++)
        {
            var largest = i;
            for (var j = i + 1; j < rows.Rows; j++)
                if (squares[j] > squares[largest])
                    largest = j;
            if (largest != i)
                Swap(rows, rotations, squares, i, largest);
        }
    }

    private static void Swap<T>(Matrix<T> rows, Matrix<T> rotations, T* squares, int p, int q)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RowMath.Swap(rows.Row(p), rows.Row(q), rows.Columns);
        RowMath.Swap(rotations.Row(p), rotations.Row(q), rotations.Columns);
        (squares[p], squares[q]) = (squares[q], squares[p]);
    }

    /// <summary>The singular value of a row from its squared norm, and the row of norm 1; one of zeros is made up.</summary>
    private static void Normalise<T>(Matrix<T> rows, T* values, int i)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (values[i] > Negligible<T>())
        {
            values[i] = T.Sqrt(values[i]);
            RowMath.Divide(rows.Row(i), values[i], rows.Columns);
            return;
        }

        values[i] = T.Zero;
        Complete(rows, i);
    }

    /// <summary>
    /// A unit vector orthogonal to the rows before row i: of the axes the one that they span least, without its part in
    /// their span. Taking that away twice leaves nothing of it but rounding.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
}
