using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The transpose of <see cref="Gather"/>: adds slices to an array at their indices along one axis.</summary>
internal static class ScatterAdd
{
    /// <summary>
    /// Without batch axes, <c>result[before.., indices[indices..], after..] += source[before.., indices..,
    /// after..]</c>, to what the result holds already. Equal indices add up, in row-major order of the indices.
    /// </summary>
    /// <param name="source">What is added, of the shape that <see cref="IndexedAxis.PickedShape"/> gives.</param>
    /// <param name="indices">Int32 or Int64; a negative index counts from the end.</param>
    /// <param name="axis">The axis of the result that the indices run along, not a batch axis.</param>
    /// <param name="batchRank">The number of leading axes that result and indices share.</param>
    /// <param name="result">What is added to: Float32, Float64, Int32 or Int64.</param>
    /// <exception cref="IndexOutOfRangeException">An index is beyond the axis.</exception>
    public static void Run(View source, View indices, int axis, int batchRank, View result)
    {
        new ScatterAddKernel(source, indices, axis, batchRank, result).Run(source, indices, result);
    }
}

/// <summary>
/// A <see cref="ScatterAdd"/> made for fixed layouts, then run for any places in memory; immutable and safe to share
/// between threads.
/// </summary>
/// <remarks>
/// Threads share the slices, not the indices: each adds its part of every slice, in the order of the indices, so that equal
/// indices neither meet nor change the order of a sum.
/// </remarks>
internal sealed unsafe class ScatterAddKernel
{
    // The least elements of a slice that a part has, and the most parts.
    private const int PartElements = 128;
    private const int MostParts = 16;

    private readonly IndexedAxis plan;
    private readonly Part[] parts;
    private readonly int sliceSize;
    private readonly long places;

    /// <summary>Plans what <see cref="ScatterAdd.Run"/> does; the memory of the views is not looked at.</summary>
    public ScatterAddKernel(View source, View indices, int axis, int batchRank, View result)
    {
        plan = IndexedAxis.Create(result, indices, axis, batchRank, source);
        sliceSize = plan.Slice.Shape.Size;
        places = LoopAxis.Count(plan.Places);
        parts = sliceSize == 0 ? [] : Cut(plan.PickedSlice, plan.Slice);
    }

    /// <summary>Adds on all threads.</summary>
    /// <exception cref="IndexOutOfRangeException">An index is beyond the axis.</exception>
    public void Run(View source, View indices, View result)
    {
        if (places == 0)
            return;
        switch (source.DType)
        {
            case DType.Float32:
                Run<float>(source, indices, result);
                break;
            case DType.Float64:
                Run<double>(source, indices, result);
                break;
            case DType.Int32:
                Run<int>(source, indices, result);
                break;
            case DType.Int64:
                Run<long>(source, indices, result);
                break;
            default:
                throw new DTypeException($"scatter-add: {source.DType} elements have no sum");
        }
    }

    /// <summary>A slice cut along its longest axis.</summary>
    private static Part[] Cut(Layout source, Layout target)
    {
        var shape = source.Shape;
        var count = Math.Clamp(shape.Size / PartElements, 1, MostParts);
        var sizes = shape.AsSpan();
        var axis = count == 1 ? -1 : sizes.IndexOf(sizes.ToArray().Max());
        count = axis < 0 ? 1 : Math.Min(count, shape[axis]);
        var parts = new Part[count];
        for (var i = 0; i < count; i++)
            parts[i] = axis < 0 ? new Part(source, target) : new Part(PartOf(source, axis, i, count), PartOf(target, axis, i, count));
        return parts;
    }

    private static Layout PartOf(Layout layout, int axis, int part, int count)
    {
        var (starts, steps, counts) = (new int[layout.Shape.Rank], new int[layout.Shape.Rank], layout.Shape.ToArray());
        Array.Fill(steps, 1);
        starts[axis] = (int)((long)layout.Shape[axis] * part / count);
        counts[axis] = (int)((long)layout.Shape[axis] * (part + 1) / count) - starts[axis];
        return layout.Slice(starts, steps, counts);
    }

    private void Run<T>(View source, View indices, View result) where T : unmanaged, INumber<T>
    {
        if (indices.DType == DType.Int32)
            Run<T, int>(source, indices, result);
        else
            Run<T, long>(source, indices, result);
    }

    private void Run<T, TIndex>(View source, View indices, View result)
        where T : unmanaged, INumber<T>
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        fixed (T* from = &source.Storage.Reference<T>(), to = &result.Storage.Reference<T>())
        fixed (TIndex* index = &indices.Storage.Reference<TIndex>())
            ForkJoin.Run(
                new Work<T, TIndex>(this, from, index + indices.Layout.Offset, to), Math.Max(1, parts.Length),
                StridedCopyLoop.Nanoseconds(places * (sliceSize + 4L) * sizeof(T)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<T, TIndex>(T* from, TIndex* index, T* to, Part part)
        where T : unmanaged, INumber<T>
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        var place = new Odometer(plan.Places);
        int count;
        do
        {
            count = sliceSize == 1 ? place.Run : 1;
            if (sliceSize == 1)
                AddElements(from + part.Source + place.C, index + place.B, to + part.Target + place.A, count);
            else
                AddSlice(from + place.C, long.CreateChecked(index[place.B]), to + place.A, part);
        }
        while (place.Next(count));
    }

    /// <summary>Adds single elements along the innermost axis of the places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddElements<T, TIndex>(T* from, TIndex* index, T* to, int count)
        where T : unmanaged, INumber<T>
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        nint a = plan.Inner.A, b = plan.Inner.B, c = plan.Inner.C, stride = plan.Stride;
        var size = (ulong)plan.Size;
        for (; count > 0; count--, from += c, index += b, to += a)
        {
            var position = long.CreateTruncating(*index);
            to[(ulong)position < size ? (nint)position * stride : plan.Offset(position)] += *from;
        }
    }

    /// <summary>Adds a part of a slice; of an empty one the index is only looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddSlice<T>(T* from, long index, T* to, Part part) where T : unmanaged, INumber<T>
    {
        var offset = plan.Offset(index);
        part.Loop?.Run(from + part.Source, to + part.Target + offset);
    }

    /// <summary>The sums of a part of each slice; without a loop the indices are only looked at.</summary>
    private readonly struct Part(Layout source, Layout target)
    {
        public readonly AccumulateLoop? Loop = new(source, target);

        /// <summary>Where the part begins in a slice that is added.</summary>
        public readonly nint Source = source.Offset;

        /// <summary>Where it begins in the slice that it is added to.</summary>
        public readonly nint Target = target.Offset;
    }

    private readonly struct Work<T, TIndex>(ScatterAddKernel kernel, T* from, TIndex* index, T* to) : IWork
        where T : unmanaged, INumber<T>
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        public void Run(long item) =>
            kernel.Run(from, index, to, kernel.parts.Length == 0 ? default : kernel.parts[item]);
    }
}
