using System.Diagnostics;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>The least and the median time of a call in milliseconds, of so many samples, and the bytes a call allocates.</summary>
internal readonly record struct Timing(double Best, double Median, int Samples, long Bytes);

/// <summary>Times a step as every system is timed: warm, in samples of about two milliseconds.</summary>
internal static class Stopclock
{
    private const double Budget = 1.0;
    private const double SampleSeconds = 0.002;

    // At least 0.3 s; the compiler at run time takes about a second until it has made its best of many methods.
    private const double WarmSeconds = 1.0;

    public static Timing Measure(Action step)
    {
        var seconds = WarmUp(step);
        var calls = Math.Max(1, (int)(SampleSeconds / seconds));
        var least = seconds < 3 ? 3 : 1;
        var samples = new List<double>(200);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var total = Stopwatch.StartNew();
        while (samples.Count < least || (samples.Count < 200 && total.Elapsed.TotalSeconds < Budget))
            samples.Add(Sample(step, calls));
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        samples.Sort();
        return new Timing(samples[0], samples[samples.Count / 2], samples.Count, allocated / ((long)calls * samples.Count));
    }

    /// <summary>The seconds of a call, once a second and three calls (one where calls are long) have gone by.</summary>
    private static double WarmUp(Action step)
    {
        var total = Stopwatch.StartNew();
        var calls = 0;
        do
        {
            step();
            calls++;
        }
        while (total.Elapsed.TotalSeconds < WarmSeconds || (calls < 3 && total.Elapsed.TotalSeconds < 2));
        return total.Elapsed.TotalSeconds / calls;
    }

    /// <summary>The milliseconds of a call, on average over so many.</summary>
    public static double Sample(Action step, int calls)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++) step();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / calls;
    }
}
