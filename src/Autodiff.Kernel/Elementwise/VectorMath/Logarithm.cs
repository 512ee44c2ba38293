using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

internal static partial class VectorMath
{
    /// <summary>The natural logarithm, within 1 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var m = Mantissa<V, T>(x, out var n);
        return V.Rarely<LogAnywhere>(~IsPositiveNormal<V, T>(x), x, x, LogOfParts<V, T>(m - 1, n, 0));
    }

    /// <summary>
    /// log(1 + x), within 2 ulp, relative also near 0. 1 + x = u + c with u the rounded sum and c what rounding lost, so
    /// log(1 + x) = log u + c / u; where u is near 1, x itself takes the place of u - 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log1p<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var sign = x & V.Pattern(FloatFormat<T>.SignBit);
        var u = x + 1;
        var m = Mantissa<V, T>(u, out var n);
        var near = V.Equal(n, 0);
        var f = V.Select(near, x, m - 1);

        // c = (1 - (u - x)) + (x - (u - (u - x))), exactly; 2^-n c / m needs few bits, of 1 / m = 1 - f + f^2 - ...
        var taken = u - x;
        var c = (1 - taken) + (x - (u - taken));
        c *= PowersOfTwo.Power<V, T>(V.Clamp(-n, -60, 60));
        c *= V.Fma(f, V.Fma(f, V.Fma(-1, f, 1), -1), 1);
        var y = LogOfParts<V, T>(f, n, V.Select(near, 0, c)) | sign;
        var ordinary = V.Less(-1, x) & V.Less(x, double.PositiveInfinity);
        return V.Rarely<LogEnds>(~ordinary, u, u, y);
    }

    /// <summary>
    /// log(1 - e^-x) for positive x, within 3 ulp. With e^-x = 2^n (1 + p) it is log u where u = 1 - e^-x is formed of p
    /// without loss up to log 2, and rounded beyond; there it is log(1 + f) with f = -e^-x, or corrected by what the
    /// rounding lost, as in <see cref="Log1p"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log1mExp<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        // Below 0 the result is NaN, as the logarithm's of any negative u.
        var p = ReducedExpm1<V, T>(V.Clamp(-x, typeof(T) == typeof(float) ? -104 : -746, 0.25), out var n);
        var e = V.Scale(p + 1, n);
        var isFar = V.Less(LogOf2, x);
        var u = V.Select(isFar, 1 - e, V.Select(V.Equal(n, 0), -p, V.Fma(p, -0.5, 0.5)));
        var m = Mantissa<V, T>(u, out var k);
        var isWhole = isFar & V.Equal(k, 0);
        var f = V.Select(isWhole, -e, m - 1);

        // What is lost is an ulp of m at most, of which 1.4 f is near enough to the exact quotient by m = 1 + f.
        var c = V.Select(isFar, ((1 - u) - e) * V.Fma(f, -1.4, 2), 0);
        var y = LogOfParts<V, T>(f, k, V.Select(isWhole, 0, c)) | V.Pattern(FloatFormat<T>.SignBit);
        return V.Rarely<LogOfUnusual>(~IsPositiveNormal<V, T>(u), u, u, y);
    }

    /// <summary>
    /// log(1 + x) for x in [0, 1], where no power of two need be split off: with s = x / (2 + x) it is
    /// 2 atanh s = x - s (x - R), R the series beyond its first term.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Log1pOfUnit<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var s = x / (x + 2);
        var z = s * s;
        return V.Fma(s, V.Fma(z, WideAtanhTail<V, T>(z), -x), x);
    }

    /// <summary>log a also where a is subnormal: scaled up by a power of two, which its exponent then lacks.</summary>
    private readonly struct LogAnywhere : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged
        {
            var subnormal = V.Less(a, FloatFormat<T>.LeastNormal);
            var shift = V.Select(subnormal, FloatFormat<T>.FractionBits + 2, 0);
            var scaled = V.Select(subnormal, a * (1L << (FloatFormat<T>.FractionBits + 2)), a);
            var mantissa = Mantissa<V, T>(scaled, out var exponent);
            return LogAtEnds<V, T>(a, LogOfParts<V, T>(mantissa - 1, exponent - shift, 0));
        }
    }

    /// <summary>log a where a is no positive normal number, and y elsewhere.</summary>
    private readonly struct LogOfUnusual : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            V.Select(IsPositiveNormal<V, T>(a), y, LogAnywhere.Apply<V, T>(a, b, y));
    }

    /// <summary>See <see cref="LogAtEnds"/>.</summary>
    private readonly struct LogEnds : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            LogAtEnds<V, T>(a, y);
    }

    /// <summary>Replaces y = log x at 0, infinity, NaN and below 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogAtEnds<V, T>(V x, V y)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        y = V.Select(V.Less(x, double.PositiveInfinity), y, x);
        y = V.Select(V.Less(x, 0), double.NaN, y);
        return V.Select(V.Equal(x, 0), double.NegativeInfinity, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V IsPositiveNormal<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.LessOrEqual(FloatFormat<T>.LeastNormal, x) & V.Less(x, double.PositiveInfinity);

    /// <summary>
    /// x = 2^n m with m in [sqrt(1/2), sqrt(2)), for positive normal x: subtracting the bits of sqrt(1/2) leaves n,
    /// rounded down, in the exponent's place.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Mantissa<V, T>(V x, out V n)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        // The exponents are counted from one that is below all, to stay positive.
        var root = V.Pattern(typeof(T) == typeof(float) ? 0x3F3504F3 : 0x3FE6A09E667F3BCD);
        var offset = V.Pattern((long)FloatFormat<T>.Bias << FloatFormat<T>.FractionBits);
        var biased = V.ShiftRight(V.AddBits(V.SubtractBits(x, root), offset), FloatFormat<T>.FractionBits);
        V rounder = FloatFormat<T>.Rounder;
        n = V.AddBits(rounder, biased) - (FloatFormat<T>.Rounder + FloatFormat<T>.Bias);
        var exponent = V.SubtractBits(V.ShiftLeft(biased, FloatFormat<T>.FractionBits), offset);
        return V.SubtractBits(x, exponent);
    }

    /// <summary>n log 2 + log(1 + f) + c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogOfParts<V, T>(V f, V n, V c)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Fma(n, LeadingLog2<T>(), f - LogTail<V, T>(f, n, c));

    /// <summary>
    /// What is to be taken from f and n times the leading digits of log 2, a product that is exact, to have n log 2 +
    /// log(1 + f) + c. With s = f / (2 + f), log(1 + f) = 2 atanh s = f - s (f - R), R the series of 2 atanh s beyond its
    /// first term; s f is written f^2/2 - s f^2/2, so that the first, exact, correction leads.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogTail<V, T>(V f, V n, V c)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V trailing = typeof(T) == typeof(float) ? 1.4286068203094173e-06 : 1.9082149292705877e-10;
        var s = f / (f + 2);
        var half = f * f * 0.5;
        var z = s * s;
        var small = V.Fma(n, trailing, V.Fma(s, V.Fma(z, AtanhTail<V, T>(z), half), c));
        return half - small;
    }

    /// <summary>The leading digits of log 2, so few that their products with exponents are exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double LeadingLog2<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? 0.693145751953125 : 0.6931471803691238;

    /// <summary>(2 atanh(s) / s - 2) / z with z = s^2, for |s| up to tanh(log(2) / 4).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V AtanhTail<V, T>(V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            var p = V.Fma(0.235835657, z, 0.285372376);
            p = V.Fma(p, z, 0.400003374);
            return V.Fma(p, z, 0.666666627);
        }

        var square = z * z;
        var odd = V.Fma(0.15313903665045037, square, 0.22222198476360633);
        odd = V.Fma(odd, square, 0.3999999999941111);
        var even = V.Fma(0.1479750379436223, square, 0.18183569722114115);
        even = V.Fma(even, square, 0.2857142874325857);
        even = V.Fma(even, square, 0.6666666666666735);
        return V.Fma(odd, z, even);
    }

    /// <summary>(2 atanh(s) / s - 2) / z with z = s^2, for s up to 1/3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V WideAtanhTail<V, T>(V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            var p = V.Fma(0.242973208, z, 0.214287356);
            p = V.Fma(p, z, 0.286167711);
            p = V.Fma(p, z, 0.39998883);
            return V.Fma(p, z, 0.666666746);
        }

        var square = z * z;
        var odd = V.Fma(0.1701235805302689, square, 0.12105182261153602);
        odd = V.Fma(odd, square, 0.15386549322843585);
        odd = V.Fma(odd, square, 0.222222239515398);
        odd = V.Fma(odd, square, 0.40000000000153896);
        var even = V.Fma(0.08343729313330446, square, 0.13301099043457748);
        even = V.Fma(even, square, 0.18181744484460083);
        even = V.Fma(even, square, 0.2857142854819825);
        even = V.Fma(even, square, 0.6666666666666632);
        return V.Fma(odd, z, even);
    }
}
