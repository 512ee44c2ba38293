using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// Copies between consecutive elements and strided ones, without regard to what the elements mean. The memory is pinned.
/// </summary>
internal static class ChunkCopy
{
    // A call that copies or fills costs as much as so many elements.
    private const int ShortRow = 16;

    // Beyond this, a call for each row costs nothing beside the row.
    private const int LongRow = 64;

    /// <summary>
    /// Collects strided elements in row-major order; <paramref name="rows"/> is the size of the first axis.
    /// </summary>
    public static void Gather(
        int elementSize, ref byte source, int rows, ReadOnlySpan<int> sizes, ReadOnlySpan<int> strides, ref byte target)
    {
        switch (elementSize)
        {
            case 1: Gather(ref source, rows, sizes, strides, ref target); break;
            case 4: Gather(ref As<int>(ref source), rows, sizes, strides, ref As<int>(ref target)); break;
            default: Gather(ref As<long>(ref source), rows, sizes, strides, ref As<long>(ref target)); break;
        }
    }

    /// <summary>
    /// Spreads consecutive elements, or one that repeats, to strided places; <paramref name="rows"/> is the size of the
    /// first axis.
    /// </summary>
    public static void Scatter(
        int elementSize, Operand source, ref byte target, int rows, ReadOnlySpan<int> sizes, ReadOnlySpan<int> strides)
    {
        switch (elementSize)
        {
            case 1: Scatter<byte>(source, 0, ref target, rows, sizes, strides); break;
            case 4: Scatter(source, 0, ref As<int>(ref target), rows, sizes, strides); break;
            default: Scatter(source, 0, ref As<long>(ref target), rows, sizes, strides); break;
        }
    }

    /// <summary>Fills a block of copies with its first element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FillBlock(int elementSize, ref byte block)
    {
        var bytes = MemoryMarshal.CreateSpan(ref block, Operand.BlockBytes);
        switch (elementSize)
        {
            case 1: bytes.Fill(block); break;
            case 4: MemoryMarshal.Cast<byte, int>(bytes).Fill(As<int>(ref block)); break;
            default: MemoryMarshal.Cast<byte, long>(bytes).Fill(As<long>(ref block)); break;
        }
    }

    private static ref T As<T>(ref byte bytes) => ref Unsafe.As<byte, T>(ref bytes);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ref T Gather<T>(
        ref T source, int rows, ReadOnlySpan<int> sizes, ReadOnlySpan<int> strides, ref T target) where T : unmanaged
    {
        if (sizes.Length > 2)
        {
            for (var row = 0; row < rows; row++)
                target = ref Gather(
                    ref Unsafe.Add(ref source, (nint)row * strides[0]), sizes[1], sizes[1..], strides[1..], ref target);
            return ref target;
        }

        var (rowCount, rowSize, rowStride, step) = Rows(rows, sizes, strides);
        if (rowCount == 1 || rowSize == 1 || step is not (0 or 1) || rowStride < 0)
            GatherRows(ref source, rowCount, rowSize, rowStride, step, ref target);
        else if (step == 0)
            Spread(ref source, rowCount, rowSize, rowStride, ref target);
        else if (rowStride == 0)
            Tile(ref source, rowCount, rowSize, ref target);
        else if (rowSize < LongRow)
            Pack(ref source, rowCount, rowSize, rowStride, ref target);
        else
            GatherRows(ref source, rowCount, rowSize, rowStride, step, ref target);
        return ref Unsafe.Add(ref target, (nint)rowCount * rowSize);
    }

    /// <summary>One row, again and again: what is there is copied behind itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<T>(ref T source, int rowCount, int rowSize, ref T target) where T : unmanaged
    {
        var all = MemoryMarshal.CreateSpan(ref target, rowCount * rowSize);
        MemoryMarshal.CreateReadOnlySpan(ref source, rowSize).CopyTo(all);
        for (var done = rowSize; done < all.Length; done *= 2)
            all[..Math.Min(done, all.Length - done)].CopyTo(all[done..]);
    }

    /// <summary>
    /// Rows of one element each: whole vectors of it are stored, and the next row over what is too much.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread<T>(ref T source, int rowCount, int rowSize, nint rowStride, ref T target)
        where T : unmanaged
    {
        var roomy = WithRoom<T>(rowCount, rowSize, rowSize);
        for (var row = 0; row < rowCount; row++)
        {
            var value = source;
            var vector = Vector128.Create(value);
            nint i = 0, end = row < roomy ? rowSize : rowSize - Vector128<T>.Count + 1;
            for (; i < end; i += Vector128<T>.Count)
                vector.StoreUnsafe(ref target, (nuint)i);
            for (; i < rowSize; i++)
                Unsafe.Add(ref target, i) = value;
            source = ref Unsafe.Add(ref source, rowStride);
            target = ref Unsafe.Add(ref target, rowSize);
        }
    }

