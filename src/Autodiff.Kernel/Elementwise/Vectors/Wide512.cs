using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>Lanes in 512 bits.</summary>
internal readonly struct Wide512<T>(Vector512<T> value) : IVector<Wide512<T>, T>
    where T : unmanaged
{
    private readonly Vector512<T> value = value;

    public Vector512<T> Value => value;

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512<T>.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator Wide512<T>(double value) =>
        typeof(T) == typeof(float) ? new(Vector512.Create((float)value).As<float, T>())
        : typeof(T) == typeof(double) ? new(Vector512.Create(value).As<double, T>())
        : typeof(T) == typeof(int) ? new(Vector512.Create((int)value).As<int, T>())
        : typeof(T) == typeof(long) ? new(Vector512.Create((long)value).As<long, T>())
        : new(Vector512.Create((byte)value).As<byte, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Fill(T value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Pattern(long bits) =>
        Unsafe.SizeOf<T>() == 4
            ? new(Vector512.Create((int)bits).As<int, T>())
            : new(Vector512.Create(bits).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Load(ref T source, nint index) => new(Vector512.LoadUnsafe(ref source, (nuint)index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Wide512<T> value, ref T target, nint index) =>
        value.value.StoreUnsafe(ref target, (nuint)index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T First(Wide512<T> value) => value.value.ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> LoadMask(ref byte source, nint index) =>
        Unsafe.SizeOf<T>() == 1
            ? new(-Vector512.LoadUnsafe(ref source, (nuint)index).As<byte, T>())
            : new(Vector512.Create(
                Wide256<T>.LoadMask(ref source, index).Value,
                Wide256<T>.LoadMask(ref source, index + Vector256<T>.Count).Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMask(Wide512<T> mask, ref byte target, nint index) =>
        Masks.Store((uint)mask.value.ExtractMostSignificantBits(), Vector512<T>.Count, ref target, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> operator +(Wide512<T> a, Wide512<T> b) => new(a.value + b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> operator -(Wide512<T> a, Wide512<T> b) => new(a.value - b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> operator *(Wide512<T> a, Wide512<T> b) => new(a.value * b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> operator /(Wide512<T> a, Wide512<T> b) => new(a.value / b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> operator -(Wide512<T> a) => new(-a.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> operator &(Wide512<T> a, Wide512<T> b) => new(a.value & b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> operator |(Wide512<T> a, Wide512<T> b) => new(a.value | b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> operator ^(Wide512<T> a, Wide512<T> b) => new(a.value ^ b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> operator ~(Wide512<T> a) => new(~a.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Less(Wide512<T> a, Wide512<T> b) => new(Vector512.LessThan(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> LessOrEqual(Wide512<T> a, Wide512<T> b) =>
        new(Vector512.LessThanOrEqual(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Equal(Wide512<T> a, Wide512<T> b) => new(Vector512.Equals(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Select(Wide512<T> mask, Wide512<T> a, Wide512<T> b) =>
        new(Vector512.ConditionalSelect(mask.value, a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Wide512<T> mask) => mask.value.ExtractMostSignificantBits() != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Rarely<TOperator>(Wide512<T> mask, Wide512<T> a, Wide512<T> b, Wide512<T> y)
        where TOperator : struct, IRareOperator =>
        Any(mask) ? Lanes.Apply<TOperator, Wide512<T>, T>(a, b, y) : y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Fma(Wide512<T> a, Wide512<T> b, Wide512<T> c) =>
        typeof(T) == typeof(float)
            ? new(Vector512.FusedMultiplyAdd(
                a.value.As<T, float>(), b.value.As<T, float>(), c.value.As<T, float>()).As<float, T>())
            : new(Vector512.FusedMultiplyAdd(
                a.value.As<T, double>(), b.value.As<T, double>(), c.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Sqrt(Wide512<T> a) => new(Vector512.Sqrt(a.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Abs(Wide512<T> a) => new(Vector512.Abs(a.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Floor(Wide512<T> a) =>
        typeof(T) == typeof(float)
            ? new(Vector512.Floor(a.value.As<T, float>()).As<float, T>())
            : new(Vector512.Floor(a.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Ceiling(Wide512<T> a) =>
        typeof(T) == typeof(float)
            ? new(Vector512.Ceiling(a.value.As<T, float>()).As<float, T>())
            : new(Vector512.Ceiling(a.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Round(Wide512<T> a) =>
        typeof(T) == typeof(float)
            ? new(Vector512.Round(a.value.As<T, float>()).As<float, T>())
            : new(Vector512.Round(a.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Truncate(Wide512<T> a) =>
        typeof(T) == typeof(float)
            ? new(Vector512.Truncate(a.value.As<T, float>()).As<float, T>())
            : new(Vector512.Truncate(a.value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Max(Wide512<T> a, Wide512<T> b) => new(Vector512.Max(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Min(Wide512<T> a, Wide512<T> b) => new(Vector512.Min(a.value, b.value));

    // The native maximum gives its second operand where either is NaN (or, elsewhere, NaN): x stands second.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> AtLeast(Wide512<T> x, Wide512<T> low) => new(Vector512.MaxNative(low.value, x.value));

    // As above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Clamp(Wide512<T> x, Wide512<T> low, Wide512<T> high) =>
        new(Vector512.MinNative(high.value, AtLeast(x, low).value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> AddBits(Wide512<T> a, Wide512<T> b) =>
        Unsafe.SizeOf<T>() == 4
            ? new((a.value.As<T, int>() + b.value.As<T, int>()).As<int, T>())
            : new((a.value.As<T, long>() + b.value.As<T, long>()).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> SubtractBits(Wide512<T> a, Wide512<T> b) =>
        Unsafe.SizeOf<T>() == 4
            ? new((a.value.As<T, int>() - b.value.As<T, int>()).As<int, T>())
            : new((a.value.As<T, long>() - b.value.As<T, long>()).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> ShiftLeft(Wide512<T> a, int count) =>
        Unsafe.SizeOf<T>() == 4
            ? new((a.value.As<T, int>() << count).As<int, T>())
            : new((a.value.As<T, long>() << count).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> ShiftRight(Wide512<T> a, int count) =>
        Unsafe.SizeOf<T>() == 4
            ? new((a.value.As<T, int>() >>> count).As<int, T>())
            : new((a.value.As<T, long>() >>> count).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> EighthPower(Wide512<T> a) => new(
        Avx512F.IsSupported
            ? Avx512F.PermuteVar16x32(PowersOfTwo.Eighths, a.value.As<T, int>()).As<float, T>()
            : Vector512.Create(
                Wide256<T>.EighthPower(new(a.value.GetLower())).Value, Wide256<T>.EighthPower(new(a.value.GetUpper())).Value));

    /// <summary>The machine's own instruction, where there is one, gives the bits of the product of powers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide512<T> Scale(Wide512<T> a, Wide512<T> n) =>
        !Avx512F.IsSupported ? PowersOfTwo.Scale<Wide512<T>, T>(a, n)
        : typeof(T) == typeof(float) ? new(Avx512F.Scale(a.value.As<T, float>(), n.value.As<T, float>()).As<float, T>())
        : new(Avx512F.Scale(a.value.As<T, double>(), n.value.As<T, double>()).As<double, T>());
}
