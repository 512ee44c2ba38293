using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Sorts a line, or finds its first elements in their order: those that come before the last of the best so far are
/// candidates, and all but the best are dropped.
/// </summary>
/// <param name="size">The elements of the line.</param>
/// <param name="wanted">How many of them are wanted.</param>
/// <param name="flip">The bits of the keys that are turned: all, where the order falls.</param>
/// <param name="entries">Memory for as many entries as <see cref="Room"/> says.</param>
/// <param name="room">The same again.</param>
internal readonly unsafe struct LineSort<T, TKey, TEntry>(int size, int wanted, ulong flip, TEntry* entries, TEntry* room)
    where T : unmanaged
    where TKey : struct, ISortKey<T>
    where TEntry : unmanaged, ISortEntry<TEntry>
{
    // Among so few a candidate finds its place at once.
    private const int Few = 24;

    // Candidates for each of the wanted, which are sorted at times. Where a line has not twice as many elements, all are.
    private const int Candidates = 2;

    /// <summary>The entries that are in memory at a time.</summary>
    public static int Room(int size, int wanted)
    {
        var candidates = (long)Candidates * wanted;
        return 2 * candidates <= size ? (int)candidates : size;
    }

    /// <summary>The entries of the elements, at least as many as are wanted, from the first on in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TEntry* Run(T* elements, nint stride)
    {
        var most = Room(size, wanted);
        for (var i = 0; i < most; i++)
            entries[i] = TEntry.Of(TKey.Of(elements[i * stride]) ^ flip, i);
        var best = StableSort.Sort(entries, room, most);
        if (most == size)
            return best;
        return wanted <= Few ? Insert(elements, stride, best, most) : Select(elements, stride, best, most);
    }

    /// <summary>Goes on behind the elements whose best are known, and sorted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TEntry* Insert(T* elements, nint stride, TEntry* best, int first)
    {
        var limit = best[wanted - 1].Key;
        for (var i = first; i < size; i++)
        {
            // An equal element would stand behind.
            var key = TKey.Of(elements[i * stride]) ^ flip;
            if (key >= limit)
                continue;
            var place = wanted - 1;
            for (; place > 0 && best[place - 1].Key > key; place--)
                best[place] = best[place - 1];
            best[place] = TEntry.Of(key, i);
            limit = best[wanted - 1].Key;
        }

        return best;
    }

    /// <summary>The same for more: candidates are collected, and sorted with the best when they are as many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TEntry* Select(T* elements, nint stride, TEntry* best, int most)
    {
        var count = wanted;
        var limit = best[wanted - 1].Key;
        for (var i = most; i < size; i++)
        {
            var key = TKey.Of(elements[i * stride]) ^ flip;
            if (key >= limit)
                continue;
            best[count++] = TEntry.Of(key, i);
            if (count < most)
                continue;
            best = StableSort.Sort(best, Other(best), count);
            (count, limit) = (wanted, best[wanted - 1].Key);
        }

        return StableSort.Sort(best, Other(best), count);
    }

    private TEntry* Other(TEntry* used) => used == entries ? room : entries;
}
