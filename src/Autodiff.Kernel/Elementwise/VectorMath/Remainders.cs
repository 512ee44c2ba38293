using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

internal static partial class VectorMath
{
    /// <summary>a - b trunc(a / b), exactly, with the sign of a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Fmod<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Rarely<FmodAnywhere>(HasLongQuotient<V, T>(a, b), a, b, ShortFmod<V, T>(a, b));

    /// <summary>a - b floor(a / b), the remainder with the sign of b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Remainder<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var signBit = V.Pattern(FloatFormat<T>.SignBit);
        var r = ShortFmod<V, T>(a, b);
        var differ = V.Less(((r ^ b) & signBit) | 1, 0);
        var y = V.Select(V.Equal(r, 0), b & signBit, V.Select(differ, r + b, r));
        return V.Rarely<RemainderAnywhere>(HasLongQuotient<V, T>(a, b), a, b, y);
    }

    /// <summary>
    /// The remainder of a quotient below 2^FractionBits. Rounded, the quotient can reach the next integer: then what is
    /// left falls below 0 by less than b. Either way the difference is a number of the type, and so exact.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ShortFmod<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V x = V.Abs(a), y = V.Abs(b);
        var r = V.Fma(-V.Truncate(x / y), y, x);
        return V.Select(V.Less(r, 0), r + y, r) | (a & V.Pattern(FloatFormat<T>.SignBit));
    }

    /// <summary>Whether the quotient is too large to be an exact integer, or no number, or b is infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V HasLongQuotient<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V x = V.Abs(a), y = V.Abs(b);
        return ~(V.Less(x / y, 1L << FloatFormat<T>.FractionBits) & V.Less(y, double.PositiveInfinity));
    }

    /// <summary>The remainder of any quotient, with the sign of a.</summary>
    private readonly struct FmodAnywhere : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Fmod, HasLongQuotient<V, T>(a, b), a, b, y);
    }

    /// <summary>The remainder of any quotient, with the sign of b.</summary>
    private readonly struct RemainderAnywhere : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Remainder, HasLongQuotient<V, T>(a, b), a, b, y);
    }
}
