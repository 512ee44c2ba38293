using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

internal static partial class VectorMath
{
    /// <summary>The error function, within 2 ulp: an odd polynomial up to 1, and 1 - erfc beyond. NaN gives NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var magnitude = V.Abs(x);
        // Of what is taken from 1 a float keeps few digits.
        var rest = typeof(T) == typeof(float) ? ErfcToFour<V, T>(magnitude) : ErfcOfMagnitude<V, T>(magnitude);
        var beyond = (1 - rest) | (x & V.Pattern(FloatFormat<T>.SignBit));
        return V.Select(V.Less(magnitude, 1), ErfNearZero<V, T>(x), beyond);
    }

    /// <summary>1 - erf x, within 6 ulp, relative also far out where it vanishes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erfc<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var right = ErfcOfMagnitude<V, T>(V.Abs(x));
        return V.Select(V.Less(x, 0), 2 - right, right);
    }

    /// <summary>
    /// erfc a = e^(-a^2) G(t) / (a + 2) for a from 0 on, with t = (a - 2) / (a + 2), in which G is smooth from 0 to infinity. The
    /// square is a pair of numbers, and the power of two is applied last, so that nothing is lost among the subnormals.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ErfcOfMagnitude<V, T>(V a)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        // Beyond the upper bound the result is 0.
        a = typeof(T) == typeof(float) ? V.Clamp(a, 0, 10.1) : V.Clamp(a, 0, 27.4);
        var square = a * a;
        var e = ExpOfSum<V, T>(-square, -V.Fma(a, a, -square), out var n);
        var inverse = 1 / (a + 2);
        return V.Scale(e * (ScaledErfc<V, T>((a - 2) * inverse) * inverse), n);
    }

    /// <summary>
    /// erfc a within 8e-9, for a from 1 on: a polynomial in the distance from the middle of where 1 - erfc a is less than 1
    /// in Float32.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ErfcToFour<V, T>(V a)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var t = V.Clamp(a, 1, 3.9375) - 2.46875;
        var square = t * t;
        var odd = V.Fma(-1.92314033e-7, square, -2.31211088e-5);
        odd = V.Fma(odd, square, 2.93451565e-4);
        odd = V.Fma(odd, square, -4.8408861e-4);
        odd = V.Fma(odd, square, -6.64572418e-3);
        odd = V.Fma(odd, square, -9.49071534e-3);
        odd = V.Fma(odd, square, -2.54410901e-3);
        var even = V.Fma(-1.0483526e-6, square, 1.69945251e-5);
        even = V.Fma(even, square, -7.72553321e-5);
        even = V.Fma(even, square, -3.33716074e-4);
        even = V.Fma(even, square, 2.90907011e-3);
        even = V.Fma(even, square, 9.61981714e-3);
        even = V.Fma(even, square, 6.28095726e-3);
        even = V.Fma(even, square, 4.80604736e-4);
        return V.Fma(odd, t, even);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ErfNearZero<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Fma(x, ErfSeries<V, T>(x * x), x);

    /// <summary>erf(x) / x - 1 with z = x^2, for |x| up to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ErfSeries<V, T>(V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V even, odd;
        var square = z * z;
        if (typeof(T) == typeof(float))
        {
            odd = V.Fma(-8.02084222e-4, square, -2.68544443e-2);
            odd = V.Fma(odd, square, -0.37612626);
            even = V.Fma(7.88912294e-5, square, 5.18953567e-3);
            even = V.Fma(even, square, 0.112836003);
            even = V.Fma(even, square, 0.128379166);
            return V.Fma(odd, z, even);
        }

        odd = V.Fma(-1.1374955260643032e-09, square, -1.6350396137660874e-07);
        odd = V.Fma(odd, square, -1.4925595771174751e-05);
        odd = V.Fma(odd, square, -0.0008548326981423646);
        odd = V.Fma(odd, square, -0.02686617064507787);
        odd = V.Fma(odd, square, -0.3761263890318375);
        even = V.Fma(5.960685758998509e-11, square, 1.466032838846031e-08);
        even = V.Fma(even, square, 1.6461008465971723e-06);
        even = V.Fma(even, square, 0.00012055331132901214);
        even = V.Fma(even, square, 0.00522397762482839);
        even = V.Fma(even, square, 0.11283791670954885);
        even = V.Fma(even, square, 0.1283791670955126);
        return V.Fma(odd, z, even);
    }

    /// <summary>G(t) = (a + 2) e^(a^2) erfc(a) with a = 2 (1 + t) / (1 - t), for a from 0 to where erfc vanishes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ScaledErfc<V, T>(V t)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V even, odd;
        var square = t * t;
        if (typeof(T) == typeof(float))
        {
            odd = V.Fma(3.75814889e-05, square, -0.000821741589);
            odd = V.Fma(odd, square, 0.00647196919);
            odd = V.Fma(odd, square, -0.0364412181);
            odd = V.Fma(odd, square, -0.68716073);
            even = V.Fma(6.32679148e-05, square, -0.00058809371);
            even = V.Fma(even, square, 0.00306205451);
            even = V.Fma(even, square, -0.0215058494);
            even = V.Fma(even, square, 0.279471785);
            even = V.Fma(even, square, 1.02158272);
            return V.Fma(odd, t, even);
        }

        odd = V.Fma(-1.4571847338092948e-08, square, 1.103936062876625e-07);
        odd = V.Fma(odd, square, -3.1687108292154698e-07);
        odd = V.Fma(odd, square, -8.4905232709581122e-09);
        odd = V.Fma(odd, square, 3.6513465496867797e-06);
        odd = V.Fma(odd, square, -1.6124227103227012e-05);
        odd = V.Fma(odd, square, 3.4149821737948989e-05);
        odd = V.Fma(odd, square, 3.4371271874639169e-05);
        odd = V.Fma(odd, square, -0.00083729604472247839);
        odd = V.Fma(odd, square, 0.0064791850666746599);
        odd = V.Fma(odd, square, -0.036442231506849741);
        odd = V.Fma(odd, square, -0.68716068441381084);
        even = V.Fma(-5.6915685368849112e-09, square, 2.3390419692304073e-08);
        even = V.Fma(even, square, 4.7192483508647859e-08);
        even = V.Fma(even, square, -6.1860253366930889e-07);
        even = V.Fma(even, square, 2.0319685077284496e-06);
        even = V.Fma(even, square, -1.1387855456907128e-06);
        even = V.Fma(even, square, -2.1692168459557212e-05);
        even = V.Fma(even, square, 0.00014446990317451932);
        even = V.Fma(even, square, -0.0006630733908731183);
        even = V.Fma(even, square, 0.0030906120499226632);
        even = V.Fma(even, square, -0.021510661889095398);
        even = V.Fma(even, square, 0.27947209255604827);
        even = V.Fma(even, square, 1.021582705242023);
        return V.Fma(odd, t, even);
    }
}
