using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Autodiff.Kernel;

namespace Autodiff;

/// <summary>An immutable dense array in row-major order, with a shape and an element type.</summary>
/// <remarks>
/// Safe to share between threads. A rank of 0 is a scalar; an axis of size 0 makes an empty array. Two arrays are equal as
/// objects only if they are the same one: <see cref="IsSameAs"/> and <see cref="AllClose"/> compare the elements.
/// Debuggers and F#'s echo show the text alone, not the properties: an array's slices would be shown again below it.
/// </remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed partial class NDArray
{
    private readonly Array data;
    private readonly int offset;

    private NDArray(Array data, int offset, Shape shape, DType dtype)
    {
        this.data = data;
        this.offset = offset;
        Shape = shape;
        DType = dtype;
    }

    /// <summary>The sizes of the axes.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public Shape Shape { get; }

    /// <summary>The element type.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public DType DType { get; }

    /// <summary>The number of axes.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public int Rank => Shape.Rank;

    /// <summary>The number of elements.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public int Length => Shape.Size;

    /// <summary>The array that holds the elements from <see cref="Offset"/> on; the kernel only reads it.</summary>
    internal Array Data => data;

    /// <summary>The position of the first element in <see cref="Data"/>, counted in elements.</summary>
    internal int Offset => offset;

    /// <summary>The elements in row-major order, without a copy.</summary>
    /// <typeparam name="T">The .NET type of the elements.</typeparam>
    /// <exception cref="DTypeException">The array holds elements of another type.</exception>
    public ReadOnlySpan<T> AsSpan<T>() where T : unmanaged =>
        data is T[] elements
            ? MemoryMarshal.CreateReadOnlySpan(
                ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(elements), offset), Length)
            : throw WrongType<T>();

    /// <summary>A copy of the elements in row-major order.</summary>
    /// <typeparam name="T">The .NET type of the elements.</typeparam>
    /// <exception cref="DTypeException">The array holds elements of another type.</exception>
    public T[] ToArray<T>() where T : unmanaged => AsSpan<T>().ToArray();

    /// <summary>Takes an array that nobody else writes to as the elements of an NDArray.</summary>
    internal static NDArray Own<T>(T[] data, Shape shape) where T : unmanaged =>
        data.Length == shape.Size ? new NDArray(data, 0, shape, DTypes.Of<T>()) : throw DoesNotFill(data.Length, shape);

    /// <summary>An array for a kernel to write, which nobody else has seen yet; its elements are undefined.</summary>
    internal static NDArray Uninitialized(DType dtype, Shape shape) => New(dtype, shape, false);

    /// <summary>An array of undefined elements, and these for its maker to fill.</summary>
    internal static NDArray Uninitialized<T>(Shape shape, out Span<T> elements) where T : unmanaged
    {
        var (data, offset) = LargeArrays.New<T>(shape.Size, false);
        elements = data.AsSpan(offset, shape.Size);
        return new NDArray(data, offset, shape, DTypes.Of<T>());
    }

    /// <summary>A copy of elements, in row-major order.</summary>
    internal static NDArray CopyOf<T>(ReadOnlySpan<T> elements, Shape shape) where T : unmanaged
    {
        if (elements.Length != shape.Size)
            throw DoesNotFill(elements.Length, shape);
        var copy = Uninitialized<T>(shape, out var target);
        elements.CopyTo(target);
        return copy;
    }

    /// <summary>The elements of a strided view, brought into row-major order.</summary>
    internal static NDArray CopyOf(View source)
    {
        var result = Uninitialized(source.DType, source.Shape);
        Copying.Copy(source, View.Of(result));
        return result;
    }

    /// <summary>The same elements under another shape of the same size.</summary>
    internal NDArray WithShape(Shape shape) => new(data, offset, shape, DType);

    private static NDArray New(DType dtype, Shape shape, bool isZeroed)
    {
        (Array data, int start) = dtype switch
        {
            DType.Float32 => ((Array, int))LargeArrays.New<float>(shape.Size, isZeroed),
            DType.Float64 => LargeArrays.New<double>(shape.Size, isZeroed),
            DType.Int32 => LargeArrays.New<int>(shape.Size, isZeroed),
            DType.Int64 => LargeArrays.New<long>(shape.Size, isZeroed),
            DType.Bool => LargeArrays.New<bool>(shape.Size, isZeroed),
            _ => throw DTypes.Unknown(dtype),
        };
        return new NDArray(data, start, shape, dtype);
    }

    private static ShapeException DoesNotFill(int length, Shape shape) =>
        new($"{length} elements do not fill shape {shape}, which has {shape.Size}");

    private DTypeException WrongType<T>() =>
        new($"the array holds {DType}, not {typeof(T).Name}: convert it, or ask for its own type");
}
