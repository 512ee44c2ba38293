using System.Numerics;

namespace Autodiff.Benchmarks.Limits;

/// <summary>The machine's limits: fused multiply-adds and the bandwidth of reading and of copying.</summary>
internal static class MachineLimits
{
    private const int Rounds = 4000;
    private const int Megabyte = 1 << 20;

    /// <summary>Prints the limits by themselves; bandwidths are of memory beyond the caches.</summary>
    public static void Run(LimitReport report)
    {
        report.Run("fma", DType.Float32, Unit.Flops, MultiplyAdds<float>(report.Threads));
        report.Run("fma", DType.Float64, Unit.Flops, MultiplyAdds<double>(report.Threads));
        using PinnedElements<float> source = new(16 * Megabyte), target = new(16 * Megabyte);
        report.Run("read-64MB", DType.Float32, Unit.Bytes, Read(report.Threads, source));
        report.Run("copy-64MB", DType.Float32, Unit.Bytes, Copy(report.Threads, source, target));
        report.Run("copy-nt-64MB", DType.Float32, Unit.Bytes, CopyNonTemporal(report.Threads, source, target));
    }

    /// <summary>The peak of fused multiply-adds.</summary>
    public static Contestant MultiplyAdds<T>(int threads) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var loops = HandLoops<T>.Widest;
        return new("fma", Shares.Of(threads, _ => loops.Chains(Rounds)), (double)threads * Rounds * loops.FlopsOfRound);
    }

    /// <summary>Reading elements once.</summary>
    public static unsafe Contestant Read<T>(int threads, PinnedElements<T> source) where T : unmanaged, IFloatingPointIeee754<T> =>
        new("read", Shares.Of(threads, source.Count, (from, count) => HandLoops<T>.Widest.Read(source.Start + from, count)), source.Bytes);

    /// <summary>Copying elements.</summary>
    public static unsafe Contestant Copy<T>(int threads, PinnedElements<T> source, PinnedElements<T> target)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        new(
            "copy",
            Shares.Of(
                threads, source.Count,
                (from, count) => HandLoops<T>.Widest.Copy(source.Start + from, target.Start + from, count)),
            2 * source.Bytes);

    /// <summary>Copying elements past the caches.</summary>
    public static unsafe Contestant CopyNonTemporal<T>(int threads, PinnedElements<T> source, PinnedElements<T> target)
        where T : unmanaged =>
        new(
            "copy-nt",
            Shares.Of(
                threads, source.Count,
                (from, count) => NonTemporal.Copy(
                    (byte*)(source.Start + from), (byte*)(target.Start + from), count * sizeof(T))),
            2 * source.Bytes);
}
