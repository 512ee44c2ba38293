namespace Autodiff;

/// <summary>
/// How many threads may compute one result: all processors, unless it is set for the process or, around a call, for the
/// calling thread. Results are the same bits for any number.
/// </summary>
public static class ComputeThreads
{
    private const int Most = 64;

    private static int forProcess = Math.Min(Environment.ProcessorCount, Most);

    [ThreadStatic]
    private static int forThread;

    /// <summary>The number for the process, at least 1; more than 64 count as 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public static int Default
    {
        get => forProcess;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            forProcess = Math.Min(value, Most);
        }
    }

    /// <summary>The number that holds for the calling thread now.</summary>
    public static int Current => forThread == 0 ? forProcess : forThread;

    /// <summary>Sets the number for what the calling thread computes until the result is disposed of.</summary>
    /// <param name="threads">The number, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    /// <example><code>using (ComputeThreads.Use(1)) f.Run(x);</code></example>
    public static Scope Use(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var before = forThread;
        forThread = Math.Min(threads, Most);
        return new Scope(before);
    }

    /// <summary>The time for which a number of threads holds; it ends on the thread on which it began.</summary>
    public readonly struct Scope : IDisposable
    {
        private readonly int before;

        internal Scope(int before) => this.before = before;

        /// <summary>Ends it: the number from before holds again.</summary>
        public void Dispose() => forThread = before;
    }
}