    /// <summary>Rows of consecutive elements, in the same way: more than a row is loaded too, but no more than there is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack<T>(ref T source, int rowCount, int rowSize, nint rowStride, ref T target)
        where T : unmanaged
    {
        var roomy = WithRoom<T>(rowCount, rowSize, (int)nint.Min(rowSize, rowStride));
        for (var row = 0; row < rowCount; row++)
        {
            nint i = 0, end = row < roomy ? rowSize : rowSize - Vector128<T>.Count + 1;
            for (; i < end; i += Vector128<T>.Count)
                Vector128.LoadUnsafe(ref source, (nuint)i).StoreUnsafe(ref target, (nuint)i);
            for (; i < rowSize; i++)
                Unsafe.Add(ref target, i) = Unsafe.Add(ref source, i);
            source = ref Unsafe.Add(ref source, rowStride);
            target = ref Unsafe.Add(ref target, rowSize);
        }
    }

    /// <summary>The rows behind which the others, so far apart, have room for what a row lacks to whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WithRoom<T>(int rowCount, int rowSize, int step) where T : unmanaged
    {
        var lacking = -rowSize & (Vector128<T>.Count - 1);
        return Math.Max(0, rowCount - ((lacking + step - 1) / step));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatherRows<T>(
        ref T source, int rowCount, int rowSize, nint rowStride, nint step, ref T target) where T : unmanaged
    {
        for (; rowCount > 0; rowCount--)
        {
            GatherRow(ref source, ref target, rowSize, step);
            source = ref Unsafe.Add(ref source, rowStride);
            target = ref Unsafe.Add(ref target, rowSize);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void GatherRow<T>(ref T source, ref T target, int count, nint stride) where T : unmanaged
    {
        if (count < ShortRow)
            for (nint i = 0; i < count; i++)
                Unsafe.Add(ref target, i) = Unsafe.Add(ref source, i * stride);
        else if (stride is not (0 or 1))
            StridedElements.Gather((T*)Unsafe.AsPointer(ref source), stride, count, (T*)Unsafe.AsPointer(ref target));
        else if (stride == 0)
            MemoryMarshal.CreateSpan(ref target, count).Fill(source);
        else
            MemoryMarshal.CreateReadOnlySpan(ref source, count).CopyTo(MemoryMarshal.CreateSpan(ref target, count));
    }

    /// <summary>One or two axes, of whose first there are so many steps, as rows: their number, size and strides.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int Count, int Size, nint Stride, nint Step) Rows(
        int rows, ReadOnlySpan<int> sizes, ReadOnlySpan<int> strides) =>
        sizes.Length == 1 ? (1, rows, 0, strides[0]) : (rows, sizes[1], strides[0], strides[1]);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Scatter<T>(
        Operand source, nint position, ref T target, int rows, ReadOnlySpan<int> sizes, ReadOnlySpan<int> strides)
        where T : unmanaged
    {
        if (sizes.Length > 2)
        {
            for (var row = 0; row < rows; row++)
                position = Scatter(
                    source, position, ref Unsafe.Add(ref target, (nint)row * strides[0]), sizes[1], sizes[1..], strides[1..]);
            return position;
        }

        var (rowCount, rowSize, rowStride, step) = Rows(rows, sizes, strides);
        for (; rowCount > 0; rowCount--)
        {
            ScatterRow(ref Unsafe.Add(ref source.First<T>(), position & source.Mask), source.Mask, ref target, rowSize, step);
            position += rowSize;
            target = ref Unsafe.Add(ref target, rowStride);
        }

        return position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void ScatterRow<T>(ref T source, nint mask, ref T target, int count, nint stride) where T : unmanaged
    {
        if (count < ShortRow || (stride != 1 && mask == 0))
            for (nint i = 0; i < count; i++)
                Unsafe.Add(ref target, i * stride) = Unsafe.Add(ref source, i & mask);
        else if (stride != 1)
            StridedElements.Scatter((T*)Unsafe.AsPointer(ref source), count, (T*)Unsafe.AsPointer(ref target), stride);
        else if (mask == 0)
            MemoryMarshal.CreateSpan(ref target, count).Fill(source);
        else
            MemoryMarshal.CreateReadOnlySpan(ref source, count).CopyTo(MemoryMarshal.CreateSpan(ref target, count));
    }
}
