namespace Autodiff.Kernel;

/// <summary>What the collector knows of the machine's memory.</summary>
internal static class MemoryLoad
{
    /// <summary>Whether the machine, or the container, was short of memory at the last collection.</summary>
    public static bool IsHigh
    {
        get
        {
            var memory = GC.GetGCMemoryInfo();
            return memory.MemoryLoadBytes >= memory.HighMemoryLoadThresholdBytes;
        }
    }
}
