using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The loops that copy between two layouts of one shape: axes are folded where one stride can walk them, the
/// destination is written in the order of memory, and where the source runs along another axis than the destination,
/// both are walked in blocks. Made once, run for any two places in memory; immutable and safe to share between threads.
/// </summary>
internal sealed class StridedCopyLoop
{
    // The elements of an item of work, where one row does not have more.
    private const int ItemElements = 8192;

    // The pieces that long rows are cut into.
    private const int RowElements = 1 << 15;

    // From here on neither side stays in the second-level cache.
    private const int FarElements = 1 << 20;

    // The elements of neighbouring runs of the source that are copied one after the other, and the most such runs, each of
    // which goes to another place: as many streams are written at a time.
    private const int NeighbourElements = 8192;
    private const int MostNeighbours = 32;

    // Two axes shorter than this are as well copied row by row.
    private const int LeastAcross = 8;

    private readonly LoopAxis[] outer;
    private readonly LoopAxis inner;
    private readonly LoopAxis? across;
    private readonly ShortRowCopy? rows;
    private readonly long elements;
    private readonly long places;
    private readonly long placesPerItem;
    private readonly int pieces;
    private readonly Transposing.BlockShape blocks;

    public StridedCopyLoop(Layout source, Layout destination)
    {
        var axes = LoopAxis.Fold(LoopAxis.Sort(LoopAxis.Of(source, destination)));
        inner = axes.Length == 0 ? new LoopAxis(1, 1, 0, 1) : axes[^1];
        outer = axes.Length == 0 ? [] : axes[..^1];
        elements = source.Shape.Size;
        if (Across() is var position and >= 0)
        {
            across = outer[position];
            outer = LoopAxis.Without(outer, position);
        }
        else if (elements >= FarElements && inner is { A: 1, C: 1 })
            outer = NeighboursTogether();

        rows = across is null && elements > 0 ? ShortRowCopy.Of([.. outer, inner]) : null;
        outer = rows?.Outer ?? outer;
        places = LoopAxis.Count(outer);
        blocks = elements >= FarElements ? Transposing.Far : Transposing.Near;
        pieces = PiecesOfPlace();
        placesPerItem = pieces > 1 ? 1 : Math.Clamp(ItemElements * places / Math.Max(elements, 1), 1, Math.Max(places, 1));
    }

    /// <summary>Whether all elements stand one behind the other, in the source as in the destination.</summary>
    public bool IsOneRun => outer.Length == 0 && across is null && rows is null && inner is { A: 1, C: 1 };

    private long Items => (places + placesPerItem - 1) / placesPerItem * pieces;

    /// <summary>Copies on the calling thread; the pointers are those of the layouts' first elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Run<T>(T* source, T* destination) where T : unmanaged
    {
        if (places == 1 && pieces == 1)
        {
            Piece(source, destination, 0);
            return;
        }

        for (long item = 0; item < Items; item++)
            Run(source, destination, item);
        Finish<T>();
    }

    /// <summary>Copies on all threads.</summary>
    public void Run(View source, View destination)
    {
        if (elements == 0)
            return;

        // Only the width of an element matters for a copy.
        switch (source.DType.Size())
        {
            case 1:
                Run<byte>(source, destination);
                break;
            case 4:
                Run<uint>(source, destination);
                break;
            default:
                Run<ulong>(source, destination);
                break;
        }
    }

    private unsafe void Run<T>(View source, View destination) where T : unmanaged
    {
        fixed (T* from = &source.Storage.Reference<T>(), to = &destination.Storage.Reference<T>())
            ForkJoin.Run(
                new Work<T>(this, from + source.Layout.Offset, to + destination.Layout.Offset), Items,
                Nanoseconds(elements * sizeof(T)));
    }

    /// <summary>About 16 bytes are copied in a nanosecond.</summary>
    public static long Nanoseconds(long bytes) => bytes / 16;

