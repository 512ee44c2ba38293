using System.Buffers;
using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A result of many elements on several threads. They make the same pieces that one thread would make one after the other
/// (chunks of rows, lanes of chunks, or runs), and these are combined in the same order: the bits are the same.
/// </summary>
internal static unsafe class SplitReduction
{
    // Fewer items than this leave threads without work.
    private const int FewItems = 16;
    private const long LeastBytes = 1 << 18;

    // Of less for each result, threads had better take whole results.
    private const long LeastBytesOfResult = 1 << 16;

    // The pieces that are made before they are combined: their memory stays small.
    private const int WaveRows = 64;
    private const int WaveRuns = 1 << 16;

    private const int ItemChunks = 16;
    private const int ItemElements = 16384;

    /// <summary>Whether so few items of so much memory, for so many results or rows of results, are better split.</summary>
    public static bool Pays(long items, long bytes, long results) =>
        items < FewItems && bytes >= LeastBytes && bytes >= LeastBytesOfResult * results
        && !ForkJoin.IsHelping && ComputeThreads.Current > 1;

    /// <summary>About how long it takes to read so many bytes.</summary>
    public static long Nanoseconds(long bytes) => bytes / 64;

    /// <summary>One row of contiguous columns, of the rows that <paramref name="rows"/> walks.</summary>
    public static void Columns<T, TReduction>(T* source, LoopAxis[] rows, LoopAxis columns, T* result)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var chunks = (LoopAxis.Count(rows) + ReductionColumns.ChunkRows - 1) / ReductionColumns.ChunkRows;
        var wave = (int)Math.Min(chunks, WaveRows);
        var rented = ArrayPool<T>.Shared.Rent(checked((wave + 1) * columns.Size));
        fixed (T* totals = rented)
        {
            var parts = totals + columns.Size;
            for (long first = 0; first < chunks; first += wave)
            {
                var count = (int)Math.Min(wave, chunks - first);
                var work = new ChunkOfRows<T, TReduction>(source, rows, columns.Size, first, parts);
                ForkJoin.Run(
                    work, (long)count * work.Blocks,
                    Nanoseconds((long)count * ReductionColumns.ChunkRows * columns.Size * sizeof(T)));
                if (first == 0)
                    new ReadOnlySpan<T>(parts, columns.Size).CopyTo(new Span<T>(totals, columns.Size));
                for (nint i = first == 0 ? 1 : 0; i < count; i++)
                    ReductionColumns.Join<T, TReduction>(totals, parts + (i * columns.Size), columns.Size);
            }

            for (nint i = 0; i < columns.Size; i++)
                result[i * columns.C] = totals[i];
        }

        ArrayPool<T>.Shared.Return(rented);
    }

    /// <summary>One row.</summary>
    public static T Row<T, TReduction>(T* source, LoopAxis row)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T> =>
        ChunkWaves.Reduce<T, TReduction, ChunksOfRow<T, TReduction>>(
            new ChunksOfRow<T, TReduction>(source, row), Pieces.Of(row.Size, VirtualLanes.ChunkLength));

    /// <summary>Rows that do not follow one another, combined in order.</summary>
    public static T Runs<T, TReduction>(T* source, LoopAxis[] runs, LoopAxis row)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var all = LoopAxis.Count(runs);
        var wave = (int)Math.Min(all, WaveRuns);
        var rented = ArrayPool<T>.Shared.Rent(wave);
        var total = default(T);
        fixed (T* values = rented)
            for (long first = 0; first < all; first += wave)
            {
                var work = new RunsOfRows<T, TReduction>(
                    source, runs, row, first, (int)Math.Min(wave, all - first), Math.Max(1, ItemElements / row.Size), values);
                ForkJoin.Run(work, work.Items, Nanoseconds((long)work.Count * row.Size * sizeof(T)));
                for (nint i = 0; i < work.Count; i++)
                    total = first + i == 0 ? values[i] : TReduction.Combine(total, values[i]);
            }

        ArrayPool<T>.Shared.Return(rented);
        return total;
    }

    /// <summary>Chunks of rows: an item is a block of columns of one of them.</summary>
    private readonly struct ChunkOfRows<T, TReduction>(T* source, LoopAxis[] rows, int columns, long first, T* parts) : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public int Blocks => Pieces.Of(columns, ReductionColumns.BlockColumns);

        public void Run(long item)
        {
            var (chunk, block) = Math.DivRem(item, Blocks);
            var column = (nint)block * ReductionColumns.BlockColumns;
            ReductionColumns.Chunk<T, TReduction>(
                source + column, rows, first + chunk, parts + ((nint)chunk * columns) + column,
                (int)nint.Min(ReductionColumns.BlockColumns, columns - column));
        }
    }

    /// <summary>The chunks of one row.</summary>
    private readonly struct ChunksOfRow<T, TReduction>(T* source, LoopAxis row) : IChunks<T>
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Make(int first, int count, T* lanes) => ForkJoin.Run(
            new LanesOfChunks<T, TReduction>(source, row, first, count, lanes), Pieces.Of(count, ItemChunks),
            Nanoseconds((long)count * VirtualLanes.ChunkLength * sizeof(T)));
    }

    /// <summary>Lanes of chunks of one row.</summary>
    private readonly struct LanesOfChunks<T, TReduction>(T* source, LoopAxis row, int first, int count, T* lanes) : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Run(long item)
        {
            for (nint i = (nint)item * ItemChunks; i < nint.Min(count, (nint)(item + 1) * ItemChunks); i++)
            {
                var start = (first + i) * VirtualLanes.ChunkLength;
                VirtualLanes.Chunk<T, TReduction>(
                    source + (start * row.A), row.A, nint.Min(VirtualLanes.ChunkLength, row.Size - start),
                    lanes + (i * VirtualLanes.Lanes));
            }
        }
    }

    /// <summary>Values of some rows.</summary>
    private readonly struct RunsOfRows<T, TReduction>(
        T* source, LoopAxis[] runs, LoopAxis row, long first, int count, int perItem, T* values) : IWork
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public int Count => count;

        public long Items => Pieces.Of(count, perItem);

        public void Run(long item)
        {
            var run = Odometer.At(runs, first + (item * perItem));
            for (nint i = (nint)item * perItem; i < nint.Min(count, (nint)(item + 1) * perItem); i++)
            {
                values[i] = VirtualLanes.Reduce<T, TReduction>(source + run.A, row.A, row.Size);
                run.Next();
            }
        }
    }
}
