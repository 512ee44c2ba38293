using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>
/// The larger and the smaller of two elements, as IEEE 754 defines maximum and minimum: NaN where one is NaN, and -0 is less
/// than +0.
/// </summary>
/// <remarks>
/// The instruction of x86, .NET's native maximum, gives its second operand where one is NaN or both are zero: taken both ways, it
/// differs only there. "And" of both ways makes +0 of two zeros, "or" makes -0, and keeps what is no number. These are five
/// operations and three, where the general methods take nine until AVX-512 has one.
/// </remarks>
internal static class Extrema
{
    /// <summary>The larger ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Max<T>(Vector256<T> a, Vector256<T> b) =>
        IsBothWays<T>() && Avx.IsSupported
            ? (Vector256.MaxNative(a, b) & Vector256.MaxNative(b, a)) | IsUnordered(a, b)
            : Vector256.Max(a, b);

    /// <summary>The smaller ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Min<T>(Vector256<T> a, Vector256<T> b) =>
        IsBothWays<T>() ? Vector256.MinNative(a, b) | Vector256.MinNative(b, a) : Vector256.Min(a, b);

    /// <summary>The larger ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Max<T>(Vector128<T> a, Vector128<T> b) =>
        IsBothWays<T>()
            ? (Vector128.MaxNative(a, b) & Vector128.MaxNative(b, a)) | IsUnordered(a, b)
            : Vector128.Max(a, b);

    /// <summary>The smaller ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Min<T>(Vector128<T> a, Vector128<T> b) =>
        IsBothWays<T>() ? Vector128.MinNative(a, b) | Vector128.MinNative(b, a) : Vector128.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsBothWays<T>() =>
        (typeof(T) == typeof(float) || typeof(T) == typeof(double)) && Sse2.IsSupported && !Avx512F.VL.IsSupported;

    /// <summary>Where one of two floats is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> IsUnordered<T>(Vector256<T> a, Vector256<T> b) =>
        typeof(T) == typeof(float)
            ? Avx.CompareUnordered(a.As<T, float>(), b.As<T, float>()).As<float, T>()
            : Avx.CompareUnordered(a.As<T, double>(), b.As<T, double>()).As<double, T>();

    /// <summary>Where one of two floats is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> IsUnordered<T>(Vector128<T> a, Vector128<T> b) =>
        typeof(T) == typeof(float)
            ? Sse.CompareUnordered(a.As<T, float>(), b.As<T, float>()).As<float, T>()
            : Sse2.CompareUnordered(a.As<T, double>(), b.As<T, double>()).As<double, T>();
}
