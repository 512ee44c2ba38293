using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A place for each of some threads where it finds again what it put there. A place belongs to the thread that was first to
/// put something there, and nobody else looks at it: so neither way needs an atomic operation, which would wait until all
/// that the thread has written before is in the cache. A small product takes no longer than that.
/// </summary>
/// <remarks>
/// The number of a thread that has ended is given to another, which inherits the place.
/// </remarks>
/// <param name="threads">For about so many threads.</param>
internal sealed class ThreadSlots<T>(int threads)
    where T : class
{
    // Places lie so far apart that threads share no cache line.
    private const int Apart = 4;

    private readonly Slot[] slots = new Slot[(int)BitOperations.RoundUpToPowerOf2((uint)threads) * Apart];

    /// <summary>Takes what this thread has put; null if there is nothing, or it has no place.</summary>
    public T? Take()
    {
        var id = Environment.CurrentManagedThreadId;
        ref var slot = ref Of(id);
        if (slot.Owner != id)
            return null;
        var item = slot.Item;
        slot.Item = null;
        return item;
    }

    /// <summary>Puts something there; false if this thread has no place, or something is there.</summary>
    public bool TryPut(T item)
    {
        var id = Environment.CurrentManagedThreadId;
        ref var slot = ref Of(id);
        if (slot.Owner != id && Interlocked.CompareExchange(ref slot.Owner, id, 0) != 0)
            return false;
        if (slot.Item is not null)
            return false;
        slot.Item = item;
        return true;
    }

    private ref Slot Of(int id) => ref slots[id * Apart & (slots.Length - 1)];

    private struct Slot
    {
        public int Owner;
        public T? Item;
    }
}