    /// <summary>The pieces that what lies at one place is cut into.</summary>
    private int PiecesOfPlace()
    {
        if (across is { } axis)
            return blocks.Count(axis.Size, inner.Size);
        return rows is null ? Pieces.Of(inner.Size, RowElements) : Pieces.Of(rows.Rows.Size, RowElements / rows.Width);
    }

    private bool Streams<T>() where T : unmanaged => Streaming.Pays(elements * Unsafe.SizeOf<T>());

    private void Finish<T>() where T : unmanaged
    {
        if (Streams<T>())
            Streaming.Finish();
    }

    /// <summary>The axis along which the source runs, among the outer ones; -1 where that is the destination's.</summary>
    private int Across()
    {
        var best = -1;
        var stride = Math.Abs((long)inner.A);
        for (var i = 0; i < outer.Length; i++)
            if (outer[i].A != 0 && Math.Abs((long)outer[i].A) < stride && Math.Min(outer[i].Size, inner.Size) >= LeastAcross)
                (best, stride) = (i, Math.Abs((long)outer[i].A));
        return best;
    }

    /// <summary>
    /// The outer axes in an order in which some runs that are neighbours in the source follow each other: memory that far
    /// exceeds the caches is read in long stretches, while short ones at a large stride would be in another page each.
    /// </summary>
    private LoopAxis[] NeighboursTogether()
    {
        var position = Array.FindIndex(outer, axis => axis.A == inner.Size);
        if (position < 0 || position == outer.Length - 1)
            return outer;
        var (size, a, _, c) = outer[position];
        var most = Math.Min(MostNeighbours, NeighbourElements / inner.Size);
        var together = Enumerable.Range(1, Math.Max(most, 1)).Last(count => size % count == 0);
        return LoopAxis.Fold(
            [
                .. outer[..position], new LoopAxis(size / together, a * together, 0, c * together), .. outer[(position + 1)..],
                new LoopAxis(together, a, 0, c),
            ]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Run<T>(T* source, T* destination, long item) where T : unmanaged
    {
        (item, var piece) = Math.DivRem(item, pieces);
        var place = Odometer.At(outer, item * placesPerItem);
        for (var left = Math.Min(placesPerItem, places - (item * placesPerItem)); left > 0; left--)
        {
            Piece(source + place.A, destination + place.C, (int)piece);
            place.Next();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Piece<T>(T* source, T* destination, int piece) where T : unmanaged
    {
        if (across is { } axis)
        {
            Transposing.Run(
                new Transposing.Matrix<T>(source, destination, axis, inner, blocks, Streams<T>()), piece);
            return;
        }

        if (rows is not null)
        {
            nint most = RowElements / rows.Width, start = piece * most;
            rows.Run(
                source + (start * rows.Rows.A), destination + (start * rows.Rows.C), nint.Min(most, rows.Rows.Size - start),
                Streams<T>());
            return;
        }

        var first = (nint)piece * RowElements;
        Row(source + (first * inner.A), destination + (first * inner.C), nint.Min(RowElements, inner.Size - first));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Row<T>(T* source, T* destination, nint count) where T : unmanaged
    {
        if (inner is not { A: 0 or 1, C: 1 })
            StridedElements.Copy(source, inner.A, destination, inner.C, count);
        else if (Streams<T>())
            Stream(source, destination, count);
        else if (inner.A == 1)
            new ReadOnlySpan<T>(source, (int)count).CopyTo(new Span<T>(destination, (int)count));
        else
            ShortRowCopy.Fill(*source, destination, count);
    }

    private unsafe void Stream<T>(T* source, T* destination, nint count) where T : unmanaged
    {
        if (inner.A == 1)
            Streaming.Copy(source, destination, count);
        else
            Streaming.Fill(*source, destination, count);
    }

    /// <summary>A copy between places that its caller keeps fixed.</summary>
    private readonly unsafe struct Work<T>(StridedCopyLoop loop, T* source, T* destination) : IWork
        where T : unmanaged
    {
        public void Run(long item)
        {
            loop.Run(source, destination, item);
            loop.Finish<T>();
        }
    }
}
