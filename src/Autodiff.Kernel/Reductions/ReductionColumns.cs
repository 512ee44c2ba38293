using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>Reductions of many rows to one row, element by element.</summary>
internal static unsafe class ReductionColumns
{
    /// <summary>The rows after which the totals start afresh.</summary>
    public const int ChunkRows = 64;

    /// <summary>The columns that are reduced together: their totals stay in the first-level cache.</summary>
    public const int BlockColumns = 2048;

    /// <summary>
    /// Combines the rows that <paramref name="rows"/> walks, of at most <see cref="BlockColumns"/> contiguous columns from a
    /// position on.
    /// </summary>
    public static void Reduce<T, TReduction, TElements>(
        ref TElements elements, nint position, LoopAxis[] rows, T* totals, int count)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        if (Vector512.IsHardwareAccelerated)
            ReductionColumns<T, Vector512<T>, Simd512<T>>.Reduce<TReduction, TElements>(
                ref elements, position, rows, totals, count);
        else if (Vector256.IsHardwareAccelerated)
            ReductionColumns<T, Vector256<T>, Simd256<T>>.Reduce<TReduction, TElements>(
                ref elements, position, rows, totals, count);
        else
            ReductionColumns<T, Vector128<T>, Simd128<T>>.Reduce<TReduction, TElements>(
                ref elements, position, rows, totals, count);
    }

    /// <summary>The same for the chunk of rows of a number.</summary>
    public static void Chunk<T, TReduction>(T* start, LoopAxis[] rows, long chunk, T* totals, int count)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        if (Vector512.IsHardwareAccelerated)
            ReductionColumns<T, Vector512<T>, Simd512<T>>.Chunk<TReduction>(start, rows, chunk, totals, count);
        else if (Vector256.IsHardwareAccelerated)
            ReductionColumns<T, Vector256<T>, Simd256<T>>.Chunk<TReduction>(start, rows, chunk, totals, count);
        else
            ReductionColumns<T, Vector128<T>, Simd128<T>>.Chunk<TReduction>(start, rows, chunk, totals, count);
    }

    /// <summary>A row combined with the totals.</summary>
    public static void Join<T, TReduction>(T* totals, T* row, int count)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        if (Vector512.IsHardwareAccelerated)
            ReductionColumns<T, Vector512<T>, Simd512<T>>.Join<TReduction>(totals, row, count);
        else if (Vector256.IsHardwareAccelerated)
            ReductionColumns<T, Vector256<T>, Simd256<T>>.Join<TReduction>(totals, row, count);
        else
            ReductionColumns<T, Vector128<T>, Simd128<T>>.Join<TReduction>(totals, row, count);
    }
}

