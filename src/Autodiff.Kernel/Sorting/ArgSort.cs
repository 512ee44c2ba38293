using System.Buffers;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The positions of the elements along an axis in their order. Each element is sorted with its position, which decides
/// between equal ones: that makes any sort stable.
/// </summary>
internal static unsafe class ArgSort
{
    // The elements of an item of work, where one line does not have more.
    private const int ItemElements = 4096;

    /// <summary>
    /// Writes, for each line along the axis, the positions of its elements from the smallest to the largest, or from the
    /// largest to the smallest; equal elements keep their order, and NaN counts as larger than every number. The source
    /// has any element type, the result is Int64; strides are any.
    /// </summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The result is not Int64.</exception>
    public static void Run(View source, int axis, bool descending, View result)
    {
        if (source.Shape != result.Shape)
            throw new ShapeException($"argsort: positions in {source.Shape} do not fill {result.Shape}");
        if (result.DType != DType.Int64)
            throw new DTypeException($"argsort: positions are Int64, not {result.DType}");
        if (source.Shape.Size == 0)
            return;
        switch (source.DType)
        {
            case DType.Float32:
                Run<float, Float32Key>(source, axis, descending, result);
                break;
            case DType.Float64:
                Run<double, Float64Key>(source, axis, descending, result);
                break;
            case DType.Int32:
                Run<int, Int32Key>(source, axis, descending, result);
                break;
            case DType.Int64:
                Run<long, Int64Key>(source, axis, descending, result);
                break;
            default:
                Run<byte, BoolKey>(source, axis, descending, result);
                break;
        }
    }

    private static void Run<T, TKey>(View source, int axis, bool descending, View result)
        where T : unmanaged
        where TKey : struct, ISortKey<T>
    {
        var axes = LoopAxis.Of(source.Layout, result.Layout);
        var outer = LoopAxis.Fold(LoopAxis.Sort(LoopAxis.Without(axes, axis)));
        fixed (T* from = &source.Storage.Reference<T>())
        fixed (long* to = &result.Storage.Reference<long>())
        {
            var work = new Lines<T, TKey>(
                from + source.Layout.Offset, to + result.Layout.Offset, outer, axes[axis], descending ? ulong.MaxValue : 0);
            ForkJoin.Run(work, work.Items, source.Shape.Size * 10L);
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
