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
        data.Length == shape.Size
            ? new NDArray(data, 0, shape, DTypes.Of<T>())
            : throw new ShapeException(
                $"{data.Length} elements do not fill shape {shape}, which has {shape.Size}");

    /// <summary>An array for a kernel to write, which nobody else has seen yet; its elements are undefined.</summary>
    internal static NDArray Uninitialized(DType dtype, Shape shape) => dtype switch
    {
        DType.Float32 => Own(GC.AllocateUninitializedArray<float>(shape.Size), shape),
        DType.Float64 => Own(GC.AllocateUninitializedArray<double>(shape.Size), shape),
        DType.Int32 => Own(GC.AllocateUninitializedArray<int>(shape.Size), shape),
        DType.Int64 => Own(GC.AllocateUninitializedArray<long>(shape.Size), shape),
        DType.Bool => Own(GC.AllocateUninitializedArray<bool>(shape.Size), shape),
        _ => throw DTypes.Unknown(dtype),
    };

    /// <summary>The elements of a strided view, brought into row-major order.</summary>
    internal static NDArray CopyOf(View source)
    {
        var result = Uninitialized(source.DType, source.Shape);
        Copying.Copy(source, View.Of(result));
        return result;
    }

    /// <summary>The same elements under another shape of the same size.</summary>
    internal NDArray WithShape(Shape shape) => new(data, offset, shape, DType);

    private DTypeException WrongType<T>() =>
        new($"the array holds {DType}, not {typeof(T).Name}: convert it, or ask for its own type");
}
