using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

internal static partial class VectorMath
{
    /// <summary>The sine, within 2 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sin<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var r = ReduceByQuarterTurns<V, T>(x, out var quadrant);
        var y = OfQuadrant<V, T>(r, quadrant);
        return V.Rarely<FarSin>(IsFar<V, T>(x), x, x, y);
    }

    /// <summary>The cosine, within 2 ulp: the sine a quarter turn on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Cos<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var r = ReduceByQuarterTurns<V, T>(x, out var quadrant);
        var y = OfQuadrant<V, T>(r, V.AddBits(quadrant, V.Pattern(1)));
        return V.Rarely<FarCos>(IsFar<V, T>(x), x, x, y);
    }

    /// <summary>The tangent, within 4 ulp: the quotient of sine and cosine of what is left of a quarter turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tan<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var r = ReduceByQuarterTurns<V, T>(x, out var quadrant);
        var (sine, cosine) = (SineOf<V, T>(r), CosineOf<V, T>(r));
        var odd = IsOdd<V, T>(quadrant);
        var y = V.Select(odd, -cosine, sine) / V.Select(odd, sine, cosine);
        return V.Rarely<FarTan>(IsFar<V, T>(x), x, x, y);
    }

    /// <summary>The sine of arguments that are far out.</summary>
    private readonly struct FarSin : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Sin, IsFar<V, T>(a), a, y);
    }

    /// <summary>The cosine of arguments that are far out.</summary>
    private readonly struct FarCos : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Cos, IsFar<V, T>(a), a, y);
    }

    /// <summary>The tangent of arguments that are far out.</summary>
    private readonly struct FarTan : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Tan, IsFar<V, T>(a), a, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V IsFar<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        ~V.LessOrEqual(V.Abs(x), FarthestTurn<T>());

    /// <summary>Up to here three terms of pi/2 leave a remainder that is right to the last bits; beyond, the scalar function stands in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double FarthestTurn<T>() where T : unmanaged => typeof(T) == typeof(float) ? 131072 : 67108864;

    /// <summary>
    /// x = n pi/2 + r with |r| at most pi/4; the low bits of <paramref name="quadrant"/> hold n. The first product and
    /// difference is exact, as in the reduction by log 2; each later one is rounded once, relative to what is left. The
    /// terms are all rounded down, so that -0 stays -0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ReduceByQuarterTurns<V, T>(V x, out V quadrant)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        quadrant = V.Fma(x, 0.63661977236758134, FloatFormat<T>.Rounder);
        var n = quadrant - FloatFormat<T>.Rounder;
        if (typeof(T) == typeof(float))
            return V.Fma(n, -5.390302529957765e-15, V.Fma(n, -7.549789415861596e-08, V.Fma(n, -1.570796251296997, x)));
        return V.Fma(n, -1.0828566739219139e-32, V.Fma(n, -6.123233995736765e-17, V.Fma(n, -1.5707963267948966, x)));
    }

    /// <summary>The sine of r and as many quarter turns as the low bits of <paramref name="quadrant"/> say.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V OfQuadrant<V, T>(V r, V quadrant)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var sign = V.ShiftLeft(quadrant, typeof(T) == typeof(float) ? 30 : 62) & V.Pattern(FloatFormat<T>.SignBit);
        return V.Select(IsOdd<V, T>(quadrant), CosineOf<V, T>(r), SineOf<V, T>(r)) ^ sign;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V IsOdd<V, T>(V quadrant)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.SubtractBits(V.Pattern(0), quadrant & V.Pattern(1));

    /// <summary>The sine of r up to pi/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V SineOf<V, T>(V r)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var z = r * r;
        return V.Fma(r * z, SineTail<V, T>(z), r) | (r & V.Pattern(FloatFormat<T>.SignBit));
    }

    /// <summary>The cosine of r up to pi/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V CosineOf<V, T>(V r)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var z = r * r;
        return V.Fma(z, V.Fma(z, CosineTail<V, T>(z), -0.5), 1);
    }

    /// <summary>(sin r - r) / r^3 with z = r^2, for |r| up to pi/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V SineTail<V, T>(V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            var p = V.Fma(2.71823728e-6, z, -1.98393274e-4);
            p = V.Fma(p, z, 8.33332911e-3);
            return V.Fma(p, z, -0.166666672);
        }

        var square = z * z;
        var odd = V.Fma(1.605836519488516e-10, square, 2.7557319214148905e-06);
        odd = V.Fma(odd, square, 0.008333333333333323);
        var even = V.Fma(-7.578625575672246e-13, square, -2.5052104900553113e-08);
        even = V.Fma(even, square, -0.0001984126984125499);
        even = V.Fma(even, square, -0.16666666666666666);
        return V.Fma(odd, z, even);
    }

    /// <summary>(cos r - 1 + r^2/2) / r^4 with z = r^2, for |r| up to pi/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V CosineTail<V, T>(V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            return V.Fma(V.Fma(2.44377297e-5, z, -1.38873619e-3), z, 4.16666456e-2);

        var square = z * z;
        var odd = V.Fma(-1.1359448862987296e-11, square, -2.755731432605876e-07);
        odd = V.Fma(odd, square, -0.001388888888887399);
        var even = V.Fma(2.0875719562352575e-09, square, 2.4801587289395028e-05);
        even = V.Fma(even, square, 0.0416666666666666);
        return V.Fma(odd, z, even);
    }
}
