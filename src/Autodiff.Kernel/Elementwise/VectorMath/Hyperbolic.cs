using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

internal static partial class VectorMath
{
    /// <summary>(e^x - e^-x) / 2, within 3 ulp: its series below 1, where the difference would cancel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sinh<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var a = V.Abs(x);
        var z = a * a;
        var half = HalfExp<V, T>(a);
        var y = V.Select(V.Less(a, 1), V.Fma(a * z, SinhTail<V, T>(z), a), half - 0.25 / half);
        return y | (x & V.Pattern(FloatFormat<T>.SignBit));
    }

    /// <summary>(e^x + e^-x) / 2, within 3 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Cosh<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var half = HalfExp<V, T>(V.Abs(x));
        return half + 0.25 / half;
    }

    /// <summary>
    /// The inverse of sinh, within 4 ulp: log1p(a + a^2 / (1 + sqrt(a^2 + 1))), which is log1p(2 a - 1) to all digits
    /// where a is large.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Asinh<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var a = V.Abs(x);
        var near = a + a * a / (V.Sqrt(V.Fma(a, a, 1)) + 1);
        var y = Log1p<V, T>(V.Select(V.Less(268435456, a), a + a - 1, near));
        y |= x & V.Pattern(FloatFormat<T>.SignBit);
        return V.Rarely<HugeAsinh>(IsHuge<V, T>(x), x, x, y);
    }

    /// <summary>The inverse of cosh, within 4 ulp: log1p(t + sqrt(2 t + t^2)) with t = x - 1; NaN below 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Acosh<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var t = x - 1;
        var near = t + V.Sqrt(V.Fma(t, t, t + t));
        var u = V.Select(V.Less(268435456, x), x + x - 1, V.Select(V.Less(x, 1), double.NaN, near));
        var y = Log1p<V, T>(u);
        return V.Rarely<HugeAcosh>(IsHuge<V, T>(x), x, x, y);
    }

    /// <summary>The inverse of tanh, within 4 ulp: log1p(2 a / (1 - a)) / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Atanh<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var a = V.Abs(x);
        var twice = a + a;
        var u = V.Select(V.Less(a, 0.5), V.Fma(twice, a / (1 - a), twice), twice / (1 - a));
        return (Log1p<V, T>(u) * 0.5) | (x & V.Pattern(FloatFormat<T>.SignBit));
    }

    /// <summary>e^a / 2 for a from 0 on; it overflows where sinh does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V HalfExp<V, T>(V a)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        a = typeof(T) == typeof(float) ? V.Clamp(a, 0, 91) : V.Clamp(a, 0, 712);
        var p = ReducedExpm1<V, T>(a, out var n);
        return V.Scale(p + 1, n - 1);
    }

    /// <summary>(sinh(x) / x - 1) / z with z = x^2, for |x| up to 1: the Taylor series.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V SinhTail<V, T>(V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V p = 1.0 / 39916800;
        if (typeof(T) == typeof(double))
        {
            p = V.Fma(1.0 / 121645100408832000, z, 1.0 / 355687428096000);
            p = V.Fma(p, z, 1.0 / 1307674368000);
            p = V.Fma(p, z, 1.0 / 6227020800);
            p = V.Fma(p, z, 1.0 / 39916800);
        }

        p = V.Fma(p, z, 1.0 / 362880);
        p = V.Fma(p, z, 1.0 / 5040);
        p = V.Fma(p, z, 1.0 / 120);
        return V.Fma(p, z, 1.0 / 6);
    }

    /// <summary>Whether twice the number may overflow; NaN aside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V IsHuge<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Less(typeof(T) == typeof(float) ? 1e38 : 8e307, V.Abs(x));

    /// <summary>The inverse of sinh also for huge numbers.</summary>
    private readonly struct HugeAsinh : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Asinh, IsHuge<V, T>(a), a, y);
    }

    /// <summary>The inverse of cosh also for huge numbers.</summary>
    private readonly struct HugeAcosh : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Acosh, IsHuge<V, T>(a), a, y);
    }
}
