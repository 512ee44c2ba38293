using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>What is known of each element type: its .NET type, its size and how two of them promote.</summary>
public static class DTypes
{
    private static ReadOnlySpan<byte> Sizes => [sizeof(float), sizeof(double), sizeof(int), sizeof(long), sizeof(bool)];

    /// <summary>The element type that stores .NET values of type <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    /// <exception cref="DTypeException">There is no such element type.</exception>
    public static DType Of<T>() => Find(typeof(T));

    /// <summary>The element type that stores .NET values of type <paramref name="type"/>.</summary>
    /// <param name="type">float, double, int, long or bool.</param>
    /// <exception cref="DTypeException">There is no such element type.</exception>
    public static DType Find(Type type) =>
        type == typeof(float) ? DType.Float32
        : type == typeof(double) ? DType.Float64
        : type == typeof(int) ? DType.Int32
        : type == typeof(long) ? DType.Int64
        : type == typeof(bool) ? DType.Bool
        : throw new DTypeException(
            $"{type} is no element type: an array holds float, double, int, long or bool");

    /// <summary>Bytes that one element takes.</summary>
    /// <param name="type">The element type.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(this DType type) => (uint)type < (uint)Sizes.Length ? Sizes[(int)type] : throw Unknown(type);

    /// <summary>Whether the type is Float32 or Float64: only those carry derivatives.</summary>
    /// <param name="type">The element type.</param>
    public static bool IsFloat(this DType type) => type is DType.Float32 or DType.Float64;

    /// <summary>
    /// The type in which two arrays meet: as NumPy promotes, except that an integer array that meets a float array
    /// takes the float's type.
    /// </summary>
    /// <param name="a">The one type.</param>
    /// <param name="b">The other type.</param>
    public static DType Promote(DType a, DType b) =>
        a == b ? a
        : a.IsFloat() && b.IsFloat() ? DType.Float64
        : a.IsFloat() ? a
        : b.IsFloat() ? b
        : a == DType.Bool ? b
        : b == DType.Bool ? a
        : DType.Int64;

    internal static Exception Unknown(DType type) =>
        new DTypeException($"{(int)type} is no element type");
}
