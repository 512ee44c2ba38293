using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Powers of two as vectors.</summary>
internal static class PowersOfTwo
{
    /// <summary>2^n for integers n whose power is a normal number: n + bias, moved to the exponent's place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Power<V, T>(V n)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.ShiftLeft(n + (FloatFormat<T>.Rounder + FloatFormat<T>.Bias), FloatFormat<T>.FractionBits);

    /// <summary>
    /// a 2^n by two factors, each near 2^(n/2) and so a normal number. For a near 1 the first product is exact, and
    /// only the second can round.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale<V, T>(V a, V n)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var half = V.Floor(n * 0.5);
        return a * Power<V, T>(half) * Power<V, T>(n - half);
    }
}
