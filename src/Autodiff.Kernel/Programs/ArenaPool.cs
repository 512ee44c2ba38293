using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>
/// A block of memory for the temporaries of one run, aligned to cache lines. It is an array of lines, and not of bytes, of
/// which an array holds no more than 2 GiB.
/// </summary>
internal sealed class Arena
{
    private readonly Line[] memory;

    /// <exception cref="OutOfMemoryException">There is not so much memory.</exception>
    public Arena(nint bytes)
    {
        memory = GC.AllocateUninitializedArray<Line>(checked((int)((bytes + CacheLine.Bytes - 1) / CacheLine.Bytes + 1)), pinned: true);
        Address = AddressOf(memory);
    }

    /// <summary>Where it begins. The array is pinned: it stays there for as long as this object lives.</summary>
    public nint Address { get; }

    public nint Capacity => (nint)(memory.Length - 1) * CacheLine.Bytes;

    private static unsafe nint AddressOf(Line[] lines) =>
        (nint)CacheLine.From((Line*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(lines)));

    [StructLayout(LayoutKind.Sequential, Size = CacheLine.Bytes)]
    private struct Line;
}

/// <summary>
/// The process's arenas. Fresh memory is dear (every page of it costs a fault), so a finished run leaves its arena to the
/// next one; idle arenas are let go when the system is short of memory.
/// </summary>
internal static class ArenaPool
{
    private static readonly Lock Gate = new();
    private static readonly List<Arena> Idle = [];

    /// <summary>What threads had last, found again without a lock.</summary>
    private static readonly Arena?[] Recent = new Arena?[4 * Environment.ProcessorCount];

    static ArenaPool() => AfterCollections.Do(Trim);

    private static ref Arena? Own => ref Recent[(uint)Environment.CurrentManagedThreadId % (uint)Recent.Length];

    /// <summary>The arena that this thread had last if it is large enough, else the smallest idle one, or a new one.</summary>
    public static Arena Rent(nint bytes)
    {
        if (Interlocked.Exchange(ref Own, null) is { } last)
        {
            if (last.Capacity >= bytes)
                return last;
            Leave(last);
        }

        return Find(bytes) ?? new Arena(Roomy(bytes));
    }

    /// <summary>Leaves an arena to later runs.</summary>
    public static void Return(Arena arena)
    {
        if (Interlocked.CompareExchange(ref Own, arena, null) is not null)
            Leave(arena);
    }

    /// <summary>Somewhat more than asked, so that plans of nearly the same size share.</summary>
    private static nint Roomy(nint bytes) => nint.Max(4096, bytes + (bytes / 128));

    private static Arena? Find(nint bytes)
    {
        lock (Gate)
        {
            var best = -1;
            for (var i = 0; i < Idle.Count; i++)
            {
                if (Idle[i].Capacity >= bytes && (best < 0 || Idle[i].Capacity < Idle[best].Capacity))
                    best = i;
            }

            if (best < 0)
                return null;
            var arena = Idle[best];
            Idle.RemoveAt(best);
            return arena;
        }
    }

    private static void Leave(Arena arena)
    {
        lock (Gate)
        {
            Idle.Add(arena);
            if (Idle.Count > 2 * Environment.ProcessorCount)
                Idle.RemoveAt(Smallest());
        }
    }

    private static int Smallest()
    {
        var smallest = 0;
        for (var i = 1; i < Idle.Count; i++)
        {
            if (Idle[i].Capacity < Idle[smallest].Capacity)
                smallest = i;
        }

        return smallest;
    }

    private static void Trim()
    {
        if (!MemoryLoad.IsHigh)
            return;
        for (var i = 0; i < Recent.Length; i++)
            Interlocked.Exchange(ref Recent[i], null);
        lock (Gate)
            Idle.Clear();
    }
}
