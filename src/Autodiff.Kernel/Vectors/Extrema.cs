using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>
/// The larger and the smaller of two elements, as IEEE 754 defines maximum and minimum: NaN where one is NaN, and -0 is less
/// than +0.
/// </summary>
/// <remarks>
/// The instruction of x86 gives its second operand where one is NaN or both are zero: taken both ways, it differs only
/// there. "And" of both ways makes +0 of two zeros, "or" makes -0, and keeps what is no number. These are five operations and
/// three, where the general methods take nine until AVX-512 has one.
/// </remarks>
internal static class Extrema
{
    private static bool IsPairOfInstructions
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Sse2.IsSupported && !Avx512F.VL.IsSupported;
    }

    /// <summary>The larger ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Max<T>(Vector256<T> a, Vector256<T> b) =>
        !IsPairOfInstructions || !Avx.IsSupported ? Vector256.Max(a, b)
        : typeof(T) == typeof(float) ? Max(a.As<T, float>(), b.As<T, float>()).As<float, T>()
        : typeof(T) == typeof(double) ? Max(a.As<T, double>(), b.As<T, double>()).As<double, T>()
        : Vector256.Max(a, b);

    /// <summary>The smaller ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Min<T>(Vector256<T> a, Vector256<T> b) =>
        !IsPairOfInstructions || !Avx.IsSupported ? Vector256.Min(a, b)
        : typeof(T) == typeof(float) ? Min(a.As<T, float>(), b.As<T, float>()).As<float, T>()
        : typeof(T) == typeof(double) ? Min(a.As<T, double>(), b.As<T, double>()).As<double, T>()
        : Vector256.Min(a, b);

    /// <summary>The larger ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Max<T>(Vector128<T> a, Vector128<T> b) =>
        !IsPairOfInstructions ? Vector128.Max(a, b)
        : typeof(T) == typeof(float) ? Max(a.As<T, float>(), b.As<T, float>()).As<float, T>()
        : typeof(T) == typeof(double) ? Max(a.As<T, double>(), b.As<T, double>()).As<double, T>()
        : Vector128.Max(a, b);

    /// <summary>The smaller ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Min<T>(Vector128<T> a, Vector128<T> b) =>
        !IsPairOfInstructions ? Vector128.Min(a, b)
        : typeof(T) == typeof(float) ? Min(a.As<T, float>(), b.As<T, float>()).As<float, T>()
        : typeof(T) == typeof(double) ? Min(a.As<T, double>(), b.As<T, double>()).As<double, T>()
        : Vector128.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Max(Vector256<float> a, Vector256<float> b) =>
        (Avx.Max(a, b) & Avx.Max(b, a)) | Avx.CompareUnordered(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Max(Vector256<double> a, Vector256<double> b) =>
        (Avx.Max(a, b) & Avx.Max(b, a)) | Avx.CompareUnordered(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Max(Vector128<float> a, Vector128<float> b) =>
        (Sse.Max(a, b) & Sse.Max(b, a)) | Sse.CompareUnordered(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Max(Vector128<double> a, Vector128<double> b) =>
        (Sse2.Max(a, b) & Sse2.Max(b, a)) | Sse2.CompareUnordered(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Min(Vector256<float> a, Vector256<float> b) => Avx.Min(a, b) | Avx.Min(b, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Min(Vector256<double> a, Vector256<double> b) => Avx.Min(a, b) | Avx.Min(b, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Min(Vector128<float> a, Vector128<float> b) => Sse.Min(a, b) | Sse.Min(b, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Min(Vector128<double> a, Vector128<double> b) => Sse2.Min(a, b) | Sse2.Min(b, a);
}
