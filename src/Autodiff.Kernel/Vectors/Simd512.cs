using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>Vectors of 512 bits.</summary>
/// <typeparam name="T">The element type.</typeparam>
internal readonly unsafe struct Simd512<T> : ISimd<Vector512<T>, T>
    where T : unmanaged, INumber<T>
{
    public static int Width => Vector512<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load(T* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> LoadEven(T* source)
    {
        // The upper half is at the odd places of a vector that ends with it.
        Vector512<T> lower = Load(source), upper = Load(source + Width - 1);
        if (Avx512F.IsSupported && sizeof(T) == 4)
            return Avx512F.PermuteVar16x32x2(
                lower.AsInt32(), Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 29, 31),
                upper.AsInt32()).As<int, T>();
        if (Avx512F.IsSupported && sizeof(T) == 8)
            return Avx512F.PermuteVar8x64x2(
                lower.AsInt64(), Vector512.Create(0, 2, 4, 6, 9, 11, 13, 15), upper.AsInt64()).As<long, T>();
        return Vector512.Create(Simd256<T>.LoadEven(source), Simd256<T>.LoadEven(source + Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> LoadSpread(T* source)
    {
        // The upper half is zeros.
        var half = Vector256.Load(source).ToVector512();
        return sizeof(T) == 4
            ? Vector512.Shuffle(half.AsInt32(), Vector512.Create(0, 8, 1, 8, 2, 8, 3, 8, 4, 8, 5, 8, 6, 8, 7, 8)).As<int, T>()
            : Vector512.Shuffle(half.AsInt64(), Vector512.Create(0, 4, 1, 4, 2, 4, 3, 4L)).As<long, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> LoadPart(T* source, nint count, Vector512<T> behind)
    {
        if (Avx512F.IsSupported && sizeof(T) == 4)
        {
            var mask = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create((int)count)).AsSingle();
            return Avx512F.MaskLoad((float*)source, mask, behind.AsSingle()).As<float, T>();
        }

        if (Avx512F.IsSupported && sizeof(T) == 8)
        {
            var mask = Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)count)).AsDouble();
            return Avx512F.MaskLoad((double*)source, mask, behind.AsDouble()).As<double, T>();
        }

        return LoadElements(source, count, behind);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<T> value, T* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Mask(nint count) => sizeof(T) switch
    {
        4 => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create((int)count)).As<int, T>(),
        8 => Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)count)).As<long, T>(),
        _ => throw new NotSupportedException(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> LoadMasked(T* source, Vector512<T> mask)
    {
        if (Avx512F.IsSupported && sizeof(T) == 4)
            return Avx512F.MaskLoad((float*)source, mask.AsSingle(), default).As<float, T>();
        if (Avx512F.IsSupported && sizeof(T) == 8)
            return Avx512F.MaskLoad((double*)source, mask.AsDouble(), default).As<double, T>();
        return LoadElements(source, Count(mask), default);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMasked(Vector512<T> value, T* target, Vector512<T> mask)
    {
        if (Avx512F.IsSupported && sizeof(T) == 4)
            Avx512F.MaskStore((float*)target, mask.AsSingle(), value.AsSingle());
        else if (Avx512F.IsSupported && sizeof(T) == 8)
            Avx512F.MaskStore((double*)target, mask.AsDouble(), value.AsDouble());
        else
            for (var i = 0; i < Count(mask); i++)
                target[i] = value.GetElement(i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreStreaming(Vector512<T> value, T* target) => value.StoreAlignedNonTemporal(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Broadcast(T value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Add(Vector512<T> a, Vector512<T> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Multiply(Vector512<T> a, Vector512<T> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c)
    {
        AddProduct(a, b, ref c);
        return c;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(Vector512<T> a, Vector512<T> b, ref Vector512<T> sum)
    {
        // The JIT adds in place where the sum is written where it is read.
        if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(float))
            sum = Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), sum.AsSingle()).As<float, T>();
        else if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(double))
            sum = Vector512.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), sum.AsDouble()).As<double, T>();
        else
            sum = (a * b) + sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(T* a, Vector512<T> b, ref Vector512<T> sum)
    {
        // The JIT reads *a within the instruction where it is created there.
        if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(float))
            sum = Vector512.FusedMultiplyAdd(b.AsSingle(), Vector512.Create(*(float*)a), sum.AsSingle()).As<float, T>();
        else if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(double))
            sum = Vector512.FusedMultiplyAdd(b.AsDouble(), Vector512.Create(*(double*)a), sum.AsDouble()).As<double, T>();
        else
            sum = (b * Vector512.Create(*a)) + sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Max(Vector512<T> a, Vector512<T> b) => Vector512.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Min(Vector512<T> a, Vector512<T> b) => Vector512.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Equal(Vector512<T> a, Vector512<T> b) => Vector512.Equals(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Select(Vector512<T> mask, Vector512<T> a, Vector512<T> b) =>
        Vector512.ConditionalSelect(mask, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> FoldAll<TReduction>(T* vectors) where TReduction : struct, IReduction<T> =>
        FoldedVectors.Fold512<T, TReduction>(vectors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Fold<TReduction>(Vector512<T> value) where TReduction : struct, IReduction<T> =>
        Simd256<T>.Fold<TReduction>(
            TReduction.Combine<Vector256<T>, Simd256<T>>(value.GetLower(), value.GetUpper()));

    private static int Count(Vector512<T> mask) =>
        sizeof(T) == 4 ? Vector512.CountWhereAllBitsSet(mask.AsInt32()) : Vector512.CountWhereAllBitsSet(mask.AsInt64());

    private static Vector512<T> LoadElements(T* source, nint count, Vector512<T> behind)
    {
        for (var i = 0; i < count; i++)
            behind = behind.WithElement(i, source[i]);
        return behind;
    }
}
