using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Numbers that order as elements do: NaN, whatever its bits, is larger than every other element, and the two zeros are
/// equal. Elements of up to four bytes have keys below 2^32.
/// </summary>
internal interface ISortKey<T> where T : unmanaged
{
    static abstract ulong Of(T element);
}

/// <summary>Truth values: false before true.</summary>
internal readonly struct BoolKey : ISortKey<byte>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(byte element) => element;
}

/// <summary>The sign bit turned, so that negative numbers come first.</summary>
internal readonly struct Int32Key : ISortKey<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(int element) => (uint)element ^ 0x8000_0000u;
}

/// <summary>The sign bit turned, so that negative numbers come first.</summary>
internal readonly struct Int64Key : ISortKey<long>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(long element) => (ulong)element ^ 0x8000_0000_0000_0000ul;
}

/// <summary>
/// The bits of a positive float grow with it; those of a negative one fall, so that all of them are turned.
/// </summary>
internal readonly struct Float32Key : ISortKey<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(float element)
    {
        if (float.IsNaN(element))
            return uint.MaxValue;
        // Adding zero makes the negative zero positive.
        var bits = BitConverter.SingleToInt32Bits(element + 0f);
        return (uint)(bits ^ ((bits >> 31) | int.MinValue));
    }
}

/// <summary>As <see cref="Float32Key"/>, with twice the bits.</summary>
internal readonly struct Float64Key : ISortKey<double>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(double element)
    {
        if (double.IsNaN(element))
            return ulong.MaxValue;
        var bits = BitConverter.DoubleToInt64Bits(element + 0.0);
        return (ulong)(bits ^ ((bits >> 63) | long.MinValue));
    }
}
