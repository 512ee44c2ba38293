using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Picks slices of an array by their indices along one axis.</summary>
internal static class Gather
{
    /// <summary>
    /// Without batch axes, <c>result[before.., indices.., after..] = source[before.., indices[indices..], after..]</c>;
    /// each of the leading <paramref name="batchRank"/> axes is walked in source, indices and result alike.
    /// </summary>
    /// <param name="source">The array to pick from, of any element type.</param>
    /// <param name="indices">Int32 or Int64; a negative index counts from the end.</param>
    /// <param name="axis">The axis of the source that the indices run along, not a batch axis.</param>
    /// <param name="batchRank">The number of leading axes that source and indices share.</param>
    /// <param name="result">Of the shape that <see cref="IndexedAxis.PickedShape"/> gives.</param>
    /// <exception cref="IndexOutOfRangeException">An index is beyond the axis.</exception>
    public static void Run(View source, View indices, int axis, int batchRank, View result)
    {
        new GatherKernel(source, indices, axis, batchRank, result).Run(source, indices, result);
    }
}

/// <summary>
/// A <see cref="Gather"/> made for fixed layouts, then run for any places in memory; immutable and safe to share between
/// threads.
/// </summary>
internal sealed unsafe class GatherKernel
{
    // The elements that an item of work picks, where one slice does not have more.
    private const int ItemElements = 8192;

    private readonly IndexedAxis plan;
    private readonly StridedCopyLoop loop;
    private readonly bool isOneRun;
    private readonly int sliceSize;
    private readonly long places;
    private readonly long placesPerItem;

    /// <summary>Plans what <see cref="Gather.Run"/> does; the memory of the views is not looked at.</summary>
    public GatherKernel(View source, View indices, int axis, int batchRank, View result)
    {
        plan = IndexedAxis.Create(source, indices, axis, batchRank, result);
        loop = new StridedCopyLoop(plan.Slice, plan.PickedSlice);
        isOneRun = loop.IsOneRun;
        sliceSize = plan.Slice.Shape.Size;
        places = LoopAxis.Count(plan.Places);
        placesPerItem = Math.Max(1, ItemElements / Math.Max(1, sliceSize));
    }

    /// <summary>Picks on all threads.</summary>
    /// <exception cref="IndexOutOfRangeException">An index is beyond the axis.</exception>
    public void Run(View source, View indices, View result)
    {
        if (places == 0)
            return;
        switch (source.DType.Size())
        {
            case 1:
                Run<byte>(source, indices, result);
                break;
            case 4:
                Run<uint>(source, indices, result);
                break;
            default:
                Run<ulong>(source, indices, result);
                break;
        }
    }

    private void Run<T>(View source, View indices, View result) where T : unmanaged
    {
        if (indices.DType == DType.Int32)
            Run<T, int>(source, indices, result);
        else
            Run<T, long>(source, indices, result);
    }

    private void Run<T, TIndex>(View source, View indices, View result)
        where T : unmanaged
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        fixed (T* from = &source.Storage.Reference<T>(), to = &result.Storage.Reference<T>())
        fixed (TIndex* index = &indices.Storage.Reference<TIndex>())
            ForkJoin.Run(
                new Work<T, TIndex>(this, from + plan.Slice.Offset, index + indices.Layout.Offset, to + plan.PickedSlice.Offset),
                (places + placesPerItem - 1) / placesPerItem,
                StridedCopyLoop.Nanoseconds(places * (sliceSize + 4L) * sizeof(T)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<T, TIndex>(T* from, TIndex* index, T* to, long item)
        where T : unmanaged
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        var first = item * placesPerItem;
        var place = Odometer.At(plan.Places, first);
        for (var left = Math.Min(placesPerItem, places - first); left > 0;)
        {
            var count = (int)Math.Min(left, place.Run);
            if (sliceSize == 1)
                PickElements(from + place.A, index + place.B, to + place.C, count);
            else
                PickSlices(from + place.A, index + place.B, to + place.C, count);
            place.Next(count);
            left -= count;
        }
    }

    /// <summary>Picks single elements along the innermost axis of the places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PickElements<T, TIndex>(T* from, TIndex* index, T* to, int count)
        where T : unmanaged
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        nint a = plan.Inner.A, b = plan.Inner.B, c = plan.Inner.C, stride = plan.Stride;
        var size = (ulong)plan.Size;
        for (; count > 0; count--, from += a, index += b, to += c)
        {
            var position = long.CreateTruncating(*index);
            *to = from[(ulong)position < size ? (nint)position * stride : plan.Offset(position)];
        }
    }

    /// <summary>Picks slices along that axis; of empty ones the indices are only looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PickSlices<T, TIndex>(T* from, TIndex* index, T* to, int count)
        where T : unmanaged
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        nint a = plan.Inner.A, b = plan.Inner.B, c = plan.Inner.C;
        for (; count > 0; count--, from += a, index += b, to += c)
        {
            var offset = plan.Offset(long.CreateTruncating(*index));
            if (isOneRun)
                ShortRowCopy.Row((byte*)(from + offset), (byte*)to, (nint)sliceSize * sizeof(T));
            else if (sliceSize > 0)
                loop.Run(from + offset, to);
        }
    }

    private readonly struct Work<T, TIndex>(GatherKernel kernel, T* from, TIndex* index, T* to) : IWork
        where T : unmanaged
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        public void Run(long item) => kernel.Run(from, index, to, item);
    }
}
