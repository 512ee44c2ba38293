using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The loops of a reduction between two layouts. Where a kept axis is contiguous in the source, whole rows are combined
/// with a row of results; otherwise each result is reduced by itself along the reduced axis with the smallest stride, or
/// many together where that axis is short.
/// </summary>
internal sealed unsafe class ReductionLoop
{
    // Below this, a row of results is too short to be worth a vector.
    private const int ColumnsMinimum = 4;

    // The elements of an item of work, where one result does not have more.
    private const int ItemElements = 16384;

    private readonly LoopAxis[] kept;
    private readonly LoopAxis[] reduced;
    private readonly LoopAxis columns;
    private readonly LoopAxis row;
    private readonly long elements;
    private readonly long places;
    private readonly long placesPerItem;
    private readonly int blocks;

    public ReductionLoop(Layout source, int keptRank, Layout result)
    {
        var axes = new LoopAxis[source.Shape.Rank];
        for (var i = 0; i < axes.Length; i++)
            axes[i] = new LoopAxis(source.Shape[i], source.Strides[i], 0, i < keptRank ? result.Strides[i] : 0);
        kept = LoopAxis.Fold(LoopAxis.Sort(axes[..keptRank]));
        reduced = LoopAxis.Fold(LoopAxis.Sort(axes[keptRank..]));
        var position = Array.FindIndex(kept, axis => axis.A == 1 && axis.Size >= ColumnsMinimum);
        if (position >= 0)
        {
            columns = kept[position];
            kept = LoopAxis.Without(kept, position);
        }
        else
        {
            row = reduced.Length == 0 ? new LoopAxis(1, 1, 0, 0) : reduced[^1];
            reduced = reduced.Length == 0 ? [] : reduced[..^1];
        }

        elements = source.Shape.Size;
        places = LoopAxis.Count(kept);
        blocks = HasColumns ? Pieces.Of(columns.Size, ReductionColumns.BlockColumns) : 1;
        placesPerItem = blocks > 1 ? 1 : Math.Clamp(ItemElements * places / Math.Max(elements, 1), 1, Math.Max(places, 1));
    }

    /// <summary>The number of consecutive elements that are read at a time; 0 where they are not consecutive.</summary>
    public int RunLength => HasColumns ? columns.Size : row.A == 1 ? row.Size : 0;

    /// <summary>The number of results.</summary>
    public long Results => places * (HasColumns ? columns.Size : 1);

    private bool HasColumns => columns.Size > 0;

    private bool HasShortRows => row.Size < VirtualLanes.ShortLength && kept is [.., { Size: >= ShortRows.Least }];

    private long Items => (places + placesPerItem - 1) / placesPerItem * blocks;

