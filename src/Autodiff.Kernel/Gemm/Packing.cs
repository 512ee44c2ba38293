using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>Copies of parts of strided matrices into contiguous memory, and back.</summary>
internal static unsafe class Packing
{
    // So many rows of B are on their way from memory while one is copied.
    private const int RowsAhead = 4;

    // The elements of a row that is copied by a few vectors: a panel of A, a block of C.
    private const int ShortLine = 64;

    /// <summary>A strip of B, times a factor: packed[k, j] = factor b[k, j].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Columns<T, TVector, TSimd>(
        T* b, nint columnStride, in DepthSteps steps, int columns, T factor, T* packed)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        if (columnStride == 1 && columns >= TSimd.Width)
            Vectors<T, TVector, TSimd>(b, steps, columns, packed);
        else if (steps.OffsetsB is null)
            Copy(b, steps.B, columnStride, packed, columns, 1, (int)steps.Count, columns);
        else
            for (nint k = 0; k < steps.Count;)
            {
                var run = Run(steps.OffsetsB + k, steps.Count - k, out var step);
                Copy(b + steps.OffsetsB[k], step, columnStride, packed + (k * columns), columns, 1, run, columns);
                k += run;
            }
        if (factor != T.One)
            VectorLoops.Multiply(packed, 1, &factor, 0, packed, 1, steps.Count * columns, false);
    }

    /// <summary>Rows of one vector or more, of which the last may overlap the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors<T, TVector, TSimd>(T* b, in DepthSteps steps, int columns, T* packed)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        for (nint k = 0; k < steps.Count; k++, packed += columns)
            Vectors<T, TVector, TSimd>(steps.OffsetsB is null ? b + (k * steps.B) : b + steps.OffsetsB[k], columns, packed);
    }

    /// <summary>Strips with contiguous columns, one behind the other.</summary>
    public static void Strips<T, TVector, TSimd>(T* b, in DepthSteps steps, ReadOnlySpan<Block> strips, T* packed)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> =>
        Blocks<T, TVector, TSimd>(b, steps.B, steps.OffsetsB, steps.Count, strips, packed);

    /// <summary>Panels of A with contiguous rows, of 16 bytes or more, one behind the other.</summary>
    public static void Panels<T>(T* a, in DepthSteps steps, ReadOnlySpan<Block> panels, T* packed)
        where T : unmanaged, INumber<T>
    {
        var least = panels[0].Count;
        foreach (var panel in panels)
            least = Math.Min(least, panel.Count);
        if (least >= Vector256<T>.Count && Vector256.IsHardwareAccelerated)
            Blocks<T, Vector256<T>, Simd256<T>>(a, steps.A, steps.OffsetsA, steps.Count, panels, packed);
        else
            Blocks<T, Vector128<T>, Simd128<T>>(a, steps.A, steps.OffsetsA, steps.Count, panels, packed);
    }

    /// <summary>
    /// Blocks of contiguous elements; what one step of the depth has is read over all of them, since it lies in a page of
    /// its own.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blocks<T, TVector, TSimd>(
        T* source, nint step, int* offsets, nint count, ReadOnlySpan<Block> blocks, T* packed)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        var width = Width(blocks);
        for (nint k = 0; k < count; k++)
        {
            var row = offsets is null ? source + (k * step) : source + offsets[k];
            if (offsets is null && k + RowsAhead < count)
                Prefetching.Row(row + (RowsAhead * step) + blocks[0].Source, width);
            var target = packed;
            foreach (var block in blocks)
            {
                Vectors<T, TVector, TSimd>(row + block.Source, block.Count, target + (k * block.Count));
                target += block.Count * count;
            }
        }
    }

    /// <summary>The elements of blocks that follow each other; none of others, between which anything may lie.</summary>
    private static int Width(ReadOnlySpan<Block> blocks)
    {
        var width = 0;
        foreach (var block in blocks)
            width += block.Count;
        return blocks[^1].Source + blocks[^1].Count - blocks[0].Source == width ? width : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Vectors<T, TVector, TSimd>(T* source, nint columns, T* target)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        var last = columns - TSimd.Width;
        for (nint column = 0; column < last; column += TSimd.Width)
            TSimd.Store(TSimd.Load(source + column), target + column);
        TSimd.Store(TSimd.Load(source + last), target + last);
    }

    /// <summary>A panel of A: the rows one after the other, or for each step of the depth all rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows<T>(T* a, nint rowStride, in DepthSteps steps, int rows, bool isDepthMajor, T* packed)
        where T : unmanaged, INumber<T>
    {
        if (steps.OffsetsA is not null)
            for (nint k = 0; k < steps.Count;)
            {
                var run = Run(steps.OffsetsA + k, steps.Count - k, out var step);
                if (isDepthMajor)
                    Copy(a + steps.OffsetsA[k], step, rowStride, packed + (k * rows), rows, 1, run, rows);
                else
                    Copy(a + steps.OffsetsA[k], rowStride, step, packed + k, steps.Count, 1, rows, run);
                k += run;
            }
        else if (isDepthMajor)
            Copy(a, steps.A, rowStride, packed, rows, 1, (int)steps.Count, rows);
        else
            Copy(a, rowStride, steps.A, packed, steps.Count, 1, rows, (int)steps.Count);
    }

    /// <summary>How many offsets of a table, from the first on, follow each other in one step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Run(int* offsets, nint count, out int step)
    {
        step = count > 1 ? offsets[1] - offsets[0] : 0;
        nint run = 1;
        while (run < count && offsets[run] - offsets[run - 1] == step)
            run++;
        return (int)run;
    }

    /// <summary>target[r * targetRow + c * targetColumn] = source[r * sourceRow + c * sourceColumn].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy<T>(
        T* source, nint sourceRow, nint sourceColumn, T* target, nint targetRow, nint targetColumn,
        int rows, int columns)
        where T : unmanaged, INumber<T>
    {
        if (sourceColumn == 1 && targetColumn == 1)
            Lines(source, sourceRow, target, targetRow, rows, columns);
        else if (sourceRow == 1 && targetColumn == 1 && rows > 1)
            Transposing.ToRows(source, sourceColumn, target, targetRow, rows, columns);
        else if (sourceRow == 1 && rows > 1)
            Transposing.Run(source, sourceColumn, target, targetRow, targetColumn, rows, columns);
        else
            for (nint row = 0; row < rows; row++)
                for (nint column = 0; column < columns; column++)
                    target[(row * targetRow) + (column * targetColumn)] =
                        source[(row * sourceRow) + (column * sourceColumn)];
    }

    /// <summary>Rows with contiguous elements; short ones by vectors, without a call for each.</summary>
    private static void Lines<T>(T* source, nint sourceRow, T* target, nint targetRow, int rows, int columns)
        where T : unmanaged, INumber<T>
    {
        if (columns <= ShortLine && columns >= Vector256<T>.Count && Vector256.IsHardwareAccelerated)
            ShortLines<T, Vector256<T>, Simd256<T>>(source, sourceRow, target, targetRow, rows, columns);
        else if (columns <= ShortLine && columns >= Vector128<T>.Count)
            ShortLines<T, Vector128<T>, Simd128<T>>(source, sourceRow, target, targetRow, rows, columns);
        else
            for (; rows > 0; rows--, source += sourceRow, target += targetRow)
                Unsafe.CopyBlockUnaligned(target, source, (uint)(columns * sizeof(T)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ShortLines<T, TVector, TSimd>(
        T* source, nint sourceRow, T* target, nint targetRow, int rows, int columns)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        for (; rows > 0; rows--, source += sourceRow, target += targetRow)
            Vectors<T, TVector, TSimd>(source, columns, target);
    }
}