/// <summary>
/// Reduces many rows to one row, element by element: the totals stay in the cache while the rows stream by, eight at a
/// time. Every <see cref="ReductionColumns.ChunkRows"/> rows the totals start afresh and the chunks are combined in order, so that the
/// rounding error of a sum of n rows stays near n / 64 + 64 units.
/// </summary>
internal static unsafe class ReductionColumns<T, TVector, TSimd>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    // The bytes of a row for which it pays to load and store the totals: shorter ones are better combined eight at a time,
    // and longer ones are eight streams that the hardware follows, unless a vector takes several instructions.
    private const int LongRow = 512;
    private const int LongRowOfSum = 2048;
    private const int LongestRow = 4096;

    /// <summary>
    /// Combines the rows that <paramref name="rows"/> walks, of a block of contiguous columns from a position on.
    /// </summary>
    /// <remarks>
    /// Inlined into the loops of threads, as the JIT would do in the end, it leaves no room to inline what combines vectors.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Reduce<TReduction, TElements>(
        ref TElements elements, nint position, LoopAxis[] rows, T* totals, int count)
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        var row = new Odometer(rows);
        var left = LoopAxis.Count(rows);
        Chunk<TReduction, TElements>(ref elements, position, rows, 0, ref row, left, totals, count);
        if (left > ReductionColumns.ChunkRows)
            JoinChunks<TReduction, TElements>(ref elements, position, rows, ref row, left, totals, count);
    }

    /// <summary>
    /// Joins the chunks after the first one. Most reductions have no more than that, and many of those are short: they need no
    /// room on the stack.
    /// </summary>
    [SkipLocalsInit]
    private static void JoinChunks<TReduction, TElements>(
        ref TElements elements, nint position, LoopAxis[] rows, ref Odometer row, long rowCount, T* totals, int count)
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        T* parts = stackalloc T[ReductionColumns.BlockColumns];
        long chunk = 1;
        for (var left = rowCount - ReductionColumns.ChunkRows; left > 0; left -= ReductionColumns.ChunkRows, chunk++)
        {
            Chunk<TReduction, TElements>(ref elements, position, rows, chunk, ref row, left, parts, count);
            Join<TReduction>(totals, parts, count);
        }
    }

    /// <summary>The combination of the chunk of rows of a number, of so many rows that are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Chunk<TReduction, TElements>(
        ref TElements elements, nint position, LoopAxis[] rows, long chunk, ref Odometer row, long left, T* totals, int count)
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        if (typeof(TElements) == typeof(MemoryElements<T>))
            Chunk<TReduction>(elements.Run(position, count), rows, chunk, totals, count);
        else
            Chunk<TReduction, TElements>(
                ref elements, position, ref row, Math.Min(ReductionColumns.ChunkRows, left), totals, count);
    }

    /// <summary>The combination of the chunk of rows of a number.</summary>
    public static void Chunk<TReduction>(T* start, LoopAxis[] rows, long chunk, T* totals, int count)
        where TReduction : struct, IReduction<T>
    {
        var first = chunk * ReductionColumns.ChunkRows;
        var size = Math.Min(ReductionColumns.ChunkRows, LoopAxis.Count(rows) - first);
        if (rows.Length == 1)
        {
            Chunk<TReduction>(start + ((nint)first * rows[0].A), rows[0].A, (nint)size, totals, count);
            return;
        }

        var elements = new MemoryElements<T>(start);
        var row = Odometer.At(rows, first);
        Chunk<TReduction, MemoryElements<T>>(ref elements, 0, ref row, size, totals, count);
    }

    /// <summary>The combination of rows in memory, a stride apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Chunk<TReduction>(T* row, nint stride, nint rows, T* totals, int count)
        where TReduction : struct, IReduction<T>
    {
        if (stride == count && GoesRowByRow<TReduction>(count * sizeof(T)))
        {
            RowByRow<TReduction>(row, rows, totals, count);
            return;
        }

        new ReadOnlySpan<T>(row, count).CopyTo(new Span<T>(totals, count));
        row += stride;
        rows--;
        for (; rows >= 8; rows -= 8, row += 8 * stride)
            JoinEight<TReduction>(totals, row, stride, count);
        for (; rows >= 4; rows -= 4, row += 4 * stride)
            JoinFour<TReduction>(totals, row, row + stride, row + (2 * stride), row + (3 * stride), count);
        for (; rows > 0; rows--, row += stride)
            Join<TReduction>(totals, row, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool GoesRowByRow<TReduction>(int bytes) where TReduction : struct, IReduction<T> =>
        typeof(TReduction) == typeof(SumReduction<T>)
            ? bytes is >= LongRowOfSum and <= LongestRow
            : bytes >= LongRow && (bytes <= LongestRow || TSimd.Width * sizeof(T) < CacheLine.Bytes);

    /// <summary>
    /// The combination of long rows that follow each other in memory: one stream. The totals, which are loaded and stored for
    /// each of them, begin on a line meanwhile: vectors that straddle two lines would take twice as long.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RowByRow<TReduction>(T* row, nint rows, T* totals, int count)
        where TReduction : struct, IReduction<T>
    {
        T* room = stackalloc T[ReductionColumns.BlockColumns + (CacheLine.Bytes / sizeof(T))];
        var sums = CacheLine.From(room);
        Unsafe.CopyBlockUnaligned(sums, row, (uint)(count * sizeof(T)));
        for (; rows > 1; rows--)
        {
            row += count;
            JoinAhead<TReduction>(sums, row, count);
        }

        Unsafe.CopyBlockUnaligned(totals, sums, (uint)(count * sizeof(T)));
    }

    /// <summary>The combination of the next rows, and the odometer behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Chunk<TReduction, TElements>(
        ref TElements elements, nint position, ref Odometer row, long rows, T* totals, int count)
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        var first = Next(ref elements, position, ref row, count, 0);
        new ReadOnlySpan<T>(first, count).CopyTo(new Span<T>(totals, count));
        var left = rows - 1;
        for (; left >= 4; left -= 4)
            JoinFour<TReduction>(
                totals, Next(ref elements, position, ref row, count, 0), Next(ref elements, position, ref row, count, 1),
                Next(ref elements, position, ref row, count, 2), Next(ref elements, position, ref row, count, 3), count);
        for (; left > 0; left--)
            Join<TReduction>(totals, Next(ref elements, position, ref row, count, 0), count);
    }

    private static T* Next<TElements>(ref TElements elements, nint position, ref Odometer row, int count, int buffer)
        where TElements : struct, IElements<T>, allows ref struct
    {
        var current = elements.Run(position + row.A, count, buffer);
        row.Next();
        return current;
    }

    // The last vector of a row may overlap the one before it: it is combined first, with totals that are not changed yet.

    /// <summary>A row combined with the totals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join<TReduction>(T* totals, T* row, int count) where TReduction : struct, IReduction<T>
    {
        nint last = count - TSimd.Width;
        if (last < 0)
        {
            JoinElements<TReduction>(totals, row, 0, 1, count);
            return;
        }

        var end = Combined<TReduction>(totals, row, last);
        for (nint i = 0; i < last; i += TSimd.Width)
            TSimd.Store(Combined<TReduction>(totals, row, i), totals + i);
        TSimd.Store(end, totals + last);
    }

    /// <summary>
    /// A long row combined with the totals, where the next ones follow it in memory: one stream, which is asked for far
    /// ahead. Eight short rows at a time end before the hardware follows them, and several instructions for each vector leave
    /// the processor too few loads in sight to keep memory busy with eight of any length.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void JoinAhead<TReduction>(T* totals, T* row, int count) where TReduction : struct, IReduction<T>
    {
        nint last = count - TSimd.Width;
        var end = Combined<TReduction>(totals, row, last);
        for (nint i = 0; i < last; i += TSimd.Width)
        {
            Prefetching.PagesAhead(row + i);
            TSimd.Store(Combined<TReduction>(totals, row, i), totals + i);
        }

        TSimd.Store(end, totals + last);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void JoinFour<TReduction>(T* totals, T* row0, T* row1, T* row2, T* row3, int count)
        where TReduction : struct, IReduction<T>
    {
        nint last = count - TSimd.Width;
        if (last < 0)
        {
            for (nint i = 0; i < count; i++)
            {
                var total = TReduction.Combine(TReduction.Combine(totals[i], row0[i]), row1[i]);
                totals[i] = TReduction.Combine(TReduction.Combine(total, row2[i]), row3[i]);
            }

            return;
        }

        var end = Combined<TReduction>(totals, row0, row1, row2, row3, last);
        for (nint i = 0; i < last; i += TSimd.Width)
            TSimd.Store(Combined<TReduction>(totals, row0, row1, row2, row3, i), totals + i);
        TSimd.Store(end, totals + last);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void JoinEight<TReduction>(T* totals, T* row0, nint stride, int count)
        where TReduction : struct, IReduction<T>
    {
        nint last = count - TSimd.Width;
        if (last < 0)
        {
            JoinElements<TReduction>(totals, row0, stride, 8, count);
            return;
        }

        T* row3 = row0 + (3 * stride), row6 = row0 + (6 * stride);
        var end = Combined<TReduction>(totals, row0, row3, row6, stride, last);
        for (nint i = 0; i < last; i += TSimd.Width)
            TSimd.Store(Combined<TReduction>(totals, row0, row3, row6, stride, i), totals + i);
        TSimd.Store(end, totals + last);
    }

    /// <summary>Rows that are shorter than a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void JoinElements<TReduction>(T* totals, T* row, nint stride, nint rows, nint count)
        where TReduction : struct, IReduction<T>
    {
        for (nint i = 0; i < count; i++)
            for (nint number = 0; number < rows; number++)
                totals[i] = TReduction.Combine(totals[i], row[i + (number * stride)]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Combined<TReduction>(T* totals, T* row, nint i) where TReduction : struct, IReduction<T> =>
        TReduction.Combine<TVector, TSimd>(TSimd.Load(totals + i), TSimd.Load(row + i));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Combined<TReduction>(TVector total, T* row) where TReduction : struct, IReduction<T> =>
        TReduction.Combine<TVector, TSimd>(total, TSimd.Load(row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Combined<TReduction>(T* totals, T* row0, T* row1, T* row2, T* row3, nint i)
        where TReduction : struct, IReduction<T>
    {
        var total = Combined<TReduction>(Combined<TReduction>(totals, row0, i), row1 + i);
        return Combined<TReduction>(Combined<TReduction>(total, row2 + i), row3 + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Combined<TReduction>(T* totals, T* row0, T* row3, T* row6, nint stride, nint i)
        where TReduction : struct, IReduction<T>
    {
        var total = Combined<TReduction>(Combined<TReduction>(totals, row0, i), row0 + i + stride);
        total = Combined<TReduction>(Combined<TReduction>(total, row0 + i + (2 * stride)), row3 + i);
        total = Combined<TReduction>(Combined<TReduction>(total, row3 + i + stride), row3 + i + (2 * stride));
        return Combined<TReduction>(Combined<TReduction>(total, row6 + i), row6 + i + stride);
    }
}
