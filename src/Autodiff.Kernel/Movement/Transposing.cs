using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>
/// Copies a matrix whose source runs down the columns and whose destination runs along the rows, block by block.
/// </summary>
/// <remarks>
/// A block goes through a buffer in the second-level cache. Lines a power of two apart share a few sets of the caches, and
/// pages that far apart a few places of the table of addresses, so each is touched once: the source is read in long runs
/// down its columns, and the destination is written in long runs along its rows.
/// </remarks>
internal static unsafe class Transposing
{
    /// <summary>The blocks of a matrix that the caches do not hold: its runs are long.</summary>
    public static readonly BlockShape Far = new(256, 256);

    /// <summary>The blocks of a smaller matrix: the buffer stays in the first-level cache or near it.</summary>
    public static readonly BlockShape Near = new(64, 128);

    // The buffer's rows are up to three lines longer than a block's.
    private const int BufferBytes = 256 * (256 + (3 * CacheLine.Bytes / sizeof(long)) + 8) * sizeof(long);

    // Below this many elements both sides fit in the first-level cache: there is nothing to gain by a buffer.
    private const int Small = 1024;

    // Lines so many bytes apart share a set of the second cache, which does not hold the columns of two tiles.
    private const int SetSpan = 64 * 1024;

    [ThreadStatic]
    private static byte[]? buffer;

    /// <summary>
    /// destination[r * rowStride + c * columnStride] = source[r + c * sourceStride] for every row r and column c.
    /// </summary>
    public static void Run<T>(
        T* source, nint sourceStride, T* destination, nint rowStride, nint columnStride, int rows, int columns)
        where T : unmanaged
    {
        var matrix = new Matrix<T>(
            source, destination, new LoopAxis(rows, 1, 0, (int)rowStride),
            new LoopAxis(columns, (int)sourceStride, 0, (int)columnStride), Near, false);
        for (var block = 0; block < Near.Count(rows, columns); block++)
            Run(matrix, block);
    }

    /// <summary>
    /// The same for a destination with contiguous rows that lie close together, as those of packed matrices do: it needs no
    /// buffer.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToRows<T>(T* source, nint sourceStride, T* target, nint pitch, int rows, int columns)
        where T : unmanaged
    {
        var matrix = new Matrix<T>(
            source, target, new LoopAxis(rows, 1, 0, (int)pitch), new LoopAxis(columns, (int)sourceStride, 0, 1), Near, false);
        Tiles(matrix, source, target, pitch, rows, columns);
    }

    /// <summary>Copies a block, by its number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(in Matrix<T> matrix, int block) where T : unmanaged
    {
        var (rowBlock, columnBlock) = Math.DivRem(block, Pieces.Of(matrix.Columns.Size, matrix.Shape.Columns));
        nint row = (nint)rowBlock * matrix.Shape.Rows, column = matrix.Column(columnBlock);
        nint rows = nint.Min(matrix.Shape.Rows, matrix.Rows.Size - row);
        var columns = matrix.Column(columnBlock + 1) - column;
        var source = matrix.Source + (row * matrix.Rows.A) + (column * matrix.Columns.A);
        var destination = matrix.Destination + (row * matrix.Rows.C) + (column * matrix.Columns.C);
        if (matrix.Columns.C == 1 && rows * columns <= Small)
        {
            Tiles(matrix, source, destination, matrix.Rows.C, rows, columns);
            return;
        }

        var room = Buffer<T>();
        var pitch = (columns + (2 * CacheLine.Bytes / sizeof(T)) - 1) & -(CacheLine.Bytes / sizeof(T));
        Tiles(matrix, source, room, pitch, rows, columns);
        for (nint r = 0; r < rows; r++)
            StoreRow(matrix, room + (r * pitch), destination + (r * matrix.Rows.C), columns);
    }

