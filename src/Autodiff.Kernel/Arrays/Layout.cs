namespace Autodiff.Kernel;

/// <summary>
/// Where the elements of a strided view stand in a buffer: element (i0, i1, ...) is at
/// <c>Offset + i0 * Strides[0] + i1 * Strides[1] + ...</c>, counted in elements. Strides may be zero (a broadcast axis)
/// or negative (a reversed one).
/// </summary>
internal sealed class Layout
{
    private Layout(Shape shape, int[] strides, int offset)
    {
        Shape = shape;
        Strides = strides;
        Offset = offset;
        IsContiguous = offset == 0 && strides.AsSpan().SequenceEqual(RowMajor(shape)) || shape.Size == 0;
    }

    public Shape Shape { get; }

    public int[] Strides { get; }

    public int Offset { get; }

    /// <summary>Whether the view is its whole buffer in row-major order (axes of size 1 have the row-major stride).</summary>
    public bool IsContiguous { get; }

    /// <summary>Whether the elements follow one another in row-major order, from <see cref="Offset"/> on.</summary>
    public bool IsDense => Shape.Size == 0 || Strides.AsSpan().SequenceEqual(RowMajor(Shape));

    public static Layout Contiguous(Shape shape) => new(shape, RowMajor(shape), 0);

    public static Layout Strided(Shape shape, int[] strides, int offset)
    {
        // An axis of size 1 is never stepped along: its stride is made canonical so that layouts compare.
        var rowMajor = RowMajor(shape);
        var canonical = new int[strides.Length];
        for (var axis = 0; axis < canonical.Length; axis++)
            canonical[axis] = shape[axis] == 1 ? rowMajor[axis] : strides[axis];
        return new Layout(shape, canonical, offset);
    }

    /// <summary>Whether every element stands in the same place.</summary>
    public bool IsSameAs(Layout other) =>
        ReferenceEquals(this, other)
        || (Offset == other.Offset && Shape == other.Shape && Strides.AsSpan().SequenceEqual(other.Strides));

    /// <summary>The same elements with the axes in another order: result axis i is this layout's axis order[i].</summary>
    public Layout Permute(ReadOnlySpan<int> order)
    {
        var sizes = new int[order.Length];
        var strides = new int[order.Length];
        for (var i = 0; i < order.Length; i++)
            (sizes[i], strides[i]) = (Shape[order[i]], Strides[order[i]]);
        return Strided(Shape.Create(sizes), strides, Offset);
    }

    /// <summary>Along each axis, <paramref name="counts"/> elements from <paramref name="starts"/> on, a step apart.</summary>
    public Layout Slice(ReadOnlySpan<int> starts, ReadOnlySpan<int> steps, ReadOnlySpan<int> counts)
    {
        var strides = new int[counts.Length];
        var offset = Offset;
        var shape = Shape.Create(counts);
        for (var axis = 0; axis < counts.Length; axis++)
        {
            strides[axis] = shape.Size == 0 || counts[axis] == 1 ? 0 : Strides[axis] * steps[axis];
            if (shape.Size > 0)
                offset += Strides[axis] * starts[axis];
        }

        return Strided(shape, strides, offset);
    }

    /// <summary>
    /// The elements repeated along new leading axes and along axes of size 1, so that the view has a larger shape;
    /// <see cref="Broadcasting"/> has checked that they fit.
    /// </summary>
    public Layout Broadcast(Shape target)
    {
        var strides = new int[target.Rank];
        var leading = target.Rank - Shape.Rank;
        for (var axis = 0; axis < Shape.Rank; axis++)
            strides[leading + axis] = Shape[axis] == 1 ? 0 : Strides[axis];
        return Strided(target, strides, Offset);
    }

    /// <summary>
    /// The same elements under another shape without moving them, where strides can say it; null where only a copy can.
    /// </summary>
    public Layout? TryReshape(Shape target)
    {
        if (Shape.Size == 0)
            return Contiguous(target);
        var strides = new int[target.Rank];
        int source = 0, result = 0;
        while (source < Shape.Rank || result < target.Rank)
        {
            // A group of source axes and a group of result axes that hold the same number of elements.
            var (sourceStart, resultStart) = (source, result);
            long sourceSize = source < Shape.Rank ? Shape[source++] : 1;
            long resultSize = result < target.Rank ? target[result++] : 1;
            while (sourceSize != resultSize)
            {
                if (sourceSize < resultSize)
                    sourceSize *= Shape[source++];
                else
                    resultSize *= target[result++];
            }

            if (!TryGroupStride(sourceStart, source, out var stride))
                return null;
            for (var axis = result - 1; axis >= resultStart; axis--)
            {
                strides[axis] = stride;
                stride *= target[axis];
            }
        }

        return Strided(target, strides, Offset);
    }

    /// <summary>The elements at one position of an axis, without that axis.</summary>
    public Layout Pick(int axis, int position)
    {
        var sizes = new List<int>(Shape);
        var strides = new List<int>(Strides);
        sizes.RemoveAt(axis);
        strides.RemoveAt(axis);
        return Strided(Shape.Create([.. sizes]), [.. strides], Offset + (position * Strides[axis]));
    }

    /// <summary>
    /// The windows of <paramref name="size"/> elements, <paramref name="dilation"/> apart, that start every
    /// <paramref name="stride"/> elements along an axis: the axis becomes two, (number of windows, size). Windows share
    /// elements where they overlap; nothing is copied.
    /// </summary>
    public Layout Window(int axis, int size, int stride, int dilation)
    {
        var extent = ((long)(size - 1) * dilation) + 1;
        if (size < 1 || stride < 1 || dilation < 1 || extent > Shape[axis])
            throw new ShapeException(
                $"window: {size} elements, {dilation} apart, every {stride} do not fit axis {axis} of {Shape}");
        var count = (int)((Shape[axis] - extent) / stride) + 1;
        var sizes = new List<int>(Shape) { [axis] = count };
        sizes.Insert(axis + 1, size);
        var strides = new List<int>(Strides) { [axis] = Strides[axis] * stride };
        strides.Insert(axis + 1, Strides[axis] * dilation);
        return Strided(Shape.Create([.. sizes]), [.. strides], Offset);
    }

    /// <summary>Whether the axes in [start, end) can be walked with one stride, which is the innermost one's.</summary>
    private bool TryGroupStride(int start, int end, out int stride)
    {
        stride = 0;
        long expected = -1;
        for (var axis = end - 1; axis >= start; axis--)
        {
            if (Shape[axis] == 1)
                continue;
            if (expected == -1)
                stride = Strides[axis];
            else if (Strides[axis] != expected)
                return false;
            expected = (long)Strides[axis] * Shape[axis];
        }

        return true;
    }

    private static int[] RowMajor(Shape shape)
    {
        var strides = new int[shape.Rank];
        var stride = 1;
        for (var axis = shape.Rank - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride = unchecked(stride * Math.Max(shape[axis], 1));
        }

        return strides;
    }
}
