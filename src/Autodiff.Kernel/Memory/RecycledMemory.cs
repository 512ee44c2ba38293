namespace Autodiff.Kernel;

/// <summary>How much memory may wait for new arrays: it is the program's, or another's, first of all.</summary>
internal static class RecycledMemory
{
    private static readonly long Available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    private static long waiting;

    /// <summary>The largest arrays that wait have a 64th of the machine's memory, or the container's.</summary>
    public static long MostBytesOfOne { get; } = Available / 64;

    /// <summary>So many bytes, a 32nd, may be handed out before what nothing refers to is looked for.</summary>
    public static long MostGarbage { get; } = Available / 32;

    /// <summary>All of them together have a 16th.</summary>
    private static long MostBytes { get; } = Available / 16;

    /// <summary>Counts an array that comes to wait; false where there is no room for it.</summary>
    public static bool TryAdd(long bytes)
    {
        if (Interlocked.Add(ref waiting, bytes) <= MostBytes)
            return true;
        Remove(bytes);
        return false;
    }

    /// <summary>Counts an array that waits no longer.</summary>
    public static void Remove(long bytes) => Interlocked.Add(ref waiting, -bytes);
}
