using System.Buffers;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The positions of the elements along an axis in their order. Each element is sorted with its position, which decides
/// between equal ones: that makes any sort stable.
/// </summary>
internal sealed unsafe class ArgSort
{
    // The elements of an item of work, where one line does not have more.
    private const int ItemElements = 4096;

    private readonly LoopAxis line;
    private readonly LoopAxis[] outer;
    private readonly bool descending;
    private readonly int size;

    /// <summary>Plans to sort the lines along an axis of a source for a result; strides are any.</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public ArgSort(Layout source, int axis, bool descending, Layout result)
    {
        if (source.Shape != result.Shape)
            throw new ShapeException($"argsort: positions in {source.Shape} do not fill {result.Shape}");
        var axes = LoopAxis.Of(source, result);
        line = axes[axis];
        outer = LoopAxis.Fold(LoopAxis.Sort(LoopAxis.Without(axes, axis)));
        size = source.Shape.Size;
        this.descending = descending;
    }

    /// <summary>
    /// Writes, for each line, the positions of its elements from the smallest to the largest, or from the largest to the
    /// smallest; equal elements keep their order, and NaN counts as larger than every number. The source has any element
    /// type, the result is Int64.
    /// </summary>
    /// <exception cref="DTypeException">The result is not Int64.</exception>
    public void Run(View source, View result)
    {
        if (result.DType != DType.Int64)
            throw new DTypeException($"argsort: positions are Int64, not {result.DType}");
        if (size == 0)
            return;
        switch (source.DType)
        {
            case DType.Float32:
                Run<float, Float32Key>(source, result);
                break;
            case DType.Float64:
                Run<double, Float64Key>(source, result);
                break;
            case DType.Int32:
                Run<int, Int32Key>(source, result);
                break;
            case DType.Int64:
                Run<long, Int64Key>(source, result);
                break;
            default:
                Run<byte, BoolKey>(source, result);
                break;
        }
    }

    private void Run<T, TKey>(View source, View result)
        where T : unmanaged
        where TKey : struct, ISortKey<T>
    {
        fixed (T* from = &source.Storage.Reference<T>())
        fixed (long* to = &result.Storage.Reference<long>())
        {
            var work = new Lines<T, TKey>(
                from + source.Layout.Offset, to + result.Layout.Offset, outer, line, descending ? (sizeof(T) <= 4 ? uint.MaxValue : ulong.MaxValue) : 0);
            ForkJoin.Run(work, work.Items, size * 10L);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sort<T, TKey, TEntry>(
        T* elements, long* positions, LoopAxis line, ulong flip, TEntry* entries, TEntry* room)
        where T : unmanaged
        where TKey : struct, ISortKey<T>
        where TEntry : unmanaged, ISortEntry<TEntry>
    {
        for (var i = 0; i < line.Size; i++)
            entries[i] = TEntry.Of(TKey.Of(elements[(nint)i * line.A]) ^ flip, i);
        var sorted = StableSort.Sort(entries, room, line.Size);
        for (var i = 0; i < line.Size; i++)
            positions[(nint)i * line.C] = sorted[i].Position;
    }

    /// <summary>The lines along an axis, some in an item of work.</summary>
    private readonly struct Lines<T, TKey>(T* source, long* result, LoopAxis[] outer, LoopAxis line, ulong flip) : IWork
        where T : unmanaged
        where TKey : struct, ISortKey<T>
    {
        private readonly long count = LoopAxis.Count(outer);
        private readonly long perItem = Math.Max(1, ItemElements / line.Size);

        public long Items => (count + perItem - 1) / perItem;

        public void Run(long item)
        {
            if (sizeof(T) <= 4)
                Run<NarrowEntry>(item);
            else
                Run<WideEntry>(item);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Run<TEntry>(long item) where TEntry : unmanaged, ISortEntry<TEntry>
        {
            var place = Odometer.At(outer, item * perItem);
            var rented = ArrayPool<TEntry>.Shared.Rent(checked(2 * line.Size));
            fixed (TEntry* entries = rented)
            {
                for (var left = Math.Min(perItem, count - (item * perItem)); left > 0; left--, place.Next())
                    Sort<T, TKey, TEntry>(
                        source + place.A, result + place.C, line, flip, entries, entries + line.Size);
            }

            ArrayPool<TEntry>.Shared.Return(rented);
        }
    }
}