    /// <summary>The transpose of a part of the source, to contiguous rows some pitch apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiles<T>(in Matrix<T> matrix, T* source, T* target, nint pitch, nint rows, nint columns)
        where T : unmanaged
    {
        nint side = TileTransposing.Side<T>(), stride = matrix.Columns.A, step = matrix.Rows.A;
        var asks = matrix.Shape == Far && stride * sizeof(T) % SetSpan != 0;
        nint wholeRows = step == 1 ? rows & -side : 0, wholeColumns = columns & -side;
        for (nint c = 0; c < wholeColumns; c += side)
            if (asks)
                FarTiles(source + (c * stride), stride, target + c, pitch, wholeRows);
            else
                for (nint r = 0; r < wholeRows; r += side)
                    TileTransposing.Run(source + r + (c * stride), stride, target + (r * pitch) + c, pitch);
        for (nint c = 0; c < columns; c++)
            for (var r = c < wholeColumns ? wholeRows : 0; r < rows; r++)
                target[(r * pitch) + c] = source[(r * step) + (c * stride)];
    }

    /// <summary>
    /// The tiles of some columns that are far away. The columns behind them are asked for meanwhile: each is a stream of its
    /// own, too short for the hardware to follow.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FarTiles<T>(T* source, nint stride, T* target, nint pitch, nint rows) where T : unmanaged
    {
        nint side = TileTransposing.Side<T>();
        for (nint r = 0; r < rows; r += side)
        {
            TileTransposing.Run(source + r, stride, target + (r * pitch), pitch);
            Prefetching.Across(source + r + (side * stride), stride, side);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<T>(in Matrix<T> matrix, T* row, T* target, nint columns) where T : unmanaged
    {
        if (matrix.Columns.C != 1)
            for (nint c = 0; c < columns; c++)
                target[c * matrix.Columns.C] = row[c];
        else if (matrix.Streams)
            Streaming.Copy(row, target, columns);
        else
            new ReadOnlySpan<T>(row, (int)columns).CopyTo(new Span<T>(target, (int)columns));
    }

    private static T* Buffer<T>() where T : unmanaged
    {
        buffer ??= GC.AllocateUninitializedArray<byte>(BufferBytes + CacheLine.Bytes, pinned: true);
        return CacheLine.From((T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(buffer)));
    }

    /// <summary>A matrix that is copied: its axes with the strides of source (a) and destination (c).</summary>
    public readonly struct Matrix<T>(T* source, T* destination, LoopAxis rows, LoopAxis columns, BlockShape shape, bool streams)
        where T : unmanaged
    {
        public readonly T* Source = source, Destination = destination;

        /// <summary>The axis along which the source runs.</summary>
        public readonly LoopAxis Rows = rows;

        /// <summary>The axis along which the destination runs.</summary>
        public readonly LoopAxis Columns = columns;

        /// <summary>How it is cut into blocks.</summary>
        public readonly BlockShape Shape = shape;

        /// <summary>Whether the destination is written past the caches.</summary>
        public readonly bool Streams = streams;

        /// <summary>
        /// The first column of a block; blocks begin where lines of the destination do, so that each is written whole.
        /// </summary>
        public nint Column(int block)
        {
            if (block == 0)
                return 0;
            var past = Columns.C == 1 ? ((nint)Destination & (CacheLine.Bytes - 1)) / sizeof(T) : 0;
            return block >= Pieces.Of(Columns.Size, Shape.Columns) ? Columns.Size : (block * (nint)Shape.Columns) - past;
        }
    }

    /// <summary>The most rows and columns that a block has.</summary>
    /// <param name="Rows">The run that is read.</param>
    /// <param name="Columns">The run that is written.</param>
    public readonly record struct BlockShape(int Rows, int Columns)
    {
        /// <summary>The number of blocks of a matrix.</summary>
        public int Count(int rows, int columns) => Pieces.Of(rows, Rows) * Pieces.Of(columns, Columns);
    }
}
