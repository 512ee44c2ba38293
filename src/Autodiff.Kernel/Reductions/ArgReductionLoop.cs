using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The loops of ArgMax and ArgMin. Where a kept axis is contiguous, many columns are searched at once. Otherwise the
/// extreme of a row is found by vectors, then its first place in the piece of the row that had it. Reduced axes that are
/// not contiguous are first copied, some rows at a time.
/// </summary>
internal sealed unsafe class ArgReductionLoop
{
    // Below this, a row of results is too short to be worth a vector.
    private const int ColumnsMinimum = 4;

    // The elements that are copied at a time, at least a row; also about those of an item of work.
    private const int BlockElements = 16384;

    // A row is searched by pieces that stay in the first-level cache, a few of them in an item of work.
    private const int PieceLength = 4096;
    private const int ItemPieces = 4;

    private readonly LoopAxis[] kept;
    private readonly LoopAxis[] reduced;
    private readonly LoopAxis columns;
    private readonly LoopAxis rows;
    private readonly int length;
    private readonly int block;
    private readonly int blocks;
    private readonly StridedCopyLoop? whole;
    private readonly StridedCopyLoop? last;
    private readonly long elements;

    public ArgReductionLoop(Layout source, int keptRank, Layout result)
    {
        var axes = new LoopAxis[source.Shape.Rank];
        for (var i = 0; i < axes.Length; i++)
            axes[i] = new LoopAxis(source.Shape[i], source.Strides[i], 0, i < keptRank ? result.Strides[i] : 0);
        elements = source.Shape.Size;
        reduced = LoopAxis.Fold(axes.AsSpan(keptRank));
        length = (int)LoopAxis.Count(reduced);
        kept = LoopAxis.Fold(LoopAxis.Sort(axes[..keptRank]));
        var position = Array.FindIndex(kept, axis => axis.A == 1 && axis.Size >= ColumnsMinimum);
        if (position >= 0)
            columns = kept[position];
        else
            position = kept.Length - 1;
        rows = position < 0 ? new LoopAxis(1, 0, 0, 0) : kept[position];
        kept = position < 0 ? [] : LoopAxis.Without(kept, position);
        block = Math.Clamp(BlockElements / Math.Max(length, 1), 1, Math.Max(rows.Size, 1));
        blocks = Pieces.Of(rows.Size, block);
        if (rows.Size > 0 && (reduced.Length > 1 || (reduced.Length == 1 && reduced[0].A != 1)))
            (whole, last) = (RowCopy(block), RowCopy(((rows.Size - 1) % block) + 1));
    }

    private long Places => LoopAxis.Count(kept);

