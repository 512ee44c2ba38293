using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

internal static partial class VectorMath
{
    private const double LogOf2 = 0.6931471805599453;

    /// <summary>2^x, within 2 ulp, and exact for integers: x = n + f without rounding, and 2^f = e^(f log 2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp2<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        // Beyond these bounds the result is 0 or infinity in any case.
        x = typeof(T) == typeof(float) ? V.Clamp(x, -151, 129) : V.Clamp(x, -1076, 1025);
        var n = x + FloatFormat<T>.Rounder - FloatFormat<T>.Rounder;
        var f = x - n;
        var r = f * LogOf2;
        var low = V.Fma(f, LowOfLog2<T>(), V.Fma(f, LogOf2, -r));
        return V.Scale(V.Fma(r * r, ExpTail<V, T>(r), low) + r + 1, n);
    }

    /// <summary>The logarithm to base 2, within 2 ulp, and exact for powers of 2: n + log2 m for x = 2^n m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log2<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var m = Mantissa<V, T>(x, out var n);
        var log = LogOfParts<V, T>(m - 1, 0, 0);
        var product = log * Log2E;
        var low = V.Fma(log, typeof(T) == typeof(float) ? 1.9259629911266175e-08 : 2.0355273740931033e-17,
            V.Fma(log, Log2E, -product));
        return V.Rarely<Log2Anywhere>(~IsPositiveNormal<V, T>(x), x, x, n + (product + low));
    }

    /// <summary>
    /// The logarithm to base 10, within 1 ulp, and exact for powers of 10: log x carries more digits than the type, so
    /// that only the last rounding counts.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log10<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V leading = 0.4342944819032518;
        V trailing = typeof(T) == typeof(float) ? -1.0103050052231683e-08 : 1.098319650216765e-17;
        var log = DoubledLog<V, T>(x, out var logLow);
        var product = log * leading;
        var low = V.Fma(logLow, leading, V.Fma(log, trailing, V.Fma(log, leading, -product)));
        return V.Rarely<Log10Anywhere>(~IsPositiveNormal<V, T>(x), x, x, product + low);
    }

    /// <summary>The cube root, within 2 ulp: e^(log|x| / 3), and a step of Newton's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Cbrt<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var a = V.Abs(x);
        var m = Mantissa<V, T>(a, out var n);
        var y = Exp<V, T>(LogOfParts<V, T>(m - 1, n, 0) * (1.0 / 3));
        var square = y * y;
        y -= V.Fma(square, y, -a) / (square * 3);
        y |= x & V.Pattern(FloatFormat<T>.SignBit);
        return V.Rarely<CbrtAtEnds>(IsNoCube<V, T>(x), x, x, y);
    }

    /// <summary>What rounding log 2 to T leaves of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double LowOfLog2<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? -1.904654299957768e-09 : 2.3190468138462996e-17;

    /// <summary>Whether x is so small that its neighbours are too far for Newton's step, or not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V IsNoCube<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var a = V.Abs(x);
        return ~(V.Less(typeof(T) == typeof(float) ? 1e-30 : 1e-290, a) & V.Less(a, double.PositiveInfinity));
    }

    /// <summary>The logarithm to base 2 also for zeros, subnormal and negative numbers, infinities and NaN.</summary>
    private readonly struct Log2Anywhere : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Log2, ~IsPositiveNormal<V, T>(a), a, y);
    }

    /// <summary>The logarithm to base 10 also for zeros, subnormal and negative numbers, infinities and NaN.</summary>
    private readonly struct Log10Anywhere : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Log10, ~IsPositiveNormal<V, T>(a), a, y);
    }

    /// <summary>The cube root also for zeros, tiny numbers, infinities and NaN.</summary>
    private readonly struct CbrtAtEnds : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Cbrt, IsNoCube<V, T>(a), a, y);
    }
}
