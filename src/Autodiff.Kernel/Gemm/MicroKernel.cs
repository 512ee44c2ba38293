using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The innermost loop of the matrix product: a block of C is held in registers while the depth is walked, so that each
/// step takes one load for a vector of B, one broadcast for a row of A, and rows x vectors multiply-adds.
/// </summary>
/// <remarks>
/// Long on purpose: accumulators must be named locals, since arrays of vectors, inline or on the stack, live in memory
/// and run four times slower. The block's size is a pair of type arguments, known to the JIT, which drops the rows that a
/// block does not have. Every element of C is one chain of multiply-adds along the depth, whatever the block: its bits
/// do not depend on where it stands or how wide a vector is.
/// </remarks>
/// <typeparam name="T">The element type.</typeparam>
/// <typeparam name="TRow">A row of the block.</typeparam>
internal static unsafe class MicroKernel<T, TRow>
    where T : unmanaged, INumber<T>
    where TRow : struct, IRow<TRow, T>
{
    /// <summary>
    /// Runs a block of <c>sizeof(TRows)</c> rows, up to twelve. <c>sizeof(TTables)</c> is 1 where A and B move by strides, 2
    /// where a table of offsets says where A's elements stand, and 3 where one says so of B's too.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TRows, TTables>(in Tile<T> tile)
        where TRows : unmanaged
        where TTables : unmanaged
    {
        nint row1 = tile.RowA, row2 = 2 * row1, row3 = 3 * row1;
        T* low = tile.A, middle = low + (4 * row1), high = middle + (4 * row1);
        var b = tile.B;
        int* offsetsA = tile.Steps.OffsetsA, offsetsB = tile.Steps.OffsetsB;
        nint stepA = tile.Steps.A, stepB = tile.Steps.B, last = tile.Last, rowC = tile.RowC, row4 = 4 * row1;
        var mask = TRow.Mask(last);
        TRow c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default;
        TRow c6 = default, c7 = default, c8 = default, c9 = default, c10 = default, c11 = default;
        if (tile.Accumulate)
        {
            var from = tile.C;
            c0 = TRow.Load(from, last, mask);
            if (sizeof(TRows) > 1)
                c1 = TRow.Load(from += rowC, last, mask);
            if (sizeof(TRows) > 2)
                c2 = TRow.Load(from += rowC, last, mask);
            if (sizeof(TRows) > 3)
                c3 = TRow.Load(from += rowC, last, mask);
            if (sizeof(TRows) > 4)
                c4 = TRow.Load(from += rowC, last, mask);
            if (sizeof(TRows) > 5)
                c5 = TRow.Load(from += rowC, last, mask);
            if (sizeof(TRows) > 6)
                c6 = TRow.Load(from += rowC, last, mask);
            if (sizeof(TRows) > 7)
                c7 = TRow.Load(from += rowC, last, mask);
            if (sizeof(TRows) > 8)
                c8 = TRow.Load(from += rowC, last, mask);
            if (sizeof(TRows) > 9)
                c9 = TRow.Load(from += rowC, last, mask);
            if (sizeof(TRows) > 10)
                c10 = TRow.Load(from += rowC, last, mask);
            if (sizeof(TRows) > 11)
                c11 = TRow.Load(from + rowC, last, mask);
        }

        for (var left = tile.Steps.Count; left > 0; left--)
        {
            var vectors = TRow.Load(sizeof(TTables) > 2 ? b + *offsetsB++ : b, last, mask);
            if (sizeof(TTables) > 1)
            {
                low = tile.A + *offsetsA++;
                middle = low + row4;
                high = middle + row4;
            }

            TRow.AddProduct(low, vectors, ref c0);
            if (sizeof(TRows) > 1)
                TRow.AddProduct(low + row1, vectors, ref c1);
            if (sizeof(TRows) > 2)
                TRow.AddProduct(low + row2, vectors, ref c2);
            if (sizeof(TRows) > 3)
                TRow.AddProduct(low + row3, vectors, ref c3);
            if (sizeof(TRows) > 4)
                TRow.AddProduct(middle, vectors, ref c4);
            if (sizeof(TRows) > 5)
                TRow.AddProduct(middle + row1, vectors, ref c5);
            if (sizeof(TRows) > 6)
                TRow.AddProduct(middle + row2, vectors, ref c6);
            if (sizeof(TRows) > 7)
                TRow.AddProduct(middle + row3, vectors, ref c7);
            if (sizeof(TRows) > 8)
                TRow.AddProduct(high, vectors, ref c8);
            if (sizeof(TRows) > 9)
                TRow.AddProduct(high + row1, vectors, ref c9);
            if (sizeof(TRows) > 10)
                TRow.AddProduct(high + row2, vectors, ref c10);
            if (sizeof(TRows) > 11)
                TRow.AddProduct(high + row3, vectors, ref c11);
            if (sizeof(TTables) == 1)
            {
                low += stepA;
                middle += stepA;
                high += stepA;
            }

            if (sizeof(TTables) < 3)
                b += stepB;
        }

        var to = tile.C;
        TRow.Store(c0, to, last, mask);
        if (sizeof(TRows) > 1)
            TRow.Store(c1, to += rowC, last, mask);
        if (sizeof(TRows) > 2)
            TRow.Store(c2, to += rowC, last, mask);
        if (sizeof(TRows) > 3)
            TRow.Store(c3, to += rowC, last, mask);
        if (sizeof(TRows) > 4)
            TRow.Store(c4, to += rowC, last, mask);
        if (sizeof(TRows) > 5)
            TRow.Store(c5, to += rowC, last, mask);
        if (sizeof(TRows) > 6)
            TRow.Store(c6, to += rowC, last, mask);
        if (sizeof(TRows) > 7)
            TRow.Store(c7, to += rowC, last, mask);
        if (sizeof(TRows) > 8)
            TRow.Store(c8, to += rowC, last, mask);
        if (sizeof(TRows) > 9)
            TRow.Store(c9, to += rowC, last, mask);
        if (sizeof(TRows) > 10)
            TRow.Store(c10, to += rowC, last, mask);
        if (sizeof(TRows) > 11)
            TRow.Store(c11, to + rowC, last, mask);
    }
}
