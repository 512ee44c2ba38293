using System.Runtime;

namespace Autodiff.Kernel;

/// <summary>
/// How often large arrays are looked for that nothing refers to any more. The collector counts what is allocated, so it
/// would not look while they are recycled, and much too late when they are not: it takes those that were recycled for long-lived.
/// </summary>
internal static class CollectionPace
{
    /// <summary>Beside writing so many bytes, a collection of few objects costs little.</summary>
    private const long LeastBytes = 32 << 20;

    /// <summary>With so many bytes of small objects a collection still takes less than a few milliseconds.</summary>
    private const long FewBytes = 8 << 20;

    private static long taken;
    private static long limit = LeastBytes;
    private static int collections;

    /// <summary>Counts bytes of arrays that are handed out. True where it has collected what nothing refers to.</summary>
    public static bool Take(long bytes)
    {
        var now = GC.CollectionCount(GC.MaxGeneration);
        if (now != Interlocked.Exchange(ref collections, now))
            Begin();
        return Interlocked.Add(ref taken, bytes) > Volatile.Read(ref limit)
            && Interlocked.Exchange(ref taken, 0) > LeastBytes
            && Collect();
    }

    /// <summary>
    /// A third of what the program holds: a collection, which visits that, is paid for by what it finds. But no more than
    /// may well be garbage.
    /// </summary>
    private static void Begin()
    {
        Volatile.Write(ref taken, 0);
        Volatile.Write(ref limit, Math.Max(LeastBytes, Math.Min(GC.GetTotalMemory(false) / 3, RecycledMemory.MostGarbage)));
    }

    /// <summary>
    /// Where few objects are to be visited, the program waits, and has its arrays at once. It never does where it has asked
    /// the collector not to interrupt it.
    /// </summary>
    private static bool Collect()
    {
        var mode = GCSettings.LatencyMode;
        if (mode == GCLatencyMode.NoGCRegion)
            return false;
        var isShort = mode is GCLatencyMode.Batch or GCLatencyMode.Interactive && SmallObjects() <= FewBytes;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: isShort, compacting: false);
        return isShort;
    }

    /// <summary>The bytes of objects in the three generations that hold small ones, at the last collection.</summary>
    private static long SmallObjects()
    {
        var generations = GC.GetGCMemoryInfo().GenerationInfo;
        var bytes = 0L;
        for (var i = 0; i <= GC.MaxGeneration; i++)
            bytes += generations[i].SizeAfterBytes;
        return bytes;
    }
}
