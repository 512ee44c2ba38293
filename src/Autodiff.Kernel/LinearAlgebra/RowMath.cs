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
        for (var i = 0; i < length; i++)
            x[i] /= divisor;
    }

    /// <summary>x = -x.</summary>
    public static void Negate<T>(T* x, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < length; i++)
            x[i] = -x[i];
    }

    public static void Swap<T>(T* x, T* y, int length) where T : unmanaged
    {
        for (var i = 0; i < length; i++)
            (x[i], y[i]) = (y[i], x[i]);
    }

    /// <summary>The plane rotation (x, y) = (c x - s y, s x + c y).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rotate<T>(T* x, T* y, T c, T s, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var i = 0;
        for (var (cosine, sine) = (Vector.Create(c), Vector.Create(s)); i <= length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var (a, b) = (Vector.Load(x + i), Vector.Load(y + i));
            Vector.Store((a * cosine) - (b * sine), x + i);
            Vector.Store((a * sine) + (b * cosine), y + i);
        }

        for (; i < length; i++)
            (x[i], y[i]) = ((x[i] * c) - (y[i] * s), (x[i] * s) + (y[i] * c));
    }

    /// <summary>The largest absolute value, 0 for no elements.</summary>
    public static T MaxMagnitude<T>(T* x, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var largest = T.Zero;
        for (var i = 0; i < length; i++)
            largest = T.Max(largest, T.Abs(x[i]));
        return largest;
    }

    /// <summary>The place of the element of the largest absolute value, the first of several; 0 for no elements.</summary>
    public static int IndexOfMaxMagnitude<T>(T* x, int length) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var place = 0;
        for (var i = 1; i < length; i++)
            if (T.Abs(x[i]) > T.Abs(x[place]))
                place = i;
        return place;
    }

    /// <summary>The Euclidean norm; squares that overflow or vanish are taken of scaled elements.</summary>
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

        // Small numbers have few digits: quotients of them are taken at the size of 1.
        var exponent = T.ILogB(T.Max(largest, T.Abs(beta)));
        for (var i = 0; i < length; i++)
            x[i] = T.ScaleB(x[i], -exponent);
        var alpha = x[0];
        var scaled = -T.CopySign(T.Hypot(alpha, Norm(x + 1, length - 1)), alpha);
        Divide(x + 1, alpha - scaled, length - 1);
        x[0] = T.One;
        beta = T.ScaleB(scaled, exponent);
        return (scaled - alpha) / scaled;
    }
}
