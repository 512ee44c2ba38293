using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>A block of memory for the temporaries of one run, aligned to cache lines.</summary>
internal sealed class Arena
{
    private const int Alignment = 64;

    public Arena(nint bytes)
    {
        Bytes = GC.AllocateUninitializedArray<byte>(checked((int)(bytes + Alignment)), pinned: true);
        Start = AlignedStart(Bytes);
    }

    public byte[] Bytes { get; }

    /// <summary>The first aligned byte. The array is pinned, so it stays aligned.</summary>
    public nint Start { get; }

    public nint Capacity => Bytes.Length - Alignment;

    private static unsafe nint AlignedStart(byte[] bytes)
    {
        var address = (nint)Unsafe.AsPointer(ref bytes[0]);
        return (Alignment - (address % Alignment)) % Alignment;
    }
}

/// <summary>
/// The process's arenas. Fresh memory is dear (every page of it costs a fault), so a finished run leaves its arena to the
/// next one; idle arenas are let go when the system is short of memory.
/// </summary>
internal static class ArenaPool
{
    private static readonly Lock Gate = new();
    private static readonly List<Arena> Idle = [];

    static ArenaPool() => _ = new MemoryWatch();

    /// <summary>The smallest idle arena that is large enough, or a new one.</summary>
    public static Arena Rent(nint bytes)
    {
        lock (Gate)
        {
            var best = -1;
            for (var i = 0; i < Idle.Count; i++)
            {
                if (Idle[i].Capacity >= bytes && (best < 0 || Idle[i].Capacity < Idle[best].Capacity))
                    best = i;
            }

            if (best >= 0)
            {
                var arena = Idle[best];
                Idle.RemoveAt(best);
                return arena;
            }
        }

        // Somewhat more than asked, so that plans of nearly the same size share.
        return new Arena((nint)Math.Min(Array.MaxLength - 64L, Math.Max(4096, bytes + (bytes / 8))));
    }

    public static void Return(Arena arena)
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
        var memory = GC.GetGCMemoryInfo();
        if (memory.MemoryLoadBytes < memory.HighMemoryLoadThresholdBytes)
            return;
        lock (Gate)
            Idle.Clear();
    }

    /// <summary>An unreachable object whose finaliser runs after a collection, looks at the memory and makes the next.</summary>
    private sealed class MemoryWatch
    {
        ~MemoryWatch()
        {
            Trim();
            if (!Environment.HasShutdownStarted)
                _ = new MemoryWatch();
        }
    }
}
