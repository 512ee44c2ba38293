using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>
/// Transposes square tiles within registers. In each of log2 n rounds neighbouring rows are interleaved: first single
/// elements, then pairs of them, and at last halves of vectors.
/// </summary>
internal static unsafe class TileTransposing
{
    /// <summary>The rows and columns of a tile of elements of a type.</summary>
    public static int Side<T>() where T : unmanaged
    {
        if (sizeof(T) == 4)
            return Avx.IsSupported ? 8 : 4;
        return sizeof(T) == 8 && Avx.IsSupported ? 4 : 2;
    }

    /// <summary>target[r + c * targetStride] = source[c + r * sourceStride] for each r and c of a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<T>(T* source, nint sourceStride, T* target, nint targetStride) where T : unmanaged
    {
        if (sizeof(T) == 4 && Avx.IsSupported)
            Eight((float*)source, sourceStride, (float*)target, targetStride);
        else if (sizeof(T) == 8 && Avx.IsSupported)
            Four((double*)source, sourceStride, (double*)target, targetStride);
        else if (sizeof(T) == 4)
            Four((float*)source, sourceStride, (float*)target, targetStride);
        else
            Two(source, sourceStride, target, targetStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Eight(float* source, nint sourceStride, float* target, nint targetStride)
    {
        var (a0, a1, a2, a3) = Quarter(source, sourceStride);
        var (b0, b1, b2, b3) = Quarter(source + (4 * sourceStride), sourceStride);
        Avx.Permute2x128(a0, b0, 0x20).Store(target);
        Avx.Permute2x128(a1, b1, 0x20).Store(target + targetStride);
        Avx.Permute2x128(a2, b2, 0x20).Store(target + (2 * targetStride));
        Avx.Permute2x128(a3, b3, 0x20).Store(target + (3 * targetStride));
        target += 4 * targetStride;
        Avx.Permute2x128(a0, b0, 0x31).Store(target);
        Avx.Permute2x128(a1, b1, 0x31).Store(target + targetStride);
        Avx.Permute2x128(a2, b2, 0x31).Store(target + (2 * targetStride));
        Avx.Permute2x128(a3, b3, 0x31).Store(target + (3 * targetStride));
    }

    /// <summary>Four rows of eight; in either half of the vectors the four columns of those rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float>, Vector256<float>, Vector256<float>, Vector256<float>) Quarter(
        float* source, nint stride)
    {
        Vector256<float> r0 = Vector256.Load(source), r1 = Vector256.Load(source + stride);
        Vector256<float> r2 = Vector256.Load(source + (2 * stride)), r3 = Vector256.Load(source + (3 * stride));
        Vector256<double> low0 = Avx.UnpackLow(r0, r1).AsDouble(), low1 = Avx.UnpackLow(r2, r3).AsDouble();
        Vector256<double> high0 = Avx.UnpackHigh(r0, r1).AsDouble(), high1 = Avx.UnpackHigh(r2, r3).AsDouble();
        return (
            Avx.UnpackLow(low0, low1).AsSingle(), Avx.UnpackHigh(low0, low1).AsSingle(),
            Avx.UnpackLow(high0, high1).AsSingle(), Avx.UnpackHigh(high0, high1).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(double* source, nint sourceStride, double* target, nint targetStride)
    {
        Vector256<double> r0 = Vector256.Load(source), r1 = Vector256.Load(source + sourceStride);
        Vector256<double> r2 = Vector256.Load(source + (2 * sourceStride)), r3 = Vector256.Load(source + (3 * sourceStride));
        Vector256<double> low0 = Avx.UnpackLow(r0, r1), low1 = Avx.UnpackLow(r2, r3);
        Vector256<double> high0 = Avx.UnpackHigh(r0, r1), high1 = Avx.UnpackHigh(r2, r3);
        Avx.Permute2x128(low0, low1, 0x20).Store(target);
        Avx.Permute2x128(high0, high1, 0x20).Store(target + targetStride);
        Avx.Permute2x128(low0, low1, 0x31).Store(target + (2 * targetStride));
        Avx.Permute2x128(high0, high1, 0x31).Store(target + (3 * targetStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(float* source, nint sourceStride, float* target, nint targetStride)
    {
        Vector128<float> r0 = Vector128.Load(source), r1 = Vector128.Load(source + sourceStride);
        Vector128<float> r2 = Vector128.Load(source + (2 * sourceStride)), r3 = Vector128.Load(source + (3 * sourceStride));
        Vector128<double> low0 = Low(r0, r1).AsDouble(), low1 = Low(r2, r3).AsDouble();
        Vector128<double> high0 = High(r0, r1).AsDouble(), high1 = High(r2, r3).AsDouble();
        Vector128.Create(low0.GetLower(), low1.GetLower()).AsSingle().Store(target);
        Vector128.Create(low0.GetUpper(), low1.GetUpper()).AsSingle().Store(target + targetStride);
        Vector128.Create(high0.GetLower(), high1.GetLower()).AsSingle().Store(target + (2 * targetStride));
        Vector128.Create(high0.GetUpper(), high1.GetUpper()).AsSingle().Store(target + (3 * targetStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b)
    {
        if (Sse.IsSupported)
            return Sse.UnpackLow(a, b);
        if (AdvSimd.Arm64.IsSupported)
            return AdvSimd.Arm64.ZipLow(a, b);
        return Vector128.Create(a[0], b[0], a[1], b[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b)
    {
        if (Sse.IsSupported)
            return Sse.UnpackHigh(a, b);
        if (AdvSimd.Arm64.IsSupported)
            return AdvSimd.Arm64.ZipHigh(a, b);
        return Vector128.Create(a[2], b[2], a[3], b[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two<T>(T* source, nint sourceStride, T* target, nint targetStride) where T : unmanaged
    {
        var (first, second) = (source[1], source[sourceStride]);
        (target[0], target[1]) = (source[0], second);
        (target[targetStride], target[targetStride + 1]) = (first, source[sourceStride + 1]);
    }
}
