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
    public static void StorePart(Vector128<T> value, T* target, nint count)
    {
        if (Avx.IsSupported && sizeof(T) == 4)
            Avx.MaskStore(
                (float*)target, Vector128.LessThan(Vector128<int>.Indices, Vector128.Create((int)count)).AsSingle(),
                value.AsSingle());
        else if (Avx.IsSupported && sizeof(T) == 8)
            Avx.MaskStore(
                (double*)target, Vector128.LessThan(Vector128<long>.Indices, Vector128.Create((long)count)).AsDouble(),
                value.AsDouble());
        else
            for (var i = 0; i < count; i++)
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
        if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(float))
            return Vector128.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>();
        if (SimdWidths.HasFusedMultiplyAdd && typeof(T) == typeof(double))
            return Vector128.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();
        return (a * b) + c;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Max(Vector128<T> a, Vector128<T> b) => Vector128.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Min(Vector128<T> a, Vector128<T> b) => Vector128.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Equal(Vector128<T> a, Vector128<T> b) => Vector128.Equals(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Select(Vector128<T> mask, Vector128<T> a, Vector128<T> b) =>
        Vector128.ConditionalSelect(mask, a, b);

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

    private static Vector128<T> LoadElements(T* source, nint count, Vector128<T> behind)
    {
        for (var i = 0; i < count; i++)
            behind = behind.WithElement(i, source[i]);
        return behind;
    }
}
