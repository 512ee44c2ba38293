using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

internal static partial class VectorMath
{
    /// <summary>
    /// x^y = e^(y log x), within 1 ulp, and exact where the power is a number of the type. The logarithm carries about
    /// twice the precision, because its error is multiplied by up to 745. A negative base takes an integer y only.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Pow<V, T>(V x, V y)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var magnitude = V.Abs(x);
        var log = DoubledLog<V, T>(magnitude, out var logLow);
        var product = log * y;
        var low = V.Fma(logLow, y, V.Fma(log, y, -product));

        // Where the power overflows, or vanishes, the low part may be NaN.
        low = V.Select(V.Less(V.Abs(product), 800), low, 0);
        product = typeof(T) == typeof(float) ? V.Clamp(product, -104, 89) : V.Clamp(product, -746, 710);
        var power = ExpOfSum<V, T>(product, low, out var n);
        var result = V.Scale(power, n);

        result = V.Rarely<PowOfNegative>(V.Less(x, 0), x, y, result);
        return V.Rarely<PowAtEnds>(IsSpecial<V, T>(x, y), x, y, result);
    }

    /// <summary>a^b also for negative a, where y is (-a)^b.</summary>
    private readonly struct PowOfNegative : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            V.Select(V.Less(a, 0), OfNegativeBase<V, T>(y, b), y);
    }

    /// <summary>a^b also for zeros, subnormal numbers, infinities and NaN.</summary>
    private readonly struct PowAtEnds : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Pow, IsSpecial<V, T>(a, b), a, b, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V IsSpecial<V, T>(V x, V y)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        ~(IsPositiveNormal<V, T>(V.Abs(x)) & V.Less(V.Abs(y), double.PositiveInfinity));

    /// <summary>(-x)^y from x^y: the sign of (-1)^y for integer y, NaN otherwise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V OfNegativeBase<V, T>(V power, V y)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var half = y * 0.5;
        var odd = ~V.Equal(half, V.Truncate(half));
        var signed = power ^ (odd & V.Pattern(FloatFormat<T>.SignBit));
        return V.Select(V.Equal(y, V.Truncate(y)), signed, double.NaN);
    }

    /// <summary>e^(x + low) / 2^n, near 1, for a correction low that can be an ulp of x and so many of the remainder.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpOfSum<V, T>(V x, V low, out V n)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var reduced = ReduceByLog2<V, T>(x, out n, out var rest);
        var r = reduced + low;
        rest += low - (r - reduced);
        return V.Fma(r * r, ExpTail<V, T>(r), rest) + r + 1;
    }

    /// <summary>
    /// log x as an unevaluated sum, right to about 1.2 times the digits of <typeparamref name="T"/>, for positive normal
    /// x: n log 2 + 2 s + s^3 (2/3 + s^2 Q(s^2)) with s = (m - 1) / (m + 1), the leading terms as pairs of numbers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V DoubledLog<V, T>(V x, out V low)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var single = typeof(T) == typeof(float);
        V leading = single ? 0.693145751953125 : 0.6931471805598903;
        V trailing = single ? 1.4286068203094173e-06 : 5.497923018708371e-14;
        var m = Mantissa<V, T>(x, out var n);
        var s = AtanhArgument<V, T>(m, out var sLow);
        var cube = AtanhCubicTerms<V, T>(s, sLow, out var cubeLow);

        // Each sum is of a larger and a smaller number, and its rounding error is computed exactly.
        var scaled = n * leading;
        var twice = s + s;
        var first = scaled + twice;
        var second = first + cube;
        var rest = (twice - (first - scaled)) + (cube - (second - first));
        rest = V.Fma(n, trailing, rest + (cubeLow + (sLow + sLow)));
        var high = second + rest;
        low = rest - (high - second);
        return high;
    }

    /// <summary>s = (m - 1) / (m + 1) as a pair of numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V AtanhArgument<V, T>(V m, out V low)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var f = m - 1;
        var d = m + 1;
        var lost = m - (d - 1);
        var s = f / d;
        low = (V.Fma(-s, d, f) - s * lost) / d;
        return s;
    }

    /// <summary>2 atanh s - 2 s = s^3 (2/3 + s^2 Q(s^2)) as a pair of numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V AtanhCubicTerms<V, T>(V s, V sLow, out V low)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var single = typeof(T) == typeof(float);
        V third = single ? 0.6666666865348816 : 0.6666666666666666;
        V thirdLow = single ? -1.9868215517249155e-08 : 3.700743415417188e-17;
        var z = s * s;
        var zLow = V.Fma(s, s, -z) + (s + s) * sLow;
        var tail = z * AtanhFifthTail<V, T>(z);
        var w = third + tail;
        var wLow = (tail - (w - third)) + thirdLow;
        var u = s * z;
        var uLow = V.Fma(s, z, -u) + V.Fma(s, zLow, sLow * z);
        var v = u * w;
        low = V.Fma(u, w, -v) + V.Fma(u, wLow, uLow * w);
        return v;
    }

    /// <summary>(2 atanh(s) / s - 2 - 2 z / 3) / z^2 with z = s^2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V AtanhFifthTail<V, T>(V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            var p = V.Fma(0.19468914, z, 0.221849561);
            p = V.Fma(p, z, 0.285718739);
            return V.Fma(p, z, 0.399999976);
        }

        var square = z * z;
        var odd = V.Fma(0.1325675554362118, square, 0.18181784337135202);
        odd = V.Fma(odd, square, 0.2857142857010009);
        var even = V.Fma(0.1319700746753655, square, 0.15386759456241328);
        even = V.Fma(even, square, 0.22222222520089138);
        even = V.Fma(even, square, 0.4000000000000225);
        return V.Fma(odd, z, even);
    }
}
