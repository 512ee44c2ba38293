using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// Rows of few elements, copied many at a time: what a row costs apart from its elements is paid once for all of them.
/// </summary>
/// <remarks>
/// Rows that stand in one piece on both sides are copied by two moves each, which overlap where a row is not twice as long
/// as one. Others are taken as columns: one element of every row, then the next of every row.
/// </remarks>
internal sealed unsafe class ShortRowCopy
{
    // Rows in one piece with more elements are worth a call each.
    private const int MostElements = 64;

    // The elements of a row that are copied as columns, and those where there would be few rows otherwise.
    private const int MostColumns = 16;
    private const int MostWideColumns = 64;
    private const int FewRows = 16;

    // Fewer rows than this give way to those along the next axis, if they are more, or are taken as columns.
    private const int LeastRows = 8;

    // The elements whose columns follow each other: what they touch stays in the first-level cache.
    private const int BlockElements = 2048;

    private readonly LoopAxis[] columns;

    private ShortRowCopy(LoopAxis[] outer, LoopAxis rows, LoopAxis[] columns)
    {
        Outer = outer;
        Rows = rows;
        this.columns = columns;
        Width = (int)LoopAxis.Count(columns);
    }

    /// <summary>The axes that are left around the rows.</summary>
    public LoopAxis[] Outer { get; }

    /// <summary>The axis along which the rows follow each other.</summary>
    public LoopAxis Rows { get; }

    /// <summary>The elements of a row.</summary>
    public int Width { get; }

    private bool AreInOnePiece => columns is [{ A: 1, C: 1 }];

    /// <summary>The rows that the last axes make, where those are short; null where they are not.</summary>
    public static ShortRowCopy? Of(ReadOnlySpan<LoopAxis> axes)
    {
        if (axes.Length < 2)
            return null;
        var rows = axes.Length > 2 && axes[^2].Size < LeastRows && axes[^3].Size > axes[^2].Size
            ? axes.Length - 3
            : axes.Length - 2;
        if (axes[^1] is { A: 0 or 1, C: 1, Size: <= MostElements } && axes[rows].Size >= LeastRows)
            return new ShortRowCopy(LoopAxis.Without(axes[..^1], rows), axes[rows], [axes[^1]]);
        var first = axes.Length;
        for (long width = axes[^1].Size; first > 1 && width <= Most(axes[first - 1]); width *= axes[first - 1].Size)
            first--;
        return first == axes.Length
            ? null
            : new ShortRowCopy(axes[..(first - 1)].ToArray(), axes[first - 1], axes[first..].ToArray());
    }

    /// <summary>The width up to which columns go on, where the rows would lie along an axis otherwise.</summary>
    private static int Most(LoopAxis axis) => axis.Size < FewRows ? MostWideColumns : MostColumns;

    /// <summary>Copies some rows, from the pointers on.</summary>
    /// <param name="source">The first element of the first row.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="streams">Whether rows of whole lines are written past the caches.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T>(T* source, T* destination, nint count, bool streams) where T : unmanaged
    {
        if (streams && AreInOnePiece && AreWholeLines(destination))
            Lines(source, destination, count);
        else if (columns is [{ A: 0, C: 1 } repeated] && repeated.Size >= Vector256<T>.Count)
            Fills(source, destination, count);
        else if (AreInOnePiece)
            Moves((byte*)source, (nint)Rows.A * sizeof(T), (byte*)destination, (nint)Rows.C * sizeof(T), Width * sizeof(T), count);
        else
            Blocks(source, destination, count);
    }

    /// <summary>Copies a row in one piece.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Row(byte* source, byte* destination, nint bytes)
    {
        var last = bytes - sizeof(Vector256<byte>);
        if (last < 0 || bytes > MostElements * sizeof(long))
        {
            new ReadOnlySpan<byte>(source, (int)bytes).CopyTo(new Span<byte>(destination, (int)bytes));
            return;
        }

        for (nint i = 0; i < last; i += sizeof(Vector256<byte>))
            Vector256.Load(source + i).Store(destination + i);
        Vector256.Load(source + last).Store(destination + last);
    }

    private bool AreWholeLines<T>(T* destination) where T : unmanaged =>
        (((nint)destination | ((nint)Width * sizeof(T)) | ((nint)Rows.C * sizeof(T))) & (CacheLine.Bytes - 1)) == 0;

    private void Lines<T>(T* source, T* destination, nint count) where T : unmanaged
    {
        for (; count > 0; count--, source += Rows.A, destination += Rows.C)
            Streaming.Copy(source, destination, Width);
    }

    /// <summary>Writes one value to consecutive elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fill<T>(T value, T* destination, nint count) where T : unmanaged
    {
        var vector = Vector256.Create(value);
        var last = count - Vector256<T>.Count;
        for (nint i = 0; i < last; i += Vector256<T>.Count)
            vector.Store(destination + i);
        if (last >= 0)
            vector.Store(destination + last);
        else
            for (nint i = 0; i < count; i++)
                destination[i] = value;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Blocks<T>(T* source, T* destination, nint count) where T : unmanaged
    {
        nint most = BlockElements / Width;
        for (; count > 0; count -= most, source += most * Rows.A, destination += most * Rows.C)
            Columns(source, destination, nint.Min(count, most));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Columns<T>(T* source, T* destination, nint count) where T : unmanaged
    {
        var column = new Odometer(columns);
        do
            StridedElements.Copy(source + column.A, Rows.A, destination + column.C, Rows.C, count);
        while (column.Next());
    }

    private static void Moves(byte* source, nint a, byte* destination, nint c, nint bytes, nint count)
    {
        if (bytes < sizeof(ushort))
            Pairs<byte>(source, a, destination, c, bytes, count);
        else if (bytes < sizeof(uint))
            Pairs<ushort>(source, a, destination, c, bytes, count);
        else if (bytes < sizeof(ulong))
            Pairs<uint>(source, a, destination, c, bytes, count);
        else if (bytes < sizeof(Vector128<byte>))
            Pairs<ulong>(source, a, destination, c, bytes, count);
        else if (bytes < sizeof(Vector256<byte>))
            Pairs<Vector128<byte>>(source, a, destination, c, bytes, count);
        else if (bytes <= 2 * sizeof(Vector256<byte>))
            Pairs<Vector256<byte>>(source, a, destination, c, bytes, count);
        else
            Vectors(source, a, destination, c, bytes, count);
    }

    /// <summary>Rows of one value each, of a vector or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fills<T>(T* source, T* destination, nint count) where T : unmanaged
    {
        nint a = Rows.A, c = Rows.C;
        for (; count > 0; count--, source += a, destination += c)
            Fill(*source, destination, Width);
    }

    /// <summary>Rows of one to two moves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pairs<TMove>(byte* source, nint a, byte* destination, nint c, nint bytes, nint count)
        where TMove : unmanaged
    {
        var last = bytes - sizeof(TMove);
        for (; count > 0; count--, source += a, destination += c)
        {
            TMove left = Unsafe.ReadUnaligned<TMove>(source), right = Unsafe.ReadUnaligned<TMove>(source + last);
            Unsafe.WriteUnaligned(destination, left);
            Unsafe.WriteUnaligned(destination + last, right);
        }
    }

    /// <summary>Rows of more than two vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors(byte* source, nint a, byte* destination, nint c, nint bytes, nint count)
    {
        for (; count > 0; count--, source += a, destination += c)
            Row(source, destination, bytes);
    }
}
