namespace Autodiff.Kernel;

/// <summary>The free parts of an arena that grows as it must; parts begin on cache lines.</summary>
internal sealed class FreeBlocks
{
    private readonly SortedSet<(nint Bytes, nint Start)> free = [];
    private readonly Dictionary<nint, nint> freeByStart = [];
    private readonly Dictionary<nint, nint> freeByEnd = [];

    /// <summary>Where the arena ends by now.</summary>
    public nint End { get; private set; }

    /// <summary>The smallest free block that holds so many bytes is taken from its beginning.</summary>
    public nint Take(nint needed)
    {
        var bytes = CacheLine.Whole(needed);
        if (bytes == 0)
            return 0;
        foreach (var block in free.GetViewBetween((bytes, 0), (nint.MaxValue, nint.MaxValue)))
        {
            Remove(block.Start, block.Bytes);
            if (block.Bytes > bytes)
                Add(block.Start + bytes, block.Bytes - bytes);
            return block.Start;
        }

        // The arena grows; a free block at its end is grown into.
        var start = End;
        if (freeByEnd.TryGetValue(End, out var last))
        {
            Remove(last, End - last);
            start = last;
        }

        End = start + bytes;
        return start;
    }

    /// <summary>Bytes that were taken are free again.</summary>
    public void Give(nint start, nint taken)
    {
        var bytes = CacheLine.Whole(taken);
        if (bytes == 0)
            return;
        var end = start + bytes;
        if (freeByEnd.TryGetValue(start, out var before))
        {
            Remove(before, start - before);
            start = before;
        }

        if (freeByStart.TryGetValue(end, out var after))
        {
            Remove(end, after - end);
            end = after;
        }

        Add(start, end - start);
    }

    private void Add(nint start, nint bytes)
    {
        free.Add((bytes, start));
        freeByStart[start] = start + bytes;
        freeByEnd[start + bytes] = start;
    }

    private void Remove(nint start, nint bytes)
    {
        free.Remove((bytes, start));
        freeByStart.Remove(start);
        freeByEnd.Remove(start + bytes);
    }
}
