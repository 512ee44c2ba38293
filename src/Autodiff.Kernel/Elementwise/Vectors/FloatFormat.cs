using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The binary formats of float and double, and arithmetic on exponents.</summary>
internal static class FloatFormat<T> where T : unmanaged
{
    /// <summary>The number of stored bits of the significand.</summary>
    public static int FractionBits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 23 : 52;
    }

    /// <summary>The exponent field of 1.</summary>
    public static int Bias
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 127 : 1023;
    }

    /// <summary>1.5 2^FractionBits: adding it to a small number rounds that to an integer, which the low bits then hold.</summary>
    public static double Rounder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 12582912.0 : 6755399441055744.0;
    }

    /// <summary>The sign bit.</summary>
    public static long SignBit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 0x80000000 : long.MinValue;
    }

    /// <summary>The least positive normal number.</summary>
    public static double LeastNormal
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 1.17549435082228751e-38 : 2.2250738585072014e-308;
    }
}