    /// <summary>Searches on all threads, between the first places of the layouts.</summary>
    public void Run<T, TReduction>(T* source, long* result)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var bytes = elements * sizeof(T);
        if (Places * rows.Size == 1 && whole is null && SplitReduction.Pays(1, bytes, 1))
            *result = LongRow<T, TReduction>(source);
        else if (HasColumns<T>())
            ForkJoin.Run(
                new ColumnWork<T, TReduction>(this, source, result),
                Places * Pieces.Of(columns.Size, ArgColumns.BlockColumns), SplitReduction.Nanoseconds(bytes));
        else
            ForkJoin.Run(
                new RowWork<T, TReduction>(this, source, result), Places * blocks, SplitReduction.Nanoseconds(bytes));
    }

    private bool HasColumns<T>() where T : unmanaged => columns.Size > 0 && sizeof(T) >= 4;

    /// <summary>A block of columns.</summary>
    private void Columns<T, TReduction>(T* start, long* target, long item)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        (item, var part) = Math.DivRem(item, Pieces.Of(columns.Size, ArgColumns.BlockColumns));
        var place = Odometer.At(kept, item);
        var first = (nint)part * ArgColumns.BlockColumns;
        ArgColumns.Find<T, TReduction>(
            start + place.A + first, reduced, (int)nint.Min(ArgColumns.BlockColumns, columns.Size - first),
            target + place.C + (first * columns.C), columns.C);
    }

    /// <summary>A block of rows.</summary>
    private void Rows<T, TReduction>(T* start, long* target, long item)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        (item, var part) = Math.DivRem(item, blocks);
        var place = Odometer.At(kept, item);
        var first = (nint)part * block;
        var count = (int)nint.Min(block, rows.Size - first);
        start += place.A + (first * rows.A);
        target += place.C + (first * rows.C);
        if (whole is null)
        {
            Rows<T, TReduction>(start, rows.A, target, count);
            return;
        }

        var gathered = ArrayPool<T>.Shared.Rent(block * length);
        fixed (T* scratch = gathered)
        {
            (count == block ? whole : last!).Run(start, scratch);
            Rows<T, TReduction>(scratch, length, target, count);
        }

        ArrayPool<T>.Shared.Return(gathered);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rows<T, TReduction>(T* start, nint stride, long* target, int count)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        for (nint i = 0; i < count; i++)
            target[i * rows.C] = Row<T, TReduction>(start + (i * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private long Row<T, TReduction>(T* row)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        nint piece = 0;
        var extreme = Extreme<T, TReduction>(row, 0);
        for (nint next = PieceLength; next < length; next += PieceLength)
        {
            var candidate = Extreme<T, TReduction>(row, next);
            if (ArgColumns.Replaces<T, TReduction>(extreme, candidate))
                (piece, extreme) = (next, candidate);
        }

        return piece + First(row + piece, (int)nint.Min(PieceLength, length - piece), extreme);
    }

    /// <summary>The only row, by several threads: the extremes of its pieces, then the first of the best of them.</summary>
    private long LongRow<T, TReduction>(T* row)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var pieces = Pieces.Of(length, PieceLength);
        var rented = ArrayPool<T>.Shared.Rent(pieces);
        fixed (T* extremes = rented)
        {
            ForkJoin.Run(
                new PieceWork<T, TReduction>(this, row, extremes), Pieces.Of(pieces, ItemPieces),
                SplitReduction.Nanoseconds(elements * sizeof(T)));
            nint best = 0;
            for (nint i = 1; i < pieces; i++)
                if (ArgColumns.Replaces<T, TReduction>(extremes[best], extremes[i]))
                    best = i;
            var start = best * PieceLength;
            var place = start + First(row + start, (int)nint.Min(PieceLength, length - start), extremes[best]);
            ArrayPool<T>.Shared.Return(rented);
            return place;
        }
    }

    private T Extreme<T, TReduction>(T* row, nint piece)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T> =>
        VirtualLanes.Reduce<T, TReduction>(row + piece, 1, nint.Min(PieceLength, length - piece));

    /// <summary>The copy of some rows, one after the other, with the reduced axes in row-major order.</summary>
    private StridedCopyLoop RowCopy(int count)
    {
        LoopAxis[] axes = [rows with { Size = count }, .. reduced];
        var shape = Shape.Create([.. axes.Select(axis => axis.Size)]);
        return new StridedCopyLoop(
            Layout.Strided(shape, [.. axes.Select(axis => axis.A)], 0), Layout.Contiguous(shape));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long First<T>(T* row, int length, T extreme) where T : unmanaged, INumber<T>
    {
        // Equal bits are found by vectors; zeros have two signs and NaN many bits.
        if (!T.IsNaN(extreme) && !T.IsZero(extreme))
            return sizeof(T) switch
            {
                4 => new ReadOnlySpan<uint>(row, length).IndexOf(*(uint*)&extreme),
                8 => new ReadOnlySpan<ulong>(row, length).IndexOf(*(ulong*)&extreme),
                _ => new ReadOnlySpan<byte>(row, length).IndexOf(*(byte*)&extreme),
            };
        nint i = 0;
        while (i < length - 1 && row[i] != extreme && !(T.IsNaN(extreme) && T.IsNaN(row[i])))
            i++;
        return i;
    }

    private readonly struct ColumnWork<T, TReduction>(ArgReductionLoop loop, T* source, long* result) : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Run(long item) => loop.Columns<T, TReduction>(source, result, item);
    }

    private readonly struct RowWork<T, TReduction>(ArgReductionLoop loop, T* source, long* result) : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Run(long item) => loop.Rows<T, TReduction>(source, result, item);
    }

    private readonly struct PieceWork<T, TReduction>(ArgReductionLoop loop, T* row, T* extremes) : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Run(long item)
        {
            for (nint i = (nint)item * ItemPieces; i < (nint)(item + 1) * ItemPieces && i * PieceLength < loop.length; i++)
                extremes[i] = loop.Extreme<T, TReduction>(row, i * PieceLength);
        }
    }
}
