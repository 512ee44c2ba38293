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
                from + source.Layout.Offset, to + result.Layout.Offset, outer, line, descending ? ulong.MaxValue : 0);
            ForkJoin.Run(work, work.Items, size * 10L);
        }
    }

    /// <summary>Key and position are the halves of one number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow<T, TKey>(T* elements, long* positions, LoopAxis line, uint flip, Span<ulong> entries)
        where T : unmanaged
        where TKey : struct, ISortKey<T>
    {
        for (var i = 0; i < entries.Length; i++)
            entries[i] = ((TKey.Of(elements[(nint)i * line.A]) ^ flip) << 32) | (uint)i;
        entries.Sort();
        for (var i = 0; i < entries.Length; i++)
            positions[(nint)i * line.C] = (uint)entries[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide<T, TKey>(T* elements, long* positions, LoopAxis line, ulong flip, Span<Entry> entries)
        where T : unmanaged
        where TKey : struct, ISortKey<T>
    {
        for (var i = 0; i < entries.Length; i++)
            entries[i] = new Entry(TKey.Of(elements[(nint)i * line.A]) ^ flip, i);
        entries.Sort();
        for (var i = 0; i < entries.Length; i++)
            positions[(nint)i * line.C] = entries[i].Position;
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
            var place = Odometer.At(outer, item * perItem);
            var lines = Math.Min(perItem, count - (item * perItem));
            if (sizeof(T) <= 4)
                Narrow(place, lines);
            else
                Wide(place, lines);
        }

        private void Narrow(Odometer place, long lines)
        {
            var rented = ArrayPool<ulong>.Shared.Rent(line.Size);
            for (; lines > 0; lines--, place.Next())
                ArgSort.Narrow<T, TKey>(source + place.A, result + place.C, line, (uint)flip, rented.AsSpan(0, line.Size));
            ArrayPool<ulong>.Shared.Return(rented);
        }

        private void Wide(Odometer place, long lines)
        {
            var rented = ArrayPool<Entry>.Shared.Rent(line.Size);
            for (; lines > 0; lines--, place.Next())
                ArgSort.Wide<T, TKey>(source + place.A, result + place.C, line, flip, rented.AsSpan(0, line.Size));
            ArrayPool<Entry>.Shared.Return(rented);
        }
    }

    private readonly record struct Entry(ulong Key, int Position) : IComparable<Entry>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int CompareTo(Entry other) =>
            Key != other.Key ? (Key < other.Key ? -1 : 1) : Position.CompareTo(other.Position);
    }
}
