using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>Matrices that a singular value decomposition gives of a matrix of any rank.</summary>
internal static unsafe class SingularFunctions
{
    /// <summary>
    /// Destroys the square matrix and writes its cofactors, the derivative of its determinant: for A = U S V' they are
    /// det(U) det(V) U C V', where C is diagonal and holds the products of all singular values but one.
    /// </summary>
    public static bool Cofactors<T>(Matrix<T> a, Matrix<T> result, Room<T> room, long* rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = a.Rows;
        var (u, v) = (room.Matrix(n, n), room.Matrix(n, n));
        T* values = room.Row(n), products = room.Row(n);
        var converged = SingularValues.Factor(a, u, values, v, room);
        ProductsWithoutOne(values, products, n);
        Compose(u, products, v, n, result);
        if (Orientation(u, rows, room) != Orientation(v, rows, room))
            RowMath.Negate((T*)result.Start, result.Size);
        return converged;
    }

    /// <summary>
    /// Destroys the matrix and writes its pseudo-inverse V S^-1 U', in which singular values that are no larger than the
    /// cutoff times the largest count as zero.
    /// </summary>
    public static bool PseudoInverse<T>(Matrix<T> a, T cutoff, Matrix<T> result, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var count = Math.Min(a.Rows, a.Columns);
        var (u, v) = (room.Matrix(a.Rows, count), room.Matrix(count, a.Columns));
        var values = room.Row(count);
        var (left, right) = (room.Matrix(a.Columns, count), room.Matrix(count, a.Rows));
        var converged = SingularValues.Factor(a, u, values, v, room);
        var least = count == 0 ? T.Zero : cutoff * values[0];
        for (var i = 0; i < count; i++)
            values[i] = values[i] > least ? T.One / values[i] : T.Zero;
        v.TransposeTo(left);
        u.TransposeTo(right);
        Compose(left, values, right, count, result);
        return converged;
    }

    /// <summary>The room that the cofactors of a matrix of n rows need.</summary>
    public static long RoomForCofactors(int n) =>
        SingularValues.RoomFor(n, n) + (2L * n * (n + 1)) + (2 * LuFactors.RoomFor(n));

    /// <summary>The room that a pseudo-inverse needs.</summary>
    public static long RoomForPseudoInverse(int rows, int columns)
    {
        var count = Math.Min(rows, columns);
        return SingularValues.RoomFor(rows, columns) + (count * ((2L * (rows + columns)) + 1));
    }

    /// <summary>result = left diag(weights) right.</summary>
    private static void Compose<T>(Matrix<T> left, T* weights, Matrix<T> right, int count, Matrix<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        result.Elements.Clear();
        for (var i = 0; i < result.Rows; i++)
            for (var k = 0; k < count; k++)
                RowMath.AddScaled(left[i, k] * weights[k], right.Row(k), result.Row(i), result.Columns);
    }

    /// <summary>The products of all values but one: of those before it and of those behind it.</summary>
    private static void ProductsWithoutOne<T>(T* values, T* products, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var before = T.One;
        for (var i = 0; i < count; before *= values[i++])
            products[i] = before;
        var behind = T.One;
        for (var i = count - 1; i >= 0; behind *= values[i--])
            products[i] *= behind;
    }

    /// <summary>The sign of the determinant of an orthogonal matrix, which is destroyed.</summary>
    private static int Orientation<T>(Matrix<T> orthogonal, long* rows, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = orthogonal.Rows;
        var sign = LuFactors.Factor(orthogonal, rows, room);
        for (var i = 0; i < n; i++)
            if (orthogonal[i, i] < T.Zero)
                sign = -sign;
        return sign;
    }
}
