using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The distance from the origin of a point in the plane, and its direction.</summary>
internal static partial class VectorMath
{
    /// <summary>
    /// The angle of (x, y), within 3 ulp: the arc tangent of |y| / |x|, in the three parts of <see cref="Atan"/>, whose
    /// quotients are formed of y and x at once; for negative x it is taken from pi.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Atan2<V, T>(V y, V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V rise = V.Abs(y), run = V.Abs(x);
        var isMiddle = V.Less(run * 0.41421356237309503, rise);
        var isFar = V.Less(run * 2.4142135623730951, rise);
        var numerator = V.Select(isFar, -run, V.Select(isMiddle, rise - run, rise));
        var denominator = V.Select(isFar, rise, V.Select(isMiddle, rise + run, run));
        var t = numerator / denominator;
        var z = t * t;
        var rest = V.Fma(t * z, AtanTail<V, T>(z), t);
        rest += V.Select(isFar, LowOfHalfPi<T>(), V.Select(isMiddle, LowOfHalfPi<T>() / 2, 0));
        var turn = V.Select(isFar, HalfPi, V.Select(isMiddle, QuarterPi, 0));
        var left = (2 * HalfPi - turn) + (2 * LowOfHalfPi<T>() - rest);
        var angle = V.Select(V.Less(x, 0), left, turn + rest) | (y & V.Pattern(FloatFormat<T>.SignBit));
        return V.Rarely<Atan2AtEnds>(HasNoQuotient<V, T>(y, x), y, x, angle);
    }

    /// <summary>The square root of a^2 + b^2, within 1 ulp, without overflow on the way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Hypot<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V x = V.Abs(a), y = V.Abs(b);
        var large = V.Max(x, y);
        return V.Rarely<HypotAnywhere>(HasNoSquare<V, T>(large), x, y, RootOfSquares<V, T>(large, V.Min(x, y)));
    }

    /// <summary>Whether both are zero, or |a| + |b| is no finite number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V HasNoQuotient<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var sum = V.Abs(a) + V.Abs(b);
        return ~(V.Less(0, sum) & V.Less(sum, double.PositiveInfinity));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V RootOfSquares<V, T>(V large, V small)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Sqrt(V.Fma(large, large, small * small));

    /// <summary>Whether the square of x, or of a smaller number that counts beside it, leaves the normal numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V HasNoSquare<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var single = typeof(T) == typeof(float);
        return ~(V.Less(single ? 1e-15 : 1e-140, x) & V.Less(x, single ? 1e18 : 1e150));
    }

    /// <summary>The angle also at the origin, at infinity and where |x| + |y| is too large.</summary>
    private readonly struct Atan2AtEnds : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Atan2, HasNoQuotient<V, T>(a, b), a, b, y);
    }

    /// <summary>
    /// The distance also of points near or far: scaled by a power of two, so that squares are normal numbers. A distance
    /// that is infinite in one direction is so, whatever the other.
    /// </summary>
    private readonly struct HypotAnywhere : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged
        {
            var (up, down) = typeof(T) == typeof(float) ? (100, -70) : (600, -550);
            V large = V.Max(a, b), isFar = V.Less(1, large);
            var scale = V.Select(isFar, Math.ScaleB(1, down), Math.ScaleB(1, up));
            var back = V.Select(isFar, Math.ScaleB(1, -down), Math.ScaleB(1, -up));
            var scaled = RootOfSquares<V, T>(large * scale, V.Min(a, b) * scale) * back;
            V infinite = double.PositiveInfinity;
            scaled = V.Select(V.Equal(a, infinite) | V.Equal(b, infinite), infinite, scaled);
            return V.Select(HasNoSquare<V, T>(large), scaled, y);
        }
    }
}
