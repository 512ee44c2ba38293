using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

internal static partial class VectorMath
{
    private const double HalfPi = 1.5707963267948966, QuarterPi = 0.7853981633974483;

    /// <summary>
    /// The arc tangent, within 3 ulp. Beyond tan(3 pi/8) it is pi/2 + atan(-1/x), beyond tan(pi/8) it is
    /// pi/4 + atan((x - 1) / (x + 1)), so that the polynomial is asked for up to tan(pi/8) only.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Atan<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var a = V.Abs(x);
        var isMiddle = V.Less(0.41421356237309503, a);
        var isFar = V.Less(2.4142135623730951, a);
        var numerator = V.Select(isFar, -1, V.Select(isMiddle, a - 1, a));
        var denominator = V.Select(isFar, a, V.Select(isMiddle, a + 1, 1));
        var t = numerator / denominator;
        var z = t * t;
        var y = V.Fma(t * z, AtanTail<V, T>(z), t);
        var turn = V.Select(isFar, HalfPi, V.Select(isMiddle, QuarterPi, 0));
        var low = V.Select(isFar, LowOfHalfPi<T>(), V.Select(isMiddle, LowOfHalfPi<T>() / 2, 0));
        return (turn + (y + low)) | (x & V.Pattern(FloatFormat<T>.SignBit));
    }

    /// <summary>The arc sine, within 3 ulp: pi/2 - 2 asin(sqrt((1 - x) / 2)) beyond 1/2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Asin<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var p = ReducedAsin<V, T>(x, out var isFar);
        var beyond = HalfPi - (p + p - LowOfHalfPi<T>());
        return V.Select(isFar, beyond, p) | (x & V.Pattern(FloatFormat<T>.SignBit));
    }

    /// <summary>The arc cosine, within 3 ulp: 2 asin(sqrt((1 - x) / 2)) beyond 1/2, pi/2 - asin x up to there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Acos<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var p = ReducedAsin<V, T>(x, out var isFar);
        var twice = p + p;
        var beyond = V.Select(V.Less(x, 0), 2 * HalfPi - (twice - 2 * LowOfHalfPi<T>()), twice);
        var signed = p | (x & V.Pattern(FloatFormat<T>.SignBit));
        return V.Select(isFar, beyond, HalfPi - (signed - LowOfHalfPi<T>()));
    }

    /// <summary>What rounding pi/2 to T leaves of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double LowOfHalfPi<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? -4.3711390001862426e-08 : 6.123233995736766e-17;

    /// <summary>asin |x| up to 1/2, asin(sqrt((1 - |x|) / 2)) beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ReducedAsin<V, T>(V x, out V isFar)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var a = V.Abs(x);
        isFar = V.Less(0.5, a);
        var z = V.Select(isFar, (1 - a) * 0.5, a * a);
        var s = V.Select(isFar, V.Sqrt(z), a);
        return V.Fma(s * z, AsinTail<V, T>(z), s);
    }

    /// <summary>(atan(t) / t - 1) / z with z = t^2, for |t| up to tan(pi/8).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V AtanTail<V, T>(V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            var p = V.Fma(-0.0645171887, z, 0.107436683);
            p = V.Fma(p, z, -0.142639498);
            p = V.Fma(p, z, 0.199995403);
            return V.Fma(p, z, -0.333333318);
        }

        var square = z * z;
        var odd = V.Fma(0.016284375050043394, square, 0.045515447340221617);
        odd = V.Fma(odd, square, 0.058789275544738068);
        odd = V.Fma(odd, square, 0.076922963680422971);
        odd = V.Fma(odd, square, 0.11111111105150588);
        odd = V.Fma(odd, square, 0.19999999999999804);
        var even = V.Fma(-0.03456931506332609, square, -0.052304436406869477);
        even = V.Fma(even, square, -0.066664247602005201);
        even = V.Fma(even, square, -0.090909087532591129);
        even = V.Fma(even, square, -0.14285714285659778);
        even = V.Fma(even, square, -0.33333333333333333);
        return V.Fma(odd, z, even);
    }

    /// <summary>(asin(s) / s - 1) / z with z = s^2, for |s| up to 1/2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V AsinTail<V, T>(V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V even, odd;
        var square = z * z;
        if (typeof(T) == typeof(float))
        {
            odd = V.Fma(0.0337007263, square, 0.0311017278);
            odd = V.Fma(odd, square, 0.0750009476);
            even = V.Fma(0.0171437168, square, 0.0445993192);
            even = V.Fma(even, square, 0.166666663);
            return V.Fma(odd, z, even);
        }

        odd = V.Fma(-0.014881409392818067, square, 0.0054508781877205499);
        odd = V.Fma(odd, square, 0.011478952690257387);
        odd = V.Fma(odd, square, 0.017352391265909228);
        odd = V.Fma(odd, square, 0.030381944137085214);
        odd = V.Fma(odd, square, 0.074999999999984243);
        even = V.Fma(0.028778442612593041, square, 0.017419357964884857);
        even = V.Fma(even, square, 0.010324318288744112);
        even = V.Fma(even, square, 0.013971235301124539);
        even = V.Fma(even, square, 0.022372173002005597);
        even = V.Fma(even, square, 0.044642857146373381);
        even = V.Fma(even, square, 0.16666666666666668);
        return V.Fma(odd, z, even);
    }
}
