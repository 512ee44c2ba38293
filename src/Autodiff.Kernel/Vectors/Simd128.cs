using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>Vectors of 128 bits.</summary>
/// <typeparam name="T">The element type.</typeparam>
internal readonly unsafe struct Simd128<T> : ISimd<Vector128<T>, T>
    where T : unmanaged, INumber<T>
{
    public static int Width => Vector128<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Load(T* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> LoadEven(T* source)
    {
        // The upper half is at the odd places of a vector that ends with it.
        Vector128<T> lower = Load(source), upper = Load(source + Width - 1);
        if (Sse2.IsSupported && sizeof(T) == 4)
            return Sse.Shuffle(lower.AsSingle(), upper.AsSingle(), 0b11_01_10_00).As<float, T>();
        if (Sse2.IsSupported && sizeof(T) == 8)
            return Sse2.Shuffle(lower.AsDouble(), upper.AsDouble(), 0b10).As<double, T>();
        for (var i = 0; i < Width; i++)
            lower = lower.WithElement(i, source[2 * i]);
        return lower;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> LoadSpread(T* source) => sizeof(T) == 4
        ? Vector128.Shuffle(Vector64.Load(source).ToVector128().AsInt32(), Vector128.Create(0, 2, 1, 2)).As<int, T>()
        : Vector128.CreateScalar(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> LoadPart(T* source, nint count, Vector128<T> behind)
    {
        if (Avx.IsSupported && sizeof(T) == 4)
        {
            var mask = Vector128.LessThan(Vector128<int>.Indices, Vector128.Create((int)count)).AsSingle();
            var loaded = Avx.MaskLoad((float*)source, mask);
            return Vector128.ConditionalSelect(mask, loaded, behind.AsSingle()).As<float, T>();
        }

        if (Avx.IsSupported && sizeof(T) == 8)
        {
            var mask = Vector128.LessThan(Vector128<long>.Indices, Vector128.Create((long)count)).AsDouble();
            var loaded = Avx.MaskLoad((double*)source, mask);
            return Vector128.ConditionalSelect(mask, loaded, behind.AsDouble()).As<double, T>();
        }

        return LoadElements(source, count, behind);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<T> value, T* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Mask(nint count) => sizeof(T) switch
    {
        4 => Vector128.LessThan(Vector128<int>.Indices, Vector128.Create((int)count)).As<int, T>(),
        8 => Vector128.LessThan(Vector128<long>.Indices, Vector128.Create((long)count)).As<long, T>(),
        _ => throw new NotSupportedException(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> LoadMasked(T* source, Vector128<T> mask)
    {
        if (Avx.IsSupported && sizeof(T) == 4)
            return Avx.MaskLoad((float*)source, mask.AsSingle()).As<float, T>();
        if (Avx.IsSupported && sizeof(T) == 8)
            return Avx.MaskLoad((double*)source, mask.AsDouble()).As<double, T>();
        return LoadElements(source, Count(mask), default);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMasked(Vector128<T> value, T* target, Vector128<T> mask)
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
    public static void StoreStreaming(Vector128<T> value, T* target) => value.StoreAlignedNonTemporal(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Broadcast(T value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Add(Vector128<T> a, Vector128<T> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Multiply(Vector128<T> a, Vector128<T> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> MultiplyAdd(Vector128<T> a, Vector128<T> b, Vector128<T> c)
    {
        AddProduct(a, b, ref c);
        return c;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(Vector128<T> a, Vector128<T> b, ref Vector128<T> sum)
    {
        // The JIT adds in place where the sum is written where it is read.
        if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(float))
            sum = Vector128.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), sum.AsSingle()).As<float, T>();
        else if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(double))
            sum = Vector128.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), sum.AsDouble()).As<double, T>();
        else
            sum = (a * b) + sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(T* a, Vector128<T> b, ref Vector128<T> sum)
    {
        // The JIT reads *a within the instruction where it is created there.
        if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(float))
            sum = Vector128.FusedMultiplyAdd(b.AsSingle(), Vector128.Create(*(float*)a), sum.AsSingle()).As<float, T>();
        else if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(double))
            sum = Vector128.FusedMultiplyAdd(b.AsDouble(), Vector128.Create(*(double*)a), sum.AsDouble()).As<double, T>();
        else
            sum = (b * Vector128.Create(*a)) + sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Max(Vector128<T> a, Vector128<T> b) => Extrema.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Min(Vector128<T> a, Vector128<T> b) => Extrema.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Equal(Vector128<T> a, Vector128<T> b) => Vector128.Equals(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Select(Vector128<T> mask, Vector128<T> a, Vector128<T> b) =>
        Vector128.ConditionalSelect(mask, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> FoldAll<TReduction>(T* vectors) where TReduction : struct, IReduction<T> =>
        FoldedVectors.Fold128<T, TReduction>(vectors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Fold<TReduction>(Vector128<T> value) where TReduction : struct, IReduction<T>
    {
        if (sizeof(T) == 8)
            return TReduction.Combine(value.GetElement(0), value.GetElement(1));
        if (sizeof(T) == 4)
            return TReduction.Combine(
                TReduction.Combine(value.GetElement(0), value.GetElement(2)),
                TReduction.Combine(value.GetElement(1), value.GetElement(3)));
        var total = value.GetElement(0);
        for (var i = 1; i < Width; i++)
            total = TReduction.Combine(total, value.GetElement(i));
        return total;
    }

    private static int Count(Vector128<T> mask) =>
        sizeof(T) == 4 ? Vector128.CountWhereAllBitsSet(mask.AsInt32()) : Vector128.CountWhereAllBitsSet(mask.AsInt64());

    private static Vector128<T> LoadElements(T* source, nint count, Vector128<T> behind)
    {
        for (var i = 0; i < count; i++)
            behind = behind.WithElement(i, source[i]);
        return behind;
    }
}
