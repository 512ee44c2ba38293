using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Elementary functions of vectors of float and double. The polynomials are minimax fits of this project, their errors
/// below a quarter of an ulp of the result. They are evaluated as two, of the even and of the odd powers, whose steps run
/// side by side: where a loop has much to do, waiting for one step after the other takes longer than the steps.
/// </summary>
internal static partial class VectorMath
{
    private const double Log2E = 1.4426950408889634;

    /// <summary>e^x, within 1 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        // Beyond these bounds the result is 0 or infinity in any case.
        x = typeof(T) == typeof(float) ? V.Clamp(x, -104, 89) : V.Clamp(x, -746, 710);
        return BoundedExp<V, T>(x);
    }

    /// <summary>e^x where the bit pattern of x's multiple of log 2 has room for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V BoundedExp<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            return ExpByEighths<V, T>(x);
        var r = ReduceByLog2<V, T>(x, out var n, out _);
        return V.Scale(V.Fma(r, V.Fma(r, ExpTail<V, T>(r), 1), 1), n);
    }

    /// <summary>
    /// e^x = 2^n e^r with n a multiple of 1/8 and |r| at most a sixteenth of log 2: three terms less than without the table of
    /// 2^(j/8). What the Taylor polynomial leaves out is below 2^-29 of the result.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpByEighths<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var counted = V.Fma(x, Log2E, FloatFormat<T>.Rounder / 8);
        var n = counted - (FloatFormat<T>.Rounder / 8);
        var r = MinusLog2<V, T>(x, n, out _);
        var tail = V.Fma(r * r, V.Fma(V.Fma(r, 1.0 / 24, 1.0 / 6), r, 0.5), r);
        var power = V.EighthPower(counted);
        return V.Scale(V.Fma(power, tail, power), n);
    }

    /// <summary>e^x - 1, within 2 ulp, relative also near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Expm1<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var sign = x & V.Pattern(FloatFormat<T>.SignBit);
        var bounded = typeof(T) == typeof(float) ? V.Clamp(x, -30, 89) : V.Clamp(x, -60, 710);
        var p = ReducedExpm1<V, T>(bounded, out var n);

        // 2^n (1 + p) - 1 = 2 (2^(n-1) p + (2^(n-1) - 1/2)): 2^n itself can overflow. For n = 0 it is p, whose half can
        // be too small for a normal number.
        var half = PowersOfTwo.Power<V, T>(n - 1);
        var scaled = V.Fma(half, p, half - 0.5) * 2;
        return V.Select(V.Equal(n, 0), p, scaled) | sign;
    }

    /// <summary>
    /// tanh x = (1 - e^(-2|x|)) / (1 + e^(-2|x|)) with the sign of x, within 3 ulp: in terms of e^(-2|x|) - 1 nothing
    /// cancels near 0 and nothing overflows. Where n is not 0, what the reduction rounds away is small beside 2^n - 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var signBit = V.Pattern(FloatFormat<T>.SignBit);
        var negative = x | signBit;
        var doubled = V.AtLeast(negative + negative, typeof(T) == typeof(float) ? -20 : -44);
        var r = ReduceByLog2<V, T>(doubled, out _, out _, out var power);
        var e = V.Fma(power, V.Fma(r * r, ExpTail<V, T>(r), r), power - 1);
        return V.Abs(e / (e + 2)) | (x & signBit);
    }

    /// <summary>
    /// 1 / (1 + e^-x) = e^x / (1 + e^x), within 3 ulp, relative also where it vanishes; beyond the upper bound it is 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        x = typeof(T) == typeof(float) ? V.Clamp(x, -104, 20) : V.Clamp(x, -746, 40);
        var e = BoundedExp<V, T>(x);
        return e / (e + 1);
    }

    /// <summary>log(1 + e^x) = max(x, 0) + log1p(e^(-|x|)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Softplus<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Select(V.Less(x, 0), 0, x) + Log1pOfUnit<V, T>(Exp<V, T>(-V.Abs(x)));

    /// <summary>log(e^a + e^b) = max(a, b) + log1p(e^(-|a - b|)); equal infinities are their own result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LogAddExp<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var distance = V.Select(V.Equal(a, b), 0, V.Abs(a - b));
        return V.Max(a, b) + Log1pOfUnit<V, T>(Exp<V, T>(-distance));
    }

    /// <summary>x = n log 2 + r + low with n an integer and |r| at most half of log 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ReduceByLog2<V, T>(V x, out V n, out V low)
        where V : struct, IVector<V, T>
        where T : unmanaged => ReduceByLog2<V, T>(x, out n, out low, out _);

    /// <summary>The same, and 2^n: n counted from the bias stands in the low bits of a number, a shift away from it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ReduceByLog2<V, T>(V x, out V n, out V low, out V power)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var counted = V.Fma(x, Log2E, FloatFormat<T>.Rounder + FloatFormat<T>.Bias);
        power = V.ShiftLeft(counted, FloatFormat<T>.FractionBits);
        n = counted - (FloatFormat<T>.Rounder + FloatFormat<T>.Bias);
        return MinusLog2<V, T>(x, n, out low);
    }

    /// <summary>
    /// x - n log 2 = r + low, where that is small. The first step is exact: n times the leading part of log 2 differs from x by
    /// few bits, all of them kept by the fused operation. What the second rounds away is in low.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V MinusLog2<V, T>(V x, V n, out V low)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V leading = typeof(T) == typeof(float) ? -0.6931471824645996 : -0.6931471805599453;
        V trailing = typeof(T) == typeof(float) ? 1.9046542121259336e-09 : -2.3190468138462996e-17;
        var first = V.Fma(n, leading, x);
        var r = V.Fma(n, trailing, first);
        low = V.Fma(n, trailing, first - r);
        return r;
    }

    /// <summary>p and n with e^x = 2^n (1 + p).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ReducedExpm1<V, T>(V x, out V n)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var r = ReduceByLog2<V, T>(x, out n, out var low);
        return V.Fma(r * r, ExpTail<V, T>(r), low) + r;
    }

    /// <summary>(e^r - 1 - r) / r^2 for |r| up to half of log 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpTail<V, T>(V r)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V even, odd;
        var square = r * r;
        if (typeof(T) == typeof(float))
        {
            odd = V.Fma(1.99191447e-4, square, 8.33326299e-3);
            odd = V.Fma(odd, square, 1.66666672e-1);
            even = V.Fma(1.39466359e-3, square, 4.16662619e-2);
            even = V.Fma(even, square, 0.5);
            return V.Fma(odd, r, even);
        }

        odd = V.Fma(2.5112831610355683e-08, square, 2.7557232556293966e-06);
        odd = V.Fma(odd, square, 0.00019841269898721685);
        odd = V.Fma(odd, square, 0.008333333333316076);
        odd = V.Fma(odd, square, 0.16666666666666685);
        even = V.Fma(2.0927389529385645e-09, square, 2.755723182496044e-07);
        even = V.Fma(even, square, 2.4801587375688095e-05);
        even = V.Fma(even, square, 0.0013888888888857337);
        even = V.Fma(even, square, 0.04166666666666673);
        even = V.Fma(even, square, 0.5);
        return V.Fma(odd, r, even);
    }
}
