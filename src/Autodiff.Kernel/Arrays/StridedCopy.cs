namespace Autodiff.Kernel;

/// <summary>Brings the elements of a strided view into row-major order.</summary>
internal static class StridedCopy
{
    /// <summary>A new array with the elements of a view.</summary>
    public static NDArray ToArray(View source)
    {
        var result = NDArray.Allocate(source.Shape, source.DType);
        Copy(source, Storage.Of(result));
        return result;
    }

    /// <summary>Writes the elements of a view to <paramref name="target"/>, one after the other.</summary>
    public static void Copy(View source, Storage target)
    {
        // Only the width of an element matters for a copy.
        switch (source.DType.Size())
        {
            case 1:
                CopyRows(source.Storage.Span<byte>(), source.Layout, target.Span<byte>());
                break;
            case 4:
                CopyRows(source.Storage.Span<uint>(), source.Layout, target.Span<uint>());
                break;
            default:
                CopyRows(source.Storage.Span<ulong>(), source.Layout, target.Span<ulong>());
                break;
        }
    }

    private static void CopyRows<T>(ReadOnlySpan<T> source, Layout layout, Span<T> target)
    {
        var shape = layout.Shape;
        if (shape.Size == 0)
            return;
        var (length, stride) = shape.Rank == 0 ? (1, 1) : (shape[shape.Rank - 1], layout.Strides[^1]);
        var index = new int[shape.Rank];
        var start = layout.Offset;
        for (var done = 0; done < shape.Size; done += length)
        {
            CopyRow(source, start, stride, target.Slice(done, length));
            start += Advance(index, layout);
        }
    }

    private static void CopyRow<T>(ReadOnlySpan<T> source, int start, int stride, Span<T> row)
    {
        if (stride == 1)
            source.Slice(start, row.Length).CopyTo(row);
        else if (stride == 0)
            row.Fill(source[start]);
        else
            for (var i = 0; i < row.Length; i++)
                row[i] = source[start + i * stride];
    }

    /// <summary>Counts the index of a row one up, like an odometer, and tells how far the row's start moves.</summary>
    private static int Advance(int[] index, Layout layout)
    {
        var move = 0;
        for (var axis = index.Length - 2; axis >= 0; axis--)
        {
            move += layout.Strides[axis];
            if (++index[axis] < layout.Shape[axis])
                return move;
            move -= layout.Strides[axis] * layout.Shape[axis];
            index[axis] = 0;
        }

        return move;
    }
}
