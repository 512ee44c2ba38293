using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// Matrix products by register blocks. One axis each is the rows, the columns and the depth of a matrix product; the
/// others are walked around it. An item of work is a block of rows and columns, of which strips of two or three vectors
/// of columns meet panels of up to twelve rows. A strip whose columns are not contiguous, or whose rows lie so far
/// apart that they would share a few sets of the cache, is first copied to a contiguous one.
/// </summary>
internal sealed unsafe class BlockedProduct(ProductAxes axes) : ContractionKernel
{
    // A block of A (rows x depth) stays in the second-level cache, a strip of B (depth x three vectors) in the first.
    private const int BlockRows = 96;
    private const int BlockColumns = 480;
    private const int BlockDepth = 256;
    private const int MaxTile = 12 * 48;

    private readonly LoopAxis rows = axes.Rows;
    private readonly LoopAxis columns = axes.Columns;
    private readonly LoopAxis depth = axes.Depth;
    private readonly int rowBlocks = Blocks(axes.Rows.Size, BlockRows);
    private readonly int columnBlocks = Blocks(axes.Columns.Size, BlockColumns);
    private readonly int depthBlocks = Blocks(axes.Depth.Size, BlockDepth);

    // About 100 multiply-adds of Float32 in a nanosecond.
    public override long Nanoseconds(int bytes) => (long)(
        (double)LoopAxis.Count(axes.Outer) * LoopAxis.Count(axes.Depths) * rows.Size * columns.Size * depth.Size * bytes / 400);

    public override long Items => LoopAxis.Count(axes.Outer) * rowBlocks * columnBlocks;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run<T>(T* a, T* b, T* c, long item)
    {
        (item, var columnBlock) = Math.DivRem(item, columnBlocks);
        (item, var rowBlock) = Math.DivRem(item, rowBlocks);
        var row = Start(rows.Size, rowBlock, rowBlocks, 1);
        var column = Start(columns.Size, columnBlock, columnBlocks, 16);
        var rowCount = (int)(Start(rows.Size, rowBlock + 1, rowBlocks, 1) - row);
        var columnCount = (int)(Start(columns.Size, columnBlock + 1, columnBlocks, 16) - column);
        var place = Odometer.At(axes.Outer, item);
        T* left = axes.IsSwapped ? b : a, right = axes.IsSwapped ? a : b;
        left += place.A + (row * rows.A);
        right += place.B + (column * columns.B);
        c += place.C + (row * rows.C) + (column * columns.C);
        var deeper = new Odometer(axes.Depths);
        var accumulate = false;
        do
        {
            Depths(left + deeper.A, right + deeper.B, c, rowCount, columnCount, accumulate);
            accumulate = true;
        }
        while (deeper.Next());
    }

    public override string ToString() =>
        $"blocked product {LoopAxis.Count(axes.Outer)} x ({rows.Size} x {depth.Size * LoopAxis.Count(axes.Depths)} x {columns.Size})"
        + (axes.IsSwapped ? ", transposed" : "")
        + (columns.B == 1 ? "" : ", packed")
        + (columns.C == 1 ? "" : ", scattered");

    /// <summary>The blocks along the depth, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Depths<T>(T* a, T* b, T* c, int rowCount, int columnCount, bool accumulate)
        where T : unmanaged, INumber<T>
    {
        for (var block = 0; block < depthBlocks; block++)
        {
            var start = Start(depth.Size, block, depthBlocks, 1);
            var part = new Part<T>(
                a + (start * depth.A), b + (start * depth.B), c, rowCount, columnCount,
                Start(depth.Size, block + 1, depthBlocks, 1) - start, accumulate || block > 0);
            if (Vector512.IsHardwareAccelerated && columnCount >= Vector512<T>.Count)
                Strips<T, Vector512<T>, Simd512<T>>(part);
            else if (Vector256.IsHardwareAccelerated && columnCount >= Vector256<T>.Count)
                Strips<T, Vector256<T>, Simd256<T>>(part);
            else
                Strips<T, Vector128<T>, Simd128<T>>(part);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Strips<T, TVector, TSimd>(in Part<T> part)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        var pack = columns.B != 1 || (part.Rows >= 48 && Math.Abs((long)depth.B) * sizeof(T) >= 2048);
        var scratch = pack || columns.C != 1 ? Scratch.Take<T>((BlockDepth * 3 * TSimd.Width) + MaxTile) : null;
        for (var column = 0; column < part.Columns;)
        {
            // The strips are two vectors wide; the last takes what is left, up to three, the last of them overlapping.
            var left = part.Columns - column;
            var width = left <= 3 * TSimd.Width ? left : 2 * TSimd.Width;
            T* b = part.B + ((nint)column * columns.B), packed = scratch + MaxTile;
            if (pack)
                Packing.Strip(b, depth.B, columns.B, (int)part.Depth, width, packed);
            Panels<T, TVector, TSimd>(
                part, pack ? packed : b, pack ? width : depth.B, part.C + ((nint)column * columns.C), width, scratch);
            column += width;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Panels<T, TVector, TSimd>(in Part<T> part, T* b, nint stepB, T* c, int width, T* scratch)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        var vectors = (width + TSimd.Width - 1) / TSimd.Width;
        var panels = Blocks(part.Rows, MicroKernels<T, TVector, TSimd>.MaxRows(vectors));
        for (var panel = 0; panel < panels; panel++)
        {
            var row = Start(part.Rows, panel, panels, 1);
            var count = (int)(Start(part.Rows, panel + 1, panels, 1) - row);
            var target = c + (row * rows.C);
            var tile = new Tile<T>(
                (nint)(part.A + (row * rows.A)), rows.A, depth.A, (nint)b, stepB, (nint)target, rows.C, part.Depth,
                width - TSimd.Width, part.Accumulate);
            if (columns.C == 1)
                MicroKernels<T, TVector, TSimd>.Run(count, vectors, tile);
            else
                Scattered<T, TVector, TSimd>(count, vectors, tile, width, scratch);
        }
    }

    /// <summary>A block of C whose columns are not contiguous goes through one that is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scattered<T, TVector, TSimd>(int count, int vectors, in Tile<T> tile, int width, T* block)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        var target = (T*)tile.C;
        if (tile.Accumulate)
            Packing.Strip(target, rows.C, columns.C, count, width, block);
        MicroKernels<T, TVector, TSimd>.Run(count, vectors, tile with { C = (nint)block, RowC = width });
        Packing.Unpack(block, count, width, target, rows.C, columns.C);
    }

    /// <summary>The number of equal blocks of at most <paramref name="block"/>.</summary>
    private static int Blocks(int size, int block) => (size + block - 1) / block;

    /// <summary>Where block i of n even blocks starts, down to a multiple of <paramref name="unit"/>.</summary>
    private static nint Start(int size, long i, int n, int unit) =>
        i == n ? size : (nint)(size * i / n) / unit * unit;

    /// <summary>A block of rows and columns with a piece of the depth.</summary>
    private readonly struct Part<T>(T* a, T* b, T* c, int rows, int columns, nint depth, bool accumulate)
        where T : unmanaged
    {
        public readonly T* A = a, B = b, C = c;
        public readonly int Rows = rows, Columns = columns;
        public readonly nint Depth = depth;
        public readonly bool Accumulate = accumulate;
    }
}
