using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Autodiff.Kernel;

namespace Autodiff;

public sealed partial class NDArray
{
    /// <summary>A copy of a .NET array of any rank, such as <c>double[,]</c> or <c>int[]</c>, with its shape.</summary>
    /// <param name="array">
    /// An array of float, double, int, long or bool. A jagged one (<c>double[][]</c>) is no such array.
    /// </param>
    /// <exception cref="DTypeException">The elements are of another type.</exception>
    public static NDArray From(Array array)
    {
        ArgumentNullException.ThrowIfNull(array);
        var element = array.GetType().GetElementType()!;
        if (element.IsArray)
            throw new DTypeException(
                $"NDArray.From: {array.GetType().Name} is jagged, its rows may differ in length: "
                + "use a rectangular array such as double[,], or a flat one and a shape");
        var dtype = DTypes.Find(element);
        var sizes = new int[array.Rank];
        for (var axis = 0; axis < sizes.Length; axis++)
            sizes[axis] = array.GetLength(axis);
        var result = Allocate(Shape.Create(sizes), dtype);
        MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(array), result.Length * dtype.Size())
            .CopyTo(Storage.Of(result).Span<byte>());
        return result;
    }

    /// <summary>A copy of the elements, in row-major order.</summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    /// <param name="data">The elements.</param>
    /// <param name="shape">The sizes of the axes.</param>
    /// <exception cref="ShapeException">The elements do not fill the shape.</exception>
    /// <exception cref="DTypeException">There is no such element type.</exception>
    public static NDArray From<T>(ReadOnlySpan<T> data, int[] shape) where T : unmanaged => CopyOf(data, shape);

    /// <summary>A copy of a tensor, whatever its strides.</summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="DTypeException">There is no such element type.</exception>
    public static NDArray From<T>(Tensor<T> tensor) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return From(tensor.AsReadOnlyTensorSpan());
    }

    /// <summary>A copy of what a tensor span shows, whatever its strides.</summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    /// <param name="tensor">The span.</param>
    /// <exception cref="DTypeException">There is no such element type.</exception>
    public static NDArray From<T>(in ReadOnlyTensorSpan<T> tensor) where T : unmanaged
    {
        var sizes = new int[tensor.Rank];
        for (var axis = 0; axis < sizes.Length; axis++)
            sizes[axis] = checked((int)tensor.Lengths[axis]);
        var shape = Shape.Create(sizes);
        var result = Uninitialized<T>(shape, out var elements);
        if (elements.Length > 0)
            tensor.FlattenTo(elements);
        return result;
    }

    /// <summary>
    /// The elements under their shape, without a copy. A scalar shows as one axis of size 1: tensor spans have no rank 0.
    /// </summary>
    /// <typeparam name="T">The .NET type of the elements.</typeparam>
    /// <exception cref="DTypeException">The array holds elements of another type.</exception>
    public ReadOnlyTensorSpan<T> AsTensorSpan<T>() where T : unmanaged => new(AsSpan<T>(), TensorLengths());

    /// <summary>A copy as a tensor. A scalar becomes one axis of size 1: tensors have no rank 0.</summary>
    /// <typeparam name="T">The .NET type of the elements.</typeparam>
    /// <exception cref="DTypeException">The array holds elements of another type.</exception>
    public Tensor<T> ToTensor<T>() where T : unmanaged => Tensor.Create(ToArray<T>(), TensorLengths());

    /// <summary>
    /// The elements converted to another type: floats to integers by cutting off the fraction (out of range: the nearest
    /// integer there is, NaN: 0), wider to narrower integers by their low bits, numbers to Bool by comparing with zero,
    /// Bool to 0 and 1. The array itself if it has the type already.
    /// </summary>
    /// <param name="dtype">The new element type.</param>
    public NDArray AsType(DType dtype) => DType == dtype ? this : ElementConversion.Convert(this, dtype);

    /// <summary>The same elements under another shape, without a copy.</summary>
    /// <param name="shape">The sizes of the axes, one of which may be -1: as many as there are elements left for it.</param>
    /// <exception cref="ShapeException">The elements do not fill the shape.</exception>
    public NDArray Reshape(params int[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return WithShape(SizeInference.Resolve($"Reshape of {Shape}", shape, Length));
    }

    private nint[] TensorLengths() => Rank == 0 ? [1] : Array.ConvertAll(Shape.ToArray(), size => (nint)size);
}
