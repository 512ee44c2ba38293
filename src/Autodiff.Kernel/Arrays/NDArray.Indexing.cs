using System.Diagnostics;
using System.Runtime.CompilerServices;
using Autodiff.Kernel;

namespace Autodiff;

public sealed partial class NDArray
{
    /// <summary>The array at an index along the leading axes, without a copy: of rank 0 if every axis has an index.</summary>
    /// <param name="index">An index for each leading axis; a negative one counts from the end of its axis.</param>
    /// <exception cref="ShapeException">An index is out of range, or there are more of them than axes.</exception>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    [IndexerName("Element")]
    public NDArray this[params int[] index] =>
        new(data, offset + PositionOf(index), Shape.Create(Shape.AsSpan()[index.Length..]), DType);

    /// <summary>The only element.</summary>
    /// <typeparam name="T">The .NET type of the elements.</typeparam>
    /// <exception cref="ShapeException">The array has not exactly one element.</exception>
    /// <exception cref="DTypeException">The array holds elements of another type.</exception>
    public T Item<T>() where T : unmanaged => RequireOne("Item").AsSpan<T>()[0];

    /// <summary>The element at an index.</summary>
    /// <typeparam name="T">The .NET type of the elements.</typeparam>
    /// <param name="index">An index for each axis; a negative one counts from the end of its axis.</param>
    /// <exception cref="ShapeException">An index is out of range, or there is not one for each axis.</exception>
    /// <exception cref="DTypeException">The array holds elements of another type.</exception>
    public T Item<T>(params int[] index) where T : unmanaged
    {
        var position = PositionOf(index);
        return index.Length == Rank
            ? AsSpan<T>()[position]
            : throw new ShapeException(
                $"Item: {index.Length} indices for an array of shape {Shape}, which needs {Rank} to name one element");
    }

    /// <summary>
    /// A part of the array as NumPy's brackets give it: <c>a.Slice(0)</c>, <c>a.Slice(1..3, ^1)</c>,
    /// <c>a.Slice(Autodiff.Slice.Ellipsis, Autodiff.Slice.Step(-1))</c>. Copies the elements unless they follow one another
    /// in memory; then the result keeps this array's memory alive.
    /// </summary>
    /// <param name="slices">What to take along each axis; the axes not named are taken whole.</param>
    /// <exception cref="ShapeException">An index is out of range, or there are more of them than axes.</exception>
    public NDArray Slice(params Slice[] slices)
    {
        ArgumentNullException.ThrowIfNull(slices);
        var part = SliceSpec.Resolve(slices, Shape, "");
        var layout = Layout.Contiguous(Shape).Slice(part.Starts, part.Steps, part.Counts);
        return layout.IsDense
            ? new NDArray(data, offset + layout.Offset, part.Result, DType)
            : CopyOf(View.Of(this).With(layout)).WithShape(part.Result);
    }

    private int PositionOf(int[] index)
    {
        ArgumentNullException.ThrowIfNull(index);
        if (index.Length > Rank)
            throw new ShapeException($"index [{string.Join(',', index)}] has more entries than shape {Shape} has axes");
        var position = 0;
        for (var axis = 0; axis < Rank; axis++)
            position = position * Shape[axis] + (axis < index.Length ? CheckedIndex(axis, index[axis]) : 0);
        return position;
    }

    private int CheckedIndex(int axis, int index)
    {
        var size = Shape[axis];
        return index >= -size && index < size
            ? index < 0 ? index + size : index
            : throw new ShapeException($"index {index} is out of range on axis {axis} of shape {Shape}, which has size {size}");
    }

    private NDArray RequireOne(string operation) =>
        Length == 1
            ? this
            : throw new ShapeException($"{operation}: an array of shape {Shape} has {Length} elements, not one");
}
