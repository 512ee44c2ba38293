using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>Lanes in 256 bits.</summary>
internal readonly struct Wide256<T>(Vector256<T> value) : IVector<Wide256<T>, T>
    where T : unmanaged
{
    private readonly Vector256<T> value = value;

    public Vector256<T> Value => value;

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256<T>.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator Wide256<T>(double value) =>
        typeof(T) == typeof(float) ? new(Vector256.Create((float)value).As<float, T>())
        : typeof(T) == typeof(double) ? new(Vector256.Create(value).As<double, T>())
        : typeof(T) == typeof(int) ? new(Vector256.Create((int)value).As<int, T>())
        : typeof(T) == typeof(long) ? new(Vector256.Create((long)value).As<long, T>())
        : new(Vector256.Create((byte)value).As<byte, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Fill(T value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Pattern(long bits) =>
        Unsafe.SizeOf<T>() == 4
            ? new(Vector256.Create((int)bits).As<int, T>())
            : new(Vector256.Create(bits).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Load(ref T source, nint index) => new(Vector256.LoadUnsafe(ref source, (nuint)index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Wide256<T> value, ref T target, nint index) =>
        value.value.StoreUnsafe(ref target, (nuint)index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T First(Wide256<T> value) => value.value.ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> LoadMask(ref byte source, nint index) =>
        Unsafe.SizeOf<T>() == 1
            ? new(-Vector256.LoadUnsafe(ref source, (nuint)index).As<byte, T>())
            : new(Vector256.Create(
                Wide128<T>.LoadMask(ref source, index).Value,
                Wide128<T>.LoadMask(ref source, index + Vector128<T>.Count).Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMask(Wide256<T> mask, ref byte target, nint index) =>
        Masks.Store(mask.value.ExtractMostSignificantBits(), Vector256<T>.Count, ref target, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> operator +(Wide256<T> a, Wide256<T> b) => new(a.value + b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> operator -(Wide256<T> a, Wide256<T> b) => new(a.value - b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> operator *(Wide256<T> a, Wide256<T> b) => new(a.value * b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> operator /(Wide256<T> a, Wide256<T> b) => new(a.value / b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> operator -(Wide256<T> a) => new(-a.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> operator &(Wide256<T> a, Wide256<T> b) => new(a.value & b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> operator |(Wide256<T> a, Wide256<T> b) => new(a.value | b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> operator ^(Wide256<T> a, Wide256<T> b) => new(a.value ^ b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> operator ~(Wide256<T> a) => new(~a.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Less(Wide256<T> a, Wide256<T> b) => new(Vector256.LessThan(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> LessOrEqual(Wide256<T> a, Wide256<T> b) =>
        new(Vector256.LessThanOrEqual(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Equal(Wide256<T> a, Wide256<T> b) => new(Vector256.Equals(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Select(Wide256<T> mask, Wide256<T> a, Wide256<T> b) =>
        new(Vector256.ConditionalSelect(mask.value, a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Wide256<T> mask) => mask.value.ExtractMostSignificantBits() != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Rarely<TOperator>(Wide256<T> mask, Wide256<T> a, Wide256<T> b, Wide256<T> y)
        where TOperator : struct, IRareOperator =>
        Any(mask) ? Lanes.Apply<TOperator, Wide256<T>, T>(a, b, y) : y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Fma(Wide256<T> a, Wide256<T> b, Wide256<T> c) =>
        typeof(T) == typeof(float)
            ? new(Vector256.FusedMultiplyAdd(
                a.value.As<T, float>(), b.value.As<T, float>(), c.value.As<T, float>()).As<float, T>())
            : new(Vector256.FusedMultiplyAdd(
                a.value.As<T, double>(), b.value.As<T, double>(), c.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Sqrt(Wide256<T> a) => new(Vector256.Sqrt(a.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Abs(Wide256<T> a) => new(Vector256.Abs(a.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Floor(Wide256<T> a) =>
        typeof(T) == typeof(float)
            ? new(Vector256.Floor(a.value.As<T, float>()).As<float, T>())
            : new(Vector256.Floor(a.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Ceiling(Wide256<T> a) =>
        typeof(T) == typeof(float)
            ? new(Vector256.Ceiling(a.value.As<T, float>()).As<float, T>())
            : new(Vector256.Ceiling(a.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Round(Wide256<T> a) =>
        typeof(T) == typeof(float)
            ? new(Vector256.Round(a.value.As<T, float>()).As<float, T>())
            : new(Vector256.Round(a.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Truncate(Wide256<T> a) =>
        typeof(T) == typeof(float)
            ? new(Vector256.Truncate(a.value.As<T, float>()).As<float, T>())
            : new(Vector256.Truncate(a.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Max(Wide256<T> a, Wide256<T> b) => new(Extrema.Max(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Min(Wide256<T> a, Wide256<T> b) => new(Extrema.Min(a.value, b.value));

    // The native maximum gives its second operand where either is NaN (or, elsewhere, NaN): x stands second.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> AtLeast(Wide256<T> x, Wide256<T> low) => new(Vector256.MaxNative(low.value, x.value));

    // As above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Clamp(Wide256<T> x, Wide256<T> low, Wide256<T> high) =>
        new(Vector256.MinNative(high.value, AtLeast(x, low).value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> AddBits(Wide256<T> a, Wide256<T> b) =>
        Unsafe.SizeOf<T>() == 4
            ? new((a.value.As<T, int>() + b.value.As<T, int>()).As<int, T>())
            : new((a.value.As<T, long>() + b.value.As<T, long>()).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> SubtractBits(Wide256<T> a, Wide256<T> b) =>
        Unsafe.SizeOf<T>() == 4
            ? new((a.value.As<T, int>() - b.value.As<T, int>()).As<int, T>())
            : new((a.value.As<T, long>() - b.value.As<T, long>()).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> ShiftLeft(Wide256<T> a, int count) =>
        Unsafe.SizeOf<T>() == 4
            ? new((a.value.As<T, int>() << count).As<int, T>())
            : new((a.value.As<T, long>() << count).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> ShiftRight(Wide256<T> a, int count) =>
        Unsafe.SizeOf<T>() == 4
            ? new((a.value.As<T, int>() >>> count).As<int, T>())
            : new((a.value.As<T, long>() >>> count).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> EighthPower(Wide256<T> a) => new(
        Avx2.IsSupported
            ? Avx2.PermuteVar8x32(PowersOfTwo.Eighths.GetLower(), a.value.As<T, int>()).As<float, T>()
            : Vector256.Create(
                Wide128<T>.EighthPower(new(a.value.GetLower())).Value, Wide128<T>.EighthPower(new(a.value.GetUpper())).Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide256<T> Scale(Wide256<T> a, Wide256<T> n) => PowersOfTwo.Scale<Wide256<T>, T>(a, n);
}
