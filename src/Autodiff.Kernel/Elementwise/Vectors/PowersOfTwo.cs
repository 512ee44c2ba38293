using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>Powers of two as vectors.</summary>
internal static class PowersOfTwo
{
    /// <summary>2^(j/8) for j = 0 to 7, twice: each vector instruction that looks up in so many lanes takes what it needs.</summary>
    public static Vector512<float> Eighths
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            1, 1.0905077f, 1.1892071f, 1.2968396f, 1.4142135f, 1.5422108f, 1.6817929f, 1.8340081f,
            1, 1.0905077f, 1.1892071f, 1.2968396f, 1.4142135f, 1.5422108f, 1.6817929f, 1.8340081f);
    }

    /// <summary>2^n for integers n whose power is a normal number: n + bias, moved to the exponent's place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Power<V, T>(V n)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.ShiftLeft(n + (FloatFormat<T>.Rounder + FloatFormat<T>.Bias), FloatFormat<T>.FractionBits);

    /// <summary>
    /// a 2^n, n a multiple of 1/8 rounded down to an integer, by two factors, each near 2^(n/2) and so a normal number. For a near
    /// 1 the first product is exact, and only the second can round. The factors' exponents are the two halves of n + 2 bias,
    /// whose eighths are the low bits of a number of the right size.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale<V, T>(V a, V n)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var counted = n + ((FloatFormat<T>.Rounder / 8) + (2 * FloatFormat<T>.Bias));
        V whole = V.ShiftRight(counted, 3), half = V.ShiftRight(counted, 4);
        var rest = V.SubtractBits(whole, half);
        return a * V.ShiftLeft(half, FloatFormat<T>.FractionBits) * V.ShiftLeft(rest, FloatFormat<T>.FractionBits);
    }
}
