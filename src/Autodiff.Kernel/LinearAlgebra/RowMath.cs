using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The innermost loops of the factorisations, all over contiguous rows.</summary>
internal static unsafe class RowMath
{
    /// <summary>The sum of products.</summary>
    public static T Dot<T>(T* x, T* y, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        length == 0 ? T.Zero : VirtualLanes.Dot(x, 1, y, 1, length);

    /// <summary>y = y + factor x.</summary>
    public static void AddScaled<T>(T factor, T* x, T* y, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        VectorLoops.Multiply(&factor, 0, x, 1, y, 1, length, true);

    /// <summary>x = x / divisor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Divide<T>(T* x, T divisor, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var i = 0;
        for (var divisors = Vector.Create(divisor); i <= length - Vector<T>.Count; i += Vector<T>.Count)
            Vector.Store(Vector.Load(x + i) / divisors, x + i);
        for (; i < length; i++)
            x[i] /= divisor;
    }

    /// <summary>x = factor x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale<T>(T* x, T factor, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var i = 0;
        for (var factors = Vector.Create(factor); i <= length - Vector<T>.Count; i += Vector<T>.Count)
            Vector.Store(Vector.Load(x + i) * factors, x + i);
        for (; i < length; i++)
            x[i] *= factor;
    }

    /// <summary>x = x 2^exponent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaleB<T>(T* x, int exponent, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (exponent == 0)
            return;
        var factor = T.ScaleB(T.One, exponent);
        if (T.IsNormal(factor))
            Scale(x, factor, length);
        else
            for (var i = 0; i < length; i++)
                x[i] = T.ScaleB(x[i], exponent);
    }

    /// <summary>x = -x.</summary>
    public static void Negate<T>(T* x, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Scale(x, T.NegativeOne, length);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Swap<T>(T* x, T* y, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var i = 0;
        for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var (a, b) = (Vector.Load(x + i), Vector.Load(y + i));
            Vector.Store(b, x + i);
            Vector.Store(a, y + i);
        }

        for (; i < length; i++)
            (x[i], y[i]) = (y[i], x[i]);
    }

    /// <summary>Whether no element is infinite or NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool IsFinite<T>(T* x, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // x - x is 0 of what is finite and NaN of the rest; a sum keeps a NaN.
        var (i, sums) = (0, Vector<T>.Zero);
        for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
            sums += Vector.Load(x + i) - Vector.Load(x + i);
        var total = Vector.Sum(sums);
        for (; i < length; i++)
            total += x[i] - x[i];
        return total == T.Zero;
    }

    /// <summary>The largest absolute value, 0 for no elements. NaN is passed over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T MaxMagnitude<T>(T* x, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (i, largest) = (0, Vector<T>.Zero);
        for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var sizes = Vector.Abs(Vector.Load(x + i));
            largest = Vector.ConditionalSelect(Vector.GreaterThan(sizes, largest), sizes, largest);
        }

        var most = T.Zero;
        for (var lane = 0; lane < Vector<T>.Count; lane++)
            most = T.Max(most, largest[lane]);
        for (; i < length; i++)
            if (T.Abs(x[i]) > most)
                most = T.Abs(x[i]);
        return most;
    }

    /// <summary>The place of the element of the largest absolute value, the first of several; 0 for no elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int IndexOfMaxMagnitude<T>(T* x, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var largest = MaxMagnitude(x, length);
        for (var i = 0; i < length; i++)
            if (T.Abs(x[i]) == largest)
                return i;
        return 0;
    }

    /// <summary>The Euclidean norm; squares that overflow or vanish are taken of scaled elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Norm<T>(T* x, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var squares = Dot(x, x, length);
        var small = T.ScaleB(T.One, sizeof(T) == sizeof(float) ? -96 : -900);
        if (squares > small && squares < T.One / small)
            return T.Sqrt(squares);
        var largest = MaxMagnitude(x, length);
        if (largest == T.Zero)
            return T.Zero;
        var (exponent, total) = (T.ILogB(largest), T.Zero);
        for (var i = 0; i < length; i++)
        {
            var scaled = T.ScaleB(x[i], -exponent);
            total += scaled * scaled;
        }

        return T.ScaleB(T.Sqrt(total), exponent);
    }

    /// <summary>
    /// The reflection H = I - tau v v' that maps x to a multiple of the first unit vector, as LAPACK's larfg has it: x is
    /// overwritten by v, whose first element is 1, and H x = (beta, 0, ...) with beta = -sign(x0) |x|. Where x is such a
    /// multiple already, tau is 0 and beta is x0.
    /// </summary>
    public static T Reflect<T>(T* x, int length, out T beta) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var largest = MaxMagnitude(x + 1, length - 1);
        beta = x[0];
        if (largest == T.Zero)
        {
            x[0] = T.One;
            return T.Zero;
        }

        // Small numbers have few digits, and squares of large ones overflow: such are brought to the size of 1.
        var exponent = T.ILogB(T.Max(largest, T.Abs(beta)));
        if (Math.Abs(exponent) < (sizeof(T) == sizeof(float) ? 40 : 400))
            exponent = 0;
        ScaleB(x, -exponent, length);
        var alpha = x[0];
        var scaled = -T.CopySign(PlaneRotation.Length(alpha, Norm(x + 1, length - 1)), alpha);
        Divide(x + 1, alpha - scaled, length - 1);
        x[0] = T.One;
        beta = T.ScaleB(scaled, exponent);
        return (scaled - alpha) / scaled;
    }
}
