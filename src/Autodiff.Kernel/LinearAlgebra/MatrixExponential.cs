using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The exponential of a matrix by scaling and squaring: Pade's approximant of degree 13 of A / 2^s, squared s times
/// (Higham, "The scaling and squaring method for the matrix exponential revisited", 2005).
/// </summary>
internal static unsafe class MatrixExponential
{
    /// <summary>The 1-norm up to which the approximant is exact to rounding.</summary>
    private const double Reach = 5.371920351148152;

    private static ReadOnlySpan<double> Coefficients =>
    [
        64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
        670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
    ];

    /// <summary>Overwrites the square matrix by its exponential. Gives whether the approximant could be formed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Run<T>(Matrix<T> a, Room<T> room, long* rows) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = a.Rows;
        if (n == 0)
            return true;
        var squarings = Squarings(a);
        foreach (ref var element in a.Elements)
            element = T.ScaleB(element, -squarings);
        var (a2, a4, a6) = (room.Matrix(n, n), room.Matrix(n, n), room.Matrix(n, n));
        var (odd, even, scratch) = (room.Matrix(n, n), room.Matrix(n, n), room.Matrix(n, n));
        Multiply(a, a, a2);
        Multiply(a2, a2, a4);
        Multiply(a4, a2, a6);
        Polynomial(1, a2, a4, a6, scratch, even);
        Multiply(a, even, odd);
        Polynomial(0, a2, a4, a6, scratch, even);

        // (V - U)^-1 (V + U) for the even part V and the odd part U.
        for (var i = 0; i < a.Size; i++)
        {
            var (v, u) = (even.Elements[i], odd.Elements[i]);
            scratch.Elements[i] = v - u;
            a2.Elements[i] = v + u;
        }

        LuFactors.Factor(scratch, rows, room);
        if (LuFactors.Solve(scratch, rows, false, a2, a) >= 0)
            return false;
        for (var i = 0; i < squarings; i++)
        {
            Multiply(a, a, a2);
            a2.Elements.CopyTo(a.Elements);
        }

        return true;
    }

    /// <summary>The room that a matrix of n rows needs.</summary>
    public static long RoomFor(int n) => (6L * n * n) + LuFactors.RoomFor(n);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Squarings<T>(Matrix<T> a) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var norm = T.Zero;
        for (var j = 0; j < a.Columns; j++)
        {
            var sum = T.Zero;
            for (var i = 0; i < a.Rows; i++)
                sum += T.Abs(a[i, j]);
            norm = T.Max(norm, sum);
        }

        var ratio = double.CreateSaturating(norm) / Reach;
        return ratio <= 1 ? 0 : (int)Math.Ceiling(Math.Log2(Math.Min(ratio, 1e300)));
    }

    /// <summary>
    /// The part of the approximant's numerator with the coefficients of one parity: A6 (b13 A6 + b11 A4 + b9 A2) + b7 A6
    /// + b5 A4 + b3 A2 + b1 for the odd ones, before the last factor A.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Polynomial<T>(
        int parity, Matrix<T> a2, Matrix<T> a4, Matrix<T> a6, Matrix<T> scratch, Matrix<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Combine(parity + 8, a2, a4, a6, scratch);
        Multiply(a6, scratch, result);
        Combine(parity + 2, a2, a4, a6, scratch);
        for (var i = 0; i < result.Size; i++)
            result.Elements[i] += scratch.Elements[i];
        for (var i = 0; i < result.Rows; i++)
            result[i, i] += T.CreateChecked(Coefficients[parity]);
    }

    /// <summary>c = a b; c is neither of them.</summary>
    private static void Multiply<T>(Matrix<T> a, Matrix<T> b, Matrix<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => MatrixProduct.Write(a.Straight, b.Straight, c);

    /// <summary>b(k) A2 + b(k+2) A4 + b(k+4) A6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Combine<T>(int first, Matrix<T> a2, Matrix<T> a4, Matrix<T> a6, Matrix<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (b0, b1, b2) = (
            T.CreateChecked(Coefficients[first]),
            T.CreateChecked(Coefficients[first + 2]),
            T.CreateChecked(Coefficients[first + 4]));
        for (var i = 0; i < result.Size; i++)
            result.Elements[i] = (b0 * a2.Elements[i]) + (b1 * a4.Elements[i]) + (b2 * a6.Elements[i]);
    }
}
