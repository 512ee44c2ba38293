namespace Autodiff.Kernel;

/// <summary>
/// The geometry that Gather and ScatterAdd share: one axis of an array is read at the positions that an array of
/// indices holds. The first <c>batchRank</c> axes of the array and of the indices are the same. The picked elements
/// have the shape: batch axes, the array's axes before the axis, the axes of the indices, the array's axes after it.
/// </summary>
internal sealed class IndexedAxis
{
    private readonly int axis;

    private IndexedAxis(Layout array, Layout indices, int axis, int batchRank, Layout picked)
    {
        this.axis = axis;
        (Size, Stride) = (array.Shape[axis], array.Strides[axis]);
        var indexRank = indices.Shape.Rank - batchRank;
        var places = new List<LoopAxis>();
        for (var i = 0; i < batchRank; i++)
            places.Add(new LoopAxis(array.Shape[i], array.Strides[i], indices.Strides[i], picked.Strides[i]));
        for (var i = 0; i < indexRank; i++)
            places.Add(new LoopAxis(
                indices.Shape[batchRank + i], 0, indices.Strides[batchRank + i], picked.Strides[axis + i]));
        Places = LoopAxis.Fold([.. places]);
        Slice = RestOf(array, batchRank, axis, 1);
        PickedSlice = RestOf(picked, batchRank, axis, indexRank);
    }

    /// <summary>The size of the axis.</summary>
    public int Size { get; }

    /// <summary>Its stride in the array, in elements.</summary>
    public int Stride { get; }

    /// <summary>
    /// Every index with its batch: a is the array (without the indexed axis), b the indices, c what is picked.
    /// </summary>
    public LoopAxis[] Places { get; }

    /// <summary>The last of these axes, along which single elements are walked without an odometer.</summary>
    public LoopAxis Inner => Places.Length == 0 ? new LoopAxis(1, 0, 0, 0) : Places[^1];

    /// <summary>The elements of the array that one index picks.</summary>
    public Layout Slice { get; }

    /// <summary>The same elements where they are picked to.</summary>
    public Layout PickedSlice { get; }

    /// <summary>The shape of what is picked.</summary>
    /// <exception cref="ShapeException">The batch axes differ, or there is no such axis.</exception>
    public static Shape PickedShape(Shape array, Shape indices, int axis, int batchRank)
    {
        if (batchRank < 0 || batchRank > indices.Rank || axis < batchRank || axis >= array.Rank)
            throw new ShapeException(
                $"gather: axis {axis} with {batchRank} batch axes does not fit array {array} and indices {indices}");
        if (!array.AsSpan()[..batchRank].SequenceEqual(indices.AsSpan()[..batchRank]))
            throw new ShapeException(
                $"gather: the first {batchRank} axes of array {array} and indices {indices} differ");
        return Shape.Create([
            .. array.AsSpan()[..axis], .. indices.AsSpan()[batchRank..], .. array.AsSpan()[(axis + 1)..]]);
    }

    public static IndexedAxis Create(View array, View indices, int axis, int batchRank, View picked)
    {
        var expected = PickedShape(array.Shape, indices.Shape, axis, batchRank);
        if (picked.Shape != expected)
            throw new ShapeException($"gather: the picked elements have shape {expected}, not {picked.Shape}");
        if (picked.DType != array.DType)
            throw new DTypeException($"gather: {array.DType} elements are no {picked.DType} elements");
        if (indices.DType is not (DType.Int32 or DType.Int64))
            throw new DTypeException($"gather: indices are Int32 or Int64, not {indices.DType}");
        return new IndexedAxis(array.Layout, indices.Layout, axis, batchRank, picked.Layout);
    }

    /// <summary>The offset of an index along the axis; a negative index counts from the end.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such position.</exception>
    public nint Offset(long index) =>
        (ulong)index < (ulong)Size ? (nint)index * Stride
        : index < 0 && index >= -Size ? (nint)(index + Size) * Stride
        : throw OutOfRange(index);

#pragma warning disable CA2201 // This is what the exception is for: an index into an array.
    private IndexOutOfRangeException OutOfRange(long index) =>
        new($"index {index} is out of range for axis {axis}, which has size {Size}");
#pragma warning restore CA2201

    /// <summary>The axes of a layout but for the batch axes and those in [start, start + count).</summary>
    private static Layout RestOf(Layout layout, int batchRank, int start, int count) =>
        Layout.Strided(
            Shape.Create([.. layout.Shape.AsSpan()[batchRank..start], .. layout.Shape.AsSpan()[(start + count)..]]),
            [.. layout.Strides.AsSpan()[batchRank..start], .. layout.Strides.AsSpan()[(start + count)..]],
            layout.Offset);
}
