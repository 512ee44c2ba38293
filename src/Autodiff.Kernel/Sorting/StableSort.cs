using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Sorts by keys; equal ones keep their order. Few entries are inserted one by one, more are merged, many are dealt out by
/// the bytes of their keys, from the lowest to the highest, in a time that does not depend on their order.
/// </summary>
internal static unsafe class StableSort
{
    // Up to so many entries are moved faster than runs of them are merged.
    private const int Run = 16;

    // From here on passes over all entries are faster than merges; for each byte of a key there are Values counters.
    private const int LeastForBytes = 24;
    private const int Values = 256;

    /// <summary>Sorts the entries from the smallest key to the largest.</summary>
    /// <param name="entries">What is sorted.</param>
    /// <param name="room">Memory for as many entries, with any contents.</param>
    /// <param name="count">How many there are.</param>
    /// <returns>The sorted entries: in the one memory or in the other.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TEntry* Sort<TEntry>(TEntry* entries, TEntry* room, int count)
        where TEntry : unmanaged, ISortEntry<TEntry>
    {
        if (count >= LeastForBytes * TEntry.KeyBytes)
            return ByBytes(entries, room, count);
        for (var first = 0; first < count; first += Run)
            Insert(entries + first, Math.Min(Run, count - first));
        for (var length = Run; length < count; length *= 2)
        {
            for (var first = 0; first < count; first += 2 * length)
                Merge(entries + first, room + first, Math.Min(length, count - first), Math.Min(2 * length, count - first));
            var other = room;
            room = entries;
            entries = other;
        }

        return entries;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Insert<TEntry>(TEntry* entries, int count) where TEntry : unmanaged, ISortEntry<TEntry>
    {
        for (var i = 1; i < count; i++)
        {
            var entry = entries[i];
            var place = i;
            for (; place > 0 && entries[place - 1].Key > entry.Key; place--)
                entries[place] = entries[place - 1];
            entries[place] = entry;
        }
    }

    /// <summary>Two sorted runs become one: the first up to <paramref name="middle"/>, the second behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Merge<TEntry>(TEntry* source, TEntry* target, int middle, int end)
        where TEntry : unmanaged, ISortEntry<TEntry>
    {
        int left = 0, right = middle;
        for (; left < middle && right < end; target++)
        {
            // Without a branch: which run is next cannot be foreseen.
            var isRight = source[right].Key < source[left].Key ? 1 : 0;
            *target = source[left + (isRight * (right - left))];
            right += isRight;
            left += 1 - isRight;
        }

        for (; left < middle; left++)
            *target++ = source[left];
        for (; right < end; right++)
            *target++ = source[right];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static TEntry* ByBytes<TEntry>(TEntry* entries, TEntry* room, int count)
        where TEntry : unmanaged, ISortEntry<TEntry>
    {
        var counters = stackalloc int[Values * TEntry.KeyBytes];
        for (var i = 0; i < count; i++)
        {
            var key = entries[i].Key;
            for (var at = 0; at < TEntry.KeyBytes; at++, key >>= 8)
                counters[(at * Values) + (byte)key]++;
        }

        for (var at = 0; at < TEntry.KeyBytes; at++, counters += Values)
        {
            // Where all keys have the same byte, nothing moves.
            if (counters[(byte)(entries[0].Key >> (8 * at))] == count)
                continue;
            Deal(entries, room, count, counters, 8 * at);
            var other = room;
            room = entries;
            entries = other;
        }

        return entries;
    }

    /// <summary>Moves each entry to the next place of those with its byte; the counters become these places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Deal<TEntry>(TEntry* source, TEntry* target, int count, int* counters, int shift)
        where TEntry : unmanaged, ISortEntry<TEntry>
    {
        var place = 0;
        for (var value = 0; value < Values; value++)
            (counters[value], place) = (place, place + counters[value]);
        for (var i = 0; i < count; i++)
        {
            var entry = source[i];
            target[counters[(byte)(entry.Key >> shift)]++] = entry;
        }
    }
}
