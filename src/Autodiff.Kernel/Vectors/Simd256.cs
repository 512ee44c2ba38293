using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>Vectors of 256 bits.</summary>
/// <typeparam name="T">The element type.</typeparam>
internal readonly unsafe struct Simd256<T> : ISimd<Vector256<T>, T>
    where T : unmanaged, INumber<T>
{
    public static int Width => Vector256<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Load(T* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> LoadEven(T* source)
    {
        // The upper half is at the odd places of a vector that ends with it; then the quarters stand as 0, 2, 1, 3.
        const byte quarters = 0b11_01_10_00;
        Vector256<T> lower = Load(source), upper = Load(source + Width - 1);
        if (Avx2.IsSupported && sizeof(T) == 4)
            return Avx2.Permute4x64(
                Avx.Shuffle(lower.AsSingle(), upper.AsSingle(), 0b11_01_10_00).AsInt64(), quarters).As<long, T>();
        if (Avx2.IsSupported && sizeof(T) == 8)
            return Avx2.Permute4x64(
                Avx.Shuffle(lower.AsDouble(), upper.AsDouble(), 0b1010).AsInt64(), quarters).As<long, T>();
        return Vector256.Create(Simd128<T>.LoadEven(source), Simd128<T>.LoadEven(source + Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> LoadSpread(T* source)
    {
        // The upper half is zeros.
        var half = Vector128.Load(source).ToVector256();
        return sizeof(T) == 4
            ? Vector256.Shuffle(half.AsInt32(), Vector256.Create(0, 4, 1, 4, 2, 4, 3, 4)).As<int, T>()
            : Vector256.Shuffle(half.AsInt64(), Vector256.Create(0, 2, 1, 2L)).As<long, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> LoadPart(T* source, nint count, Vector256<T> behind)
    {
        if (Avx.IsSupported && sizeof(T) == 4)
        {
            var mask = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create((int)count)).AsSingle();
            var loaded = Avx.MaskLoad((float*)source, mask);
            return Vector256.ConditionalSelect(mask, loaded, behind.AsSingle()).As<float, T>();
        }

        if (Avx.IsSupported && sizeof(T) == 8)
        {
            var mask = Vector256.LessThan(Vector256<long>.Indices, Vector256.Create((long)count)).AsDouble();
            var loaded = Avx.MaskLoad((double*)source, mask);
            return Vector256.ConditionalSelect(mask, loaded, behind.AsDouble()).As<double, T>();
        }

        return LoadElements(source, count, behind);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<T> value, T* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Mask(nint count) => sizeof(T) switch
    {
        4 => Vector256.LessThan(Vector256<int>.Indices, Vector256.Create((int)count)).As<int, T>(),
        8 => Vector256.LessThan(Vector256<long>.Indices, Vector256.Create((long)count)).As<long, T>(),
        _ => throw new NotSupportedException(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> LoadMasked(T* source, Vector256<T> mask)
    {
        if (Avx.IsSupported && sizeof(T) == 4)
            return Avx.MaskLoad((float*)source, mask.AsSingle()).As<float, T>();
        if (Avx.IsSupported && sizeof(T) == 8)
            return Avx.MaskLoad((double*)source, mask.AsDouble()).As<double, T>();
        return LoadElements(source, Count(mask), default);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMasked(Vector256<T> value, T* target, Vector256<T> mask)
    {
        if (Avx.IsSupported && sizeof(T) == 4)
            Avx.MaskStore((float*)target, mask.AsSingle(), value.AsSingle());
        else if (Avx.IsSupported && sizeof(T) == 8)
            Avx.MaskStore((double*)target, mask.AsDouble(), value.AsDouble());
        else
            for (var i = 0; i < Count(mask); i++)
                target[i] = value.GetElement(i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreStreaming(Vector256<T> value, T* target) => value.StoreAlignedNonTemporal(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Broadcast(T value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Add(Vector256<T> a, Vector256<T> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Multiply(Vector256<T> a, Vector256<T> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> MultiplyAdd(Vector256<T> a, Vector256<T> b, Vector256<T> c)
    {
        AddProduct(a, b, ref c);
        return c;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(Vector256<T> a, Vector256<T> b, ref Vector256<T> sum)
    {
        // The JIT adds in place where the sum is written where it is read.
        if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(float))
            sum = Vector256.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), sum.AsSingle()).As<float, T>();
        else if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(double))
            sum = Vector256.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), sum.AsDouble()).As<double, T>();
        else
            sum = (a * b) + sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(T* a, Vector256<T> b, ref Vector256<T> sum)
    {
        // The JIT reads *a within the instruction where it is created there.
        if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(float))
            sum = Vector256.FusedMultiplyAdd(b.AsSingle(), Vector256.Create(*(float*)a), sum.AsSingle()).As<float, T>();
        else if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(double))
            sum = Vector256.FusedMultiplyAdd(b.AsDouble(), Vector256.Create(*(double*)a), sum.AsDouble()).As<double, T>();
        else
            sum = (b * Vector256.Create(*a)) + sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Max(Vector256<T> a, Vector256<T> b) => Extrema.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Min(Vector256<T> a, Vector256<T> b) => Extrema.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Equal(Vector256<T> a, Vector256<T> b) => Vector256.Equals(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Select(Vector256<T> mask, Vector256<T> a, Vector256<T> b) =>
        Vector256.ConditionalSelect(mask, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> FoldAll<TReduction>(T* vectors) where TReduction : struct, IReduction<T> =>
        FoldedVectors.Fold256<T, TReduction>(vectors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Fold<TReduction>(Vector256<T> value) where TReduction : struct, IReduction<T> =>
        Simd128<T>.Fold<TReduction>(
            TReduction.Combine<Vector128<T>, Simd128<T>>(value.GetLower(), value.GetUpper()));

    private static int Count(Vector256<T> mask) =>
        sizeof(T) == 4 ? Vector256.CountWhereAllBitsSet(mask.AsInt32()) : Vector256.CountWhereAllBitsSet(mask.AsInt64());

    private static Vector256<T> LoadElements(T* source, nint count, Vector256<T> behind)
    {
        for (var i = 0; i < count; i++)
            behind = behind.WithElement(i, source[i]);
        return behind;
    }
}
