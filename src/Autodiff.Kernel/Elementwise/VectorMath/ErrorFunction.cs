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
        var rest = typeof(T) == typeof(float) ? ErfcToFour<V, T>(magnitude) : ErfcBeyondOne<V, T>(magnitude);
        var beyond = (1 - rest) | (x & V.Pattern(FloatFormat<T>.SignBit));
        return V.Select(V.Less(magnitude, 1), ErfNearZero<V, T>(x), beyond);
    }

    /// <summary>1 - erf x, within 6 ulp, relative also far out where it vanishes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erfc<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var magnitude = V.Abs(x);
        var beyond = ErfcBeyondOne<V, T>(magnitude);
        beyond = V.Select(V.Less(x, 0), 2 - beyond, beyond);
        return V.Select(V.Less(magnitude, 1), 1 - ErfNearZero<V, T>(x), beyond);
    }

    /// <summary>
    /// erfc a = e^(-a^2) G(t) / (1 + 2 a) for a from 1 on, with t = (a - 3) / (a + 3), in which G is nearly a line. The
    /// square is a pair of numbers, and the power of two is applied last, so that nothing is lost among the subnormals.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ErfcBeyondOne<V, T>(V a)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        // Beyond the upper bound the result is 0; below 1 it is not used.
        a = typeof(T) == typeof(float) ? V.Clamp(a, 1, 10.1) : V.Clamp(a, 1, 27.4);
        var square = a * a;
        var e = ExpOfSum<V, T>(-square, -V.Fma(a, a, -square), out var n);
        var g = ScaledErfc<V, T>((a - 3) / (a + 3));
        return V.Scale(e * (g / V.Fma(a, 2, 1)), n);
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

    /// <summary>G(t) = (1 + 2 a) e^(a^2) erfc(a) with a = 3 (1 + t) / (1 - t), for a from 1 to where erfc vanishes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ScaledErfc<V, T>(V t)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V even, odd;
        var square = t * t;
        if (typeof(T) == typeof(float))
        {
            odd = V.Fma(-6.94023096e-4, square, 2.50682584e-3);
            odd = V.Fma(odd, square, 6.83106706e-2);
            odd = V.Fma(odd, square, 0.129645035);
            odd = V.Fma(odd, square, -0.135621101);
            even = V.Fma(-7.95714368e-5, square, 1.87405606e-3);
            even = V.Fma(even, square, -2.37674583e-2);
            even = V.Fma(even, square, -0.119273923);
            even = V.Fma(even, square, -4.75622863e-2);
            even = V.Fma(even, square, 1.25300801);
            return V.Fma(odd, t, even);
        }

        odd = V.Fma(-3.3819508921689634e-08, square, 1.2639794758824218e-07);
        odd = V.Fma(odd, square, -6.281717559241721e-07);
        odd = V.Fma(odd, square, 3.4750822323301725e-06);
        odd = V.Fma(odd, square, -2.0100856241572772e-05);
        odd = V.Fma(odd, square, 0.00012509935967849683);
        odd = V.Fma(odd, square, -0.0007798322720325428);
        odd = V.Fma(odd, square, 0.00252939181633359);
        odd = V.Fma(odd, square, 0.06830802734393941);
        odd = V.Fma(odd, square, 0.12964515870276233);
        odd = V.Fma(odd, square, -0.1356211061245812);
        even = V.Fma(4.473508483356557e-09, square, 4.174372586542478e-08);
        even = V.Fma(even, square, -1.549334398083922e-07);
        even = V.Fma(even, square, 3.676748376448767e-07);
        even = V.Fma(even, square, -7.358811113662658e-07);
        even = V.Fma(even, square, 4.9505791778843895e-06);
        even = V.Fma(even, square, -0.00010515998079542554);
        even = V.Fma(even, square, 0.0018886903785680013);
        even = V.Fma(even, square, -0.023770514919875134);
        even = V.Fma(even, square, -0.11927366341526924);
        even = V.Fma(even, square, -0.04756229435345123);
        even = V.Fma(even, square, 1.2530080582697296);
        return V.Fma(odd, t, even);
    }
}
