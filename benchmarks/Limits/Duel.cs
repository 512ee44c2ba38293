using System.Diagnostics;
using Autodiff.Benchmarks.Workloads;

namespace Autodiff.Benchmarks.Limits;

/// <summary>
/// Times several contestants in turn, sample by sample, so that what disturbs the machine disturbs all of them alike.
/// </summary>
internal static class Duel
{
    private const double Budget = 0.6, SampleSeconds = 0.0005;
    private const int LeastSamples = 5, MostSamples = 200;

    /// <summary>The timing of each.</summary>
    public static Timing[] Measure(IReadOnlyList<Contestant> contestants)
    {
        var calls = WarmUp(contestants);
        var samples = contestants.Select(_ => new List<double>(MostSamples)).ToArray();
        var bytes = new long[contestants.Count];
        var total = Stopwatch.StartNew();
        var budget = Budget * contestants.Count;
        for (var round = 0; round < LeastSamples || (round < MostSamples && total.Elapsed.TotalSeconds < budget); round++)
            for (var i = 0; i < contestants.Count; i++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var sample = Stopclock.Sample(contestants[i].Run, calls[i]);
                bytes[i] += GC.GetAllocatedBytesForCurrentThread() - before;
                samples[i].Add(sample);
            }

        return [.. samples.Select((times, i) => Summary(times, bytes[i] / ((long)calls[i] * times.Count)))];
    }

    private static Timing Summary(List<double> times, long bytes)
    {
        times.Sort();
        return new Timing(times[0], times[times.Count / 2], times.Count, bytes);
    }

    /// <summary>How many calls make a sample of each, once the compiler makes none of them faster any more.</summary>
    private static int[] WarmUp(IReadOnlyList<Contestant> contestants)
    {
        const int leastRounds = 4, mostRounds = 20;
        var best = new double[contestants.Count];
        Array.Fill(best, double.PositiveInfinity);
        for (int round = 0, quiet = 0; round < leastRounds || (quiet < 2 && round < mostRounds); round++)
        {
            quiet++;
            for (var i = 0; i < best.Length; i++)
            {
                var seconds = SecondsOfCall(contestants[i].Run);
                if (seconds < 0.9 * best[i]) quiet = 0;
                best[i] = Math.Min(best[i], seconds);
            }
        }

        return [.. best.Select(seconds => Math.Max(1, (int)(SampleSeconds / seconds)))];
    }

    /// <summary>The seconds of a call, over about a tenth of a second.</summary>
    private static double SecondsOfCall(Action run)
    {
        var total = Stopwatch.StartNew();
        var calls = 0;
        do
        {
            run();
            calls++;
        }
        while (total.Elapsed.TotalSeconds < 0.1);
        return total.Elapsed.TotalSeconds / calls;
    }
}
