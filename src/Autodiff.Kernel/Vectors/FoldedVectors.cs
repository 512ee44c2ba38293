using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>
/// As many vectors as one has elements, each combined to one value, together: in every step the parts of two vectors that meet,
/// the lower and the upper ones, are put side by side and combined at once. What meets is what meets in one vector alone. The
/// vectors are taken in such an order that the last step leaves the values in that of the vectors.
/// </summary>
internal static unsafe class FoldedVectors
{
    /// <summary>Whether there are instructions for it.</summary>
    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Sse.IsSupported || AdvSimd.Arm64.IsSupported;
    }

    /// <summary>Vectors of 512 bits, one after the other in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector512<T> Fold512<T, TReduction>(T* vectors)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        if (sizeof(T) == sizeof(double))
            return Longs(Wide(0), Wide(1));
        return Ints(Longs(Wide(0), Wide(1)), Longs(Wide(2), Wide(3)));

        // A quarter of each of four vectors.
        Vector512<T> Wide(nint first)
        {
            nint width = Vector512<T>.Count, step = width / 4;
            return Quarters(
                Halves(At(first), At(first + step)), Halves(At(first + (2 * step)), At(first + (3 * step))));
        }

        Vector512<T> At(nint vector) => Vector512.Load(vectors + (vector * Vector512<T>.Count));

        static Vector512<T> Halves(Vector512<T> a, Vector512<T> b) => Combine(
            Avx512F.Shuffle4x128(a.AsInt64(), b.AsInt64(), 0b01_00_01_00).As<long, T>(),
            Avx512F.Shuffle4x128(a.AsInt64(), b.AsInt64(), 0b11_10_11_10).As<long, T>());

        static Vector512<T> Quarters(Vector512<T> a, Vector512<T> b) => Combine(
            Avx512F.Shuffle4x128(a.AsInt64(), b.AsInt64(), 0b10_00_10_00).As<long, T>(),
            Avx512F.Shuffle4x128(a.AsInt64(), b.AsInt64(), 0b11_01_11_01).As<long, T>());

        static Vector512<T> Longs(Vector512<T> a, Vector512<T> b) => Combine(
            Avx512F.UnpackLow(a.AsInt64(), b.AsInt64()).As<long, T>(),
            Avx512F.UnpackHigh(a.AsInt64(), b.AsInt64()).As<long, T>());

        static Vector512<T> Ints(Vector512<T> a, Vector512<T> b) => Combine(
            Avx512F.Shuffle(a.AsSingle(), b.AsSingle(), 0b10_00_10_00).As<float, T>(),
            Avx512F.Shuffle(a.AsSingle(), b.AsSingle(), 0b11_01_11_01).As<float, T>());

        static Vector512<T> Combine(Vector512<T> lower, Vector512<T> upper) =>
            TReduction.Combine<Vector512<T>, Simd512<T>>(lower, upper);
    }

    /// <summary>Vectors of 256 bits, one after the other in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector256<T> Fold256<T, TReduction>(T* vectors)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        if (sizeof(T) == sizeof(double))
            return Longs(Wide(0), Wide(1));
        return Ints(Longs(Wide(0), Wide(1)), Longs(Wide(2), Wide(3)));

        // A half of each of two vectors.
        Vector256<T> Wide(nint first) => Halves(At(first), At(first + (Vector256<T>.Count / 2)));

        Vector256<T> At(nint vector) => Vector256.Load(vectors + (vector * Vector256<T>.Count));

        static Vector256<T> Halves(Vector256<T> a, Vector256<T> b) => Combine(
            Avx2.Permute2x128(a.AsInt64(), b.AsInt64(), 0x20).As<long, T>(),
            Avx2.Permute2x128(a.AsInt64(), b.AsInt64(), 0x31).As<long, T>());

        static Vector256<T> Longs(Vector256<T> a, Vector256<T> b) => Combine(
            Avx2.UnpackLow(a.AsInt64(), b.AsInt64()).As<long, T>(), Avx2.UnpackHigh(a.AsInt64(), b.AsInt64()).As<long, T>());

        static Vector256<T> Ints(Vector256<T> a, Vector256<T> b) => Combine(
            Avx.Shuffle(a.AsSingle(), b.AsSingle(), 0b10_00_10_00).As<float, T>(),
            Avx.Shuffle(a.AsSingle(), b.AsSingle(), 0b11_01_11_01).As<float, T>());

        static Vector256<T> Combine(Vector256<T> lower, Vector256<T> upper) =>
            TReduction.Combine<Vector256<T>, Simd256<T>>(lower, upper);
    }

    /// <summary>Vectors of 128 bits, one after the other in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<T> Fold128<T, TReduction>(T* vectors)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        if (sizeof(T) == sizeof(double))
            return Longs(At(0), At(1));
        return Ints(Longs(At(0), At(1)), Longs(At(2), At(3)));

        Vector128<T> At(nint vector) => Vector128.Load(vectors + (vector * Vector128<T>.Count));

        static Vector128<T> Longs(Vector128<T> a, Vector128<T> b) => Combine(
            Vector128.Create(a.GetLower(), b.GetLower()), Vector128.Create(a.GetUpper(), b.GetUpper()));

        static Vector128<T> Ints(Vector128<T> a, Vector128<T> b) => AdvSimd.Arm64.IsSupported
            ? Combine(
                AdvSimd.Arm64.UnzipEven(a.AsSingle(), b.AsSingle()).As<float, T>(),
                AdvSimd.Arm64.UnzipOdd(a.AsSingle(), b.AsSingle()).As<float, T>())
            : Combine(
                Sse.Shuffle(a.AsSingle(), b.AsSingle(), 0b10_00_10_00).As<float, T>(),
                Sse.Shuffle(a.AsSingle(), b.AsSingle(), 0b11_01_11_01).As<float, T>());

        static Vector128<T> Combine(Vector128<T> lower, Vector128<T> upper) =>
            TReduction.Combine<Vector128<T>, Simd128<T>>(lower, upper);
    }
}
