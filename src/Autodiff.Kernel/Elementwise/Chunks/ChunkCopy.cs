using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>Copies between consecutive elements and strided ones, without regard to what the elements mean.</summary>
internal static class ChunkCopy
{
    // A call that copies or fills costs as much as so many elements.
    private const int ShortRow = 16;

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
        for (; rowCount > 0; rowCount--)
        {
            GatherRow(ref source, ref target, rowSize, step);
            source = ref Unsafe.Add(ref source, rowStride);
            target = ref Unsafe.Add(ref target, rowSize);
        }

        return ref target;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GatherRow<T>(ref T source, ref T target, int count, nint stride) where T : unmanaged
    {
        if (stride is not (0 or 1) || count < ShortRow)
            for (nint i = 0; i < count; i++)
                Unsafe.Add(ref target, i) = Unsafe.Add(ref source, i * stride);
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
    private static void ScatterRow<T>(ref T source, nint mask, ref T target, int count, nint stride) where T : unmanaged
    {
        if (stride != 1 || count < ShortRow)
            for (nint i = 0; i < count; i++)
                Unsafe.Add(ref target, i * stride) = Unsafe.Add(ref source, i & mask);
        else if (mask == 0)
            MemoryMarshal.CreateSpan(ref target, count).Fill(source);
        else
            MemoryMarshal.CreateReadOnlySpan(ref source, count).CopyTo(MemoryMarshal.CreateSpan(ref target, count));
    }
}
