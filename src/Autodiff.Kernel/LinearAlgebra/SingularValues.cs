using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The thin singular value decomposition U S V', singular values descending: reflections make the matrix bidiagonal (a
/// long one first square, by A = Q R), and QR steps make that diagonal; a small one is made so by rotations of its rows
/// at once. Of each left vector the component of the largest absolute value, the first of several, is positive.
/// </summary>
internal static unsafe class SingularValues
{
    // Up to here rotations of whole rows cost less than preparing for a few QR steps.
    private const int SmallCount = 4;

    /// <summary>
    /// Destroys the matrix; writes U (rows x k), the k singular values and V' (k x columns), k the smaller side. Gives
    /// whether the steps came to an end.
    /// </summary>
    public static bool Factor<T>(Matrix<T> a, Matrix<T> u, T* values, Matrix<T> v, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var isWide = a.Rows < a.Columns;
        var (length, count) = isWide ? (a.Columns, a.Rows) : (a.Rows, a.Columns);
        if (count == 0)
            return true;
        var exponent = a.Normalise();
        var (tall, square) = (room.Matrix(count, length), room.Matrix(count, count));
        var matrix = a;
        if (isWide)
        {
            matrix = room.Matrix(length, count);
            a.TransposeTo(matrix);
        }

        var converged = IsLong(length, count)
            ? Long(matrix, tall, values, square, room)
            : Tall(matrix, tall, values, square, room);
        var (left, right) = isWide ? (square, tall) : (tall, square);
        FixSigns(left, right);
        left.TransposeTo(u);
        right.Elements.CopyTo(v.Elements);
        RowMath.ScaleB(values, exponent, count);
        return converged;
    }

    /// <summary>The room that a matrix needs.</summary>
    public static long RoomFor(int rows, int columns)
    {
        var (length, count) = (Math.Max(rows, columns), Math.Min(rows, columns));
        var (whole, small) = ((long)length * count, (long)count * count);
        var (copies, height) = IsLong(length, count) ? ((2 * whole) + (2 * small), count) : (0, length);
        return (2 * whole) + small + copies + ((long)height * count) + (5L * count)
            + HouseholderQr.RoomFor(count, length) + HouseholderQr.RoomFor(count, height)
            + BidiagonalReduction.RoomFor(height, count) + BidiagonalQr.RoomFor(count)
            + ((long)height * count) + small;
    }

    /// <summary>Whether it pays to decompose R of A = Q R instead.</summary>
    private static bool IsLong(int length, int count) => 2L * length > 3L * count;

    /// <summary>A = Q R, R = U S V': the left vectors are Q U.</summary>
    private static bool Long<T>(Matrix<T> a, Matrix<T> left, T* values, Matrix<T> right, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (length, count) = (a.Rows, a.Columns);
        var (columns, q) = (room.Matrix(count, length), room.Matrix(count, length));
        var (r, small) = (room.Matrix(count, count), room.Matrix(count, count));
        T* diagonal = room.Row(count), factors = room.Row(count);
        var workspace = room.Row((int)HouseholderQr.RoomFor(count, length));
        a.TransposeTo(columns);
        HouseholderQr.Factor(columns, diagonal, factors, workspace);
        HouseholderQr.FormQ(columns, factors, q, workspace);
        HouseholderQr.CopyR(columns, diagonal, r);
        var converged = Tall(r, small, values, right, room);
        MatrixProduct.Write(small.Straight, q.Straight, left);
        return converged;
    }

    /// <summary>
    /// The decomposition of a matrix with no fewer rows than columns: the left and the right vectors as rows.
    /// </summary>
    private static bool Tall<T>(Matrix<T> a, Matrix<T> left, T* values, Matrix<T> right, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (length, count) = (a.Rows, a.Columns);
        if (count <= SmallCount)
            return Small(a, left, values, right, room);
        var columns = room.Matrix(count, length);
        T* offDiagonal = room.Row(count), leftFactors = room.Row(count), rightFactors = room.Row(count);
        var workspace = room.Row((int)HouseholderQr.RoomFor(count, length));
        BidiagonalReduction.Run(a, values, offDiagonal, columns, leftFactors, rightFactors, room);
        HouseholderQr.FormQ(columns, leftFactors, left, workspace);
        right.SetIdentity();
        HouseholderQr.FormQ(a.Part(0, 1, count - 1, count - 1), rightFactors, right.From(1, 1), workspace);
        return BidiagonalQr.Run(values, offDiagonal, left, right, room);
    }

    /// <summary>The same for few columns: A = Q R and J R = S V', so that U = Q J'.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Small<T>(Matrix<T> a, Matrix<T> left, T* values, Matrix<T> right, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (length, count) = (a.Rows, a.Columns);
        var (columns, q, rotations) = (
            room.Matrix(count, length), room.Matrix(count, length), room.Matrix(count, count));
        T* diagonal = room.Row(count), factors = room.Row(count);
        var workspace = room.Row((int)HouseholderQr.RoomFor(count, length));
        a.TransposeTo(columns);
        HouseholderQr.Factor(columns, diagonal, factors, workspace);
        HouseholderQr.FormQ(columns, factors, q, workspace);
        HouseholderQr.CopyR(columns, diagonal, right);
        var converged = OrthogonalRows.Run(right, rotations, values);
        left.Clear();
        for (var i = 0; i < count; i++)
            for (var j = 0; j < count; j++)
                RowMath.AddScaled(rotations[i, j], q.Row(j), left.Row(i), length);
        return converged;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
