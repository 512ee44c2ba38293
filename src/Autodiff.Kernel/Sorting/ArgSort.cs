using System.Buffers;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The positions of the elements along an axis in their order, or of the first of them. Each element is sorted with its
/// position, which decides between equal ones: that makes any sort stable.
/// </summary>
internal sealed unsafe class ArgSort
{
    // The elements of an item of work, where one line does not have more.
    private const int ItemElements = 4096;

    private readonly LoopAxis line;
    private readonly LoopAxis[] outer;
    private readonly bool descending;
    private readonly int size;
    private readonly int wanted;

    /// <summary>
    /// Plans to sort the lines along an axis of a source for a result, which has the sizes of the source, or fewer elements
    /// along that axis; strides are any.
    /// </summary>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public ArgSort(Layout source, int axis, bool descending, Layout result)
    {
        if (!Fits(source.Shape, axis, result.Shape))
            throw new ShapeException($"argsort: positions in {source.Shape} do not fill {result.Shape}");
        var axes = LoopAxis.Of(source, result);
        line = axes[axis];
        wanted = result.Shape[axis];
        outer = LoopAxis.Fold(LoopAxis.Sort(LoopAxis.Without(axes, axis)));
        size = source.Shape.Size;
        this.descending = descending;
    }

    /// <summary>
    /// Writes, for each line, the positions of its elements from the smallest to the largest, or from the largest to the
    /// smallest, as many as the result has; equal elements keep their order, and NaN counts as larger than every number. The source has any element
    /// type, the result is Int64.
    /// </summary>
    /// <exception cref="DTypeException">The result is not Int64.</exception>
    public void Run(View source, View result)
    {
        if (result.DType != DType.Int64)
            throw new DTypeException($"argsort: positions are Int64, not {result.DType}");
        if (size == 0 || wanted == 0)
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
            var flip = !descending ? 0 : sizeof(T) <= 4 ? uint.MaxValue : ulong.MaxValue;
            var work = new Lines<T, TKey>(from + source.Layout.Offset, to + result.Layout.Offset, outer, line, wanted, flip);
            ForkJoin.Run(work, work.Items, size * 10L);
        }
    }

    private static bool Fits(Shape source, int axis, Shape result) =>
        source.Rank == result.Rank && result[axis] <= source[axis]
        && Enumerable.Range(0, source.Rank).All(i => i == axis || source[i] == result[i]);

    /// <summary>The lines along an axis, some in an item of work.</summary>
    private readonly struct Lines<T, TKey>(
        T* source, long* result, LoopAxis[] outer, LoopAxis line, int wanted, ulong flip) : IWork
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
            var most = LineSort<T, TKey, TEntry>.Room(line.Size, wanted);
            var rented = ArrayPool<TEntry>.Shared.Rent(checked(2 * most));
            fixed (TEntry* entries = rented)
            {
                var sort = new LineSort<T, TKey, TEntry>(line.Size, wanted, flip, entries, entries + most);
                for (var left = Math.Min(perItem, count - (item * perItem)); left > 0; left--, place.Next())
                {
                    var sorted = sort.Run(source + place.A, line.A);
                    for (var i = 0; i < wanted; i++)
                        result[place.C + ((nint)i * line.C)] = sorted[i].Position;
                }
            }

            ArrayPool<TEntry>.Shared.Return(rented);
        }
    }
}