    /// <summary>Reduces on all threads, between the first places of the layouts.</summary>
    public void Run<T, TReduction>(T* source, T* result)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        if (SplitReduction.Pays(Items, elements * sizeof(T), places))
            Split<T, TReduction>(source, result);
        else
            ForkJoin.Run(
                new Work<T, TReduction>(this, source, result), Items, SplitReduction.Nanoseconds(elements * sizeof(T)));
    }

    /// <summary>
    /// Reduces elements, whose offsets are those of the source that the loop was made for, on the calling thread.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T, TReduction, TElements>(ref TElements source, T* result)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        for (long item = 0; item < Items; item++)
            Run<T, TReduction, TElements>(ref source, result, item);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<T, TReduction, TElements>(ref TElements source, T* result, long item)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        (item, var block) = Math.DivRem(item, blocks);
        var place = Odometer.At(kept, item * placesPerItem);
        var left = Math.Min(placesPerItem, places - (item * placesPerItem));
        if (typeof(TElements) == typeof(MemoryElements<T>)
            && RowAfterRow<T, TReduction>(source.Run(0, 0), result, ref place, left))
            return;
        var inner = new Odometer(reduced);
        for (; left > 0; left--)
        {
            if (HasColumns)
                Columns<T, TReduction, TElements>(ref source, place.A, result + place.C, (int)block);
            else
                result[place.C] = Rows<T, TReduction, TElements>(ref source, place.A, ref inner);
            place.Next();
        }
    }

    /// <summary>
    /// So many rows in memory from a place on, those along the last axis in one loop, where that pays: what leads to a row
    /// takes longer than a short one does. False, and nothing done, elsewhere.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool RowAfterRow<T, TReduction>(T* source, T* result, ref Odometer place, long left)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        if (HasColumns || kept.Length == 0)
            return false;
        if (HasShortRows)
            Short<T, TReduction>(source, result, ref place, left);
        else if (reduced.Length == 0 && row.A == 1 && VirtualLanes.HasRows<T>(row.Size))
            Whole<T, TReduction>(source, result, ref place, left);
        else
            return false;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Whole<T, TReduction>(T* source, T* result, ref Odometer place, long left)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var next = kept[^1];
        while (left > 0)
        {
            var count = (int)Math.Min(left, place.Run);
            VirtualLanes.ReduceRows<T, TReduction>(
                source + place.A, next.A, row.Size, result + place.C, next.C, count);
            place.Next(count);
            left -= count;
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Short<T, TReduction>(T* source, T* result, ref Odometer place, long left)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        T* totals = stackalloc T[ShortRows.Most];
        var next = kept[^1];
        while (left > 0)
        {
            var count = (int)Math.Min(left, Math.Min(place.Run, ShortRows.Most));
            ShortRows.Reduce<T, TReduction>(source + place.A, next.A, row, reduced, totals, count);
            var target = result + place.C;
            if (next.C == 1)
                new Span<T>(totals, count).CopyTo(new Span<T>(target, count));
            else
                for (nint i = 0; i < count; i++)
                    target[i * next.C] = totals[i];
            place.Next(count);
            left -= count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private T Rows<T, TReduction, TElements>(ref TElements source, nint position, ref Odometer runs)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        var total = VirtualLanes.Reduce<T, TReduction, TElements>(ref source, position + runs.A, row.A, row.Size);
        while (runs.Next())
            total = TReduction.Combine(
                total,
                VirtualLanes.Reduce<T, TReduction, TElements>(ref source, position + runs.A, row.A, row.Size));
        return total;
    }

    /// <summary>A block of columns, in parts that the elements can be had in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Columns<T, TReduction, TElements>(ref TElements source, nint position, T* target, int block)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        var first = block * ReductionColumns.BlockColumns;
        var left = Math.Min(ReductionColumns.BlockColumns, columns.Size - first);
        while (left > 0)
        {
            var count = Math.Min(TElements.Longest, left);
            if (columns.C == 1)
                ReductionColumns.Reduce<T, TReduction, TElements>(ref source, position + first, reduced, target + first, count);
            else
                Scattered<T, TReduction, TElements>(ref source, position + first, target + ((nint)first * columns.C), count);
            first += count;
            left -= count;
        }
    }

    /// <summary>Some columns whose results are not consecutive.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scattered<T, TReduction, TElements>(ref TElements source, nint position, T* target, int count)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        T* totals = stackalloc T[ReductionColumns.BlockColumns];
        ReductionColumns.Reduce<T, TReduction, TElements>(ref source, position, reduced, totals, count);
        for (nint i = 0; i < count; i++)
            target[i * columns.C] = totals[i];
    }

    /// <summary>Few results of many elements each: threads share the elements of one result after the other.</summary>
    private void Split<T, TReduction>(T* source, T* result)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var place = new Odometer(kept);
        do
        {
            if (HasColumns)
                SplitReduction.Columns<T, TReduction>(source + place.A, reduced, columns, result + place.C);
            else if (reduced.Length == 0)
                result[place.C] = SplitReduction.Row<T, TReduction>(source + place.A, row);
            else
                result[place.C] = SplitReduction.Runs<T, TReduction>(source + place.A, reduced, row);
        }
        while (place.Next());
    }

    /// <summary>A reduction between places that its caller keeps fixed.</summary>
    private readonly struct Work<T, TReduction>(ReductionLoop loop, T* source, T* result) : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Run(long item)
        {
            var elements = new MemoryElements<T>(source);
            loop.Run<T, TReduction, MemoryElements<T>>(ref elements, result, item);
        }
    }
}
