using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>Lanes in 128 bits.</summary>
internal readonly struct Wide128<T>(Vector128<T> value) : IVector<Wide128<T>, T>
    where T : unmanaged
{
    private readonly Vector128<T> value = value;

    public Vector128<T> Value => value;

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128<T>.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator Wide128<T>(double value) =>
        typeof(T) == typeof(float) ? new(Vector128.Create((float)value).As<float, T>())
        : typeof(T) == typeof(double) ? new(Vector128.Create(value).As<double, T>())
        : typeof(T) == typeof(int) ? new(Vector128.Create((int)value).As<int, T>())
        : typeof(T) == typeof(long) ? new(Vector128.Create((long)value).As<long, T>())
        : new(Vector128.Create((byte)value).As<byte, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Fill(T value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Pattern(long bits) =>
        Unsafe.SizeOf<T>() == 4
            ? new(Vector128.Create((int)bits).As<int, T>())
            : new(Vector128.Create(bits).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Load(ref T source, nint index) => new(Vector128.LoadUnsafe(ref source, (nuint)index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Wide128<T> value, ref T target, nint index) =>
        value.value.StoreUnsafe(ref target, (nuint)index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T First(Wide128<T> value) => value.value.ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> LoadMask(ref byte source, nint index) =>
        Unsafe.SizeOf<T>() == 1
            ? new(-Vector128.LoadUnsafe(ref source, (nuint)index).As<byte, T>())
            : Unsafe.SizeOf<T>() == 4 ? new(Masks.LoadFour(ref source, index).As<int, T>())
            : new(Masks.LoadTwo(ref source, index).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMask(Wide128<T> mask, ref byte target, nint index) =>
        Masks.Store(mask.value.ExtractMostSignificantBits(), Vector128<T>.Count, ref target, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> operator +(Wide128<T> a, Wide128<T> b) => new(a.value + b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> operator -(Wide128<T> a, Wide128<T> b) => new(a.value - b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> operator *(Wide128<T> a, Wide128<T> b) => new(a.value * b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> operator /(Wide128<T> a, Wide128<T> b) => new(a.value / b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> operator -(Wide128<T> a) => new(-a.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> operator &(Wide128<T> a, Wide128<T> b) => new(a.value & b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> operator |(Wide128<T> a, Wide128<T> b) => new(a.value | b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> operator ^(Wide128<T> a, Wide128<T> b) => new(a.value ^ b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> operator ~(Wide128<T> a) => new(~a.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Less(Wide128<T> a, Wide128<T> b) => new(Vector128.LessThan(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> LessOrEqual(Wide128<T> a, Wide128<T> b) =>
        new(Vector128.LessThanOrEqual(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Equal(Wide128<T> a, Wide128<T> b) => new(Vector128.Equals(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Select(Wide128<T> mask, Wide128<T> a, Wide128<T> b) =>
        new(Vector128.ConditionalSelect(mask.value, a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Wide128<T> mask) => mask.value.ExtractMostSignificantBits() != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Rarely<TOperator>(Wide128<T> mask, Wide128<T> a, Wide128<T> b, Wide128<T> y)
        where TOperator : struct, IRareOperator =>
        Any(mask) ? Lanes.Apply<TOperator, Wide128<T>, T>(a, b, y) : y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Fma(Wide128<T> a, Wide128<T> b, Wide128<T> c) =>
        typeof(T) == typeof(float)
            ? new(Vector128.FusedMultiplyAdd(
                a.value.As<T, float>(), b.value.As<T, float>(), c.value.As<T, float>()).As<float, T>())
            : new(Vector128.FusedMultiplyAdd(
                a.value.As<T, double>(), b.value.As<T, double>(), c.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Sqrt(Wide128<T> a) => new(Vector128.Sqrt(a.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Abs(Wide128<T> a) => new(Vector128.Abs(a.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Floor(Wide128<T> a) =>
        typeof(T) == typeof(float)
            ? new(Vector128.Floor(a.value.As<T, float>()).As<float, T>())
            : new(Vector128.Floor(a.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Ceiling(Wide128<T> a) =>
        typeof(T) == typeof(float)
            ? new(Vector128.Ceiling(a.value.As<T, float>()).As<float, T>())
            : new(Vector128.Ceiling(a.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Round(Wide128<T> a) =>
        typeof(T) == typeof(float)
            ? new(Vector128.Round(a.value.As<T, float>()).As<float, T>())
            : new(Vector128.Round(a.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Truncate(Wide128<T> a) =>
        typeof(T) == typeof(float)
            ? new(Vector128.Truncate(a.value.As<T, float>()).As<float, T>())
            : new(Vector128.Truncate(a.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Max(Wide128<T> a, Wide128<T> b) => new(Extrema.Max(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Min(Wide128<T> a, Wide128<T> b) => new(Extrema.Min(a.value, b.value));

    // The native maximum gives its second operand where either is NaN (or, elsewhere, NaN): x stands second.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> AtLeast(Wide128<T> x, Wide128<T> low) => new(Vector128.MaxNative(low.value, x.value));

    // As above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Clamp(Wide128<T> x, Wide128<T> low, Wide128<T> high) =>
        new(Vector128.MinNative(high.value, AtLeast(x, low).value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> AddBits(Wide128<T> a, Wide128<T> b) =>
        Unsafe.SizeOf<T>() == 4
            ? new((a.value.As<T, int>() + b.value.As<T, int>()).As<int, T>())
            : new((a.value.As<T, long>() + b.value.As<T, long>()).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> SubtractBits(Wide128<T> a, Wide128<T> b) =>
        Unsafe.SizeOf<T>() == 4
            ? new((a.value.As<T, int>() - b.value.As<T, int>()).As<int, T>())
            : new((a.value.As<T, long>() - b.value.As<T, long>()).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> ShiftLeft(Wide128<T> a, int count) =>
        Unsafe.SizeOf<T>() == 4
            ? new((a.value.As<T, int>() << count).As<int, T>())
            : new((a.value.As<T, long>() << count).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> ShiftRight(Wide128<T> a, int count) =>
        Unsafe.SizeOf<T>() == 4
            ? new((a.value.As<T, int>() >>> count).As<int, T>())
            : new((a.value.As<T, long>() >>> count).As<long, T>());

    // Four lanes choose among four: among the first, and among the last, as the third bit says.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> EighthPower(Wide128<T> a)
    {
        var j = a.value.As<T, int>();
        var lane = j & Vector128.Create(3);
        var powers = PowersOfTwo.Eighths.GetLower();
        return new(Vector128.ConditionalSelect(
            Vector128.Equals(j & Vector128.Create(4), Vector128<int>.Zero).AsSingle(),
            Vector128.Shuffle(powers.GetLower(), lane), Vector128.Shuffle(powers.GetUpper(), lane)).As<float, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide128<T> Scale(Wide128<T> a, Wide128<T> n) => PowersOfTwo.Scale<Wide128<T>, T>(a, n);
}
