using Autodiff.Kernel;

namespace Autodiff.Benchmarks.Limits;

/// <summary>What it takes to fork and join on two threads, whatever the threads of other items.</summary>
internal static class Forks
{
    public static void Run(LimitReport report)
    {
        using var threads = ComputeThreads.Use(2);
        report.Run(
            "fork-join-empty", DType.Float32, Unit.Calls,
            new("pool", () => ForkJoin.Run(default(Nothing), 2, 1_000_000), 1),
            new Contestant("Parallel.For", () => Parallel.For(0, 2, _ => { }), 1));
        var begun = new int[64];
        report.Run(
            "fork-join-both", DType.Float32, Unit.Calls, new Contestant("pool", () => ForkJoin.Run(new Meeting(begun), 2, 1_000_000), 1));
    }

    private readonly struct Nothing : IWork
    {
        public void Run(long item)
        {
        }
    }

    /// <summary>
    /// Two items that wait for each other, so that two threads must run them; not for ever, lest one thread has both.
    /// </summary>
    private readonly struct Meeting(int[] begun) : IWork
    {
        private const int MostLooks = 100_000;

        // Alone on its cache line.
        private const int Middle = 32;

        public void Run(long item)
        {
            var turn = Interlocked.Increment(ref begun[Middle]);
            var both = turn + (turn & 1);
            for (var looks = 0; looks < MostLooks && Volatile.Read(ref begun[Middle]) - both < 0; looks++)
            {
            }
        }
    }
}
