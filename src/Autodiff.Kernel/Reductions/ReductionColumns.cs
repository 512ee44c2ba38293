using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Reduces many rows to one row, element by element: the totals stay in the cache while the rows stream by, four at a
/// time. Every <see cref="ChunkRows"/> rows the totals start afresh and the chunks are combined in order, so that the
/// rounding error of a sum of n rows stays near n / 64 + 64 units.
/// </summary>
internal static unsafe class ReductionColumns<T, TVector, TSimd>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    private const int ChunkRows = 64;
    private const int BlockColumns = 1024;

    /// <summary>
    /// Combines the rows that <paramref name="rows"/> walks, of contiguous columns from a position on, to strided results.
    /// </summary>
    [SkipLocalsInit]
    public static void Reduce<TReduction, TElements>(
        ref TElements elements, nint position, LoopAxis[] rows, T* results, LoopAxis columns)
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        T* total = stackalloc T[BlockColumns], chunk = stackalloc T[BlockColumns];
        var row = new Odometer(rows);
        var rowCount = LoopAxis.Count(rows);
        for (var first = 0; first < columns.Size; first += BlockColumns)
        {
            var count = Math.Min(BlockColumns, columns.Size - first);
            for (long done = 0; done < rowCount; done += ChunkRows)
            {
                var target = done == 0 ? total : chunk;
                Chunk<TReduction, TElements>(
                    ref elements, position + first, ref row, Math.Min(ChunkRows, rowCount - done), target, count);
                if (done > 0)
                    Join<TReduction>(total, chunk, count);
            }

            for (nint i = 0; i < count; i++)
                results[(first + i) * columns.C] = total[i];
        }
    }

    /// <summary>The combination of the next rows, and the odometer behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Chunk<TReduction, TElements>(
        ref TElements elements, nint position, ref Odometer row, long rows, T* totals, int count)
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        var first = Next(ref elements, position, ref row, count, 0);
        new ReadOnlySpan<T>(first, count).CopyTo(new Span<T>(totals, count));
        var left = rows - 1;
        for (; left >= 4; left -= 4)
            Join<TReduction>(
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Join<TReduction>(T* totals, T* row, int count) where TReduction : struct, IReduction<T>
    {
        nint i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
            TSimd.Store(TReduction.Combine<TVector, TSimd>(TSimd.Load(totals + i), TSimd.Load(row + i)), totals + i);
        for (; i < count; i++)
            totals[i] = TReduction.Combine(totals[i], row[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Join<TReduction>(T* totals, T* row0, T* row1, T* row2, T* row3, int count)
        where TReduction : struct, IReduction<T>
    {
        nint i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            var total = TReduction.Combine<TVector, TSimd>(TSimd.Load(totals + i), TSimd.Load(row0 + i));
            total = TReduction.Combine<TVector, TSimd>(total, TSimd.Load(row1 + i));
            total = TReduction.Combine<TVector, TSimd>(total, TSimd.Load(row2 + i));
            TSimd.Store(TReduction.Combine<TVector, TSimd>(total, TSimd.Load(row3 + i)), totals + i);
        }

        for (; i < count; i++)
        {
            var total = TReduction.Combine(TReduction.Combine(totals[i], row0[i]), row1[i]);
            totals[i] = TReduction.Combine(TReduction.Combine(total, row2[i]), row3[i]);
        }
    }
}
