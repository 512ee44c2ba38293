namespace Autodiff.Kernel;

/// <summary>
/// Runs work on the calling thread and its helpers. Items are claimed one by one; the caller never waits for a helper
/// that has not begun, so that on a busy machine it does the work alone instead.
/// </summary>
internal static class ForkJoin
{
    // Below this much work a fork costs more than it saves.
    private const long LeastNanoseconds = 3000;

    private static readonly Lock Gate = new();
    private static Helper[] helpers = [];

    /// <summary>Whether this thread runs items of another: what it forks, it does alone.</summary>
    [ThreadStatic]
    internal static bool IsHelping;

    /// <summary>Runs all items.</summary>
    /// <param name="work">The work.</param>
    /// <param name="items">How many items it has.</param>
    /// <param name="nanoseconds">About how long it takes on one thread.</param>
    public static void Run<TWork>(in TWork work, long items, long nanoseconds) where TWork : struct, IWork
    {
        if (items <= 1 || nanoseconds < LeastNanoseconds || ComputeThreads.Current == 1 || IsHelping)
            Alone(work, items);
        else
            Together(work, items, (int)Math.Min(ComputeThreads.Current, items) - 1);
    }

    private static void Alone<TWork>(in TWork work, long items) where TWork : struct, IWork
    {
        for (long item = 0; item < items; item++)
            work.Run(item);
    }

    private static void Together<TWork>(in TWork work, long items, int wanted) where TWork : struct, IWork
    {
        var team = Team(wanted);
        var job = Job<TWork>.Take(work, items);
        IsHelping = true;
        var offered = 0UL;
        for (var i = 0; i < wanted; i++)
            if (team[i].Offer(job))
                offered |= 1UL << i;
        job.Claim(isHelper: false);
        IsHelping = false;
        var begun = 0;
        for (var i = 0; i < wanted; i++)
            if ((offered >> i & 1) != 0 && !team[i].Withdraw(job))
                begun++;
        Join(job, begun);
        job.Give();
    }

    /// <summary>Waits for the helpers that have begun: each is within its last item.</summary>
    private static void Join(Job job, int begun)
    {
        if (job.Left >= begun)
            return;
        var spinner = default(SpinWait);
        while (job.Left < begun)
        {
            if (spinner.Count < 10)
                Thread.SpinWait(4);
            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }

    private static Helper[] Team(int wanted)
    {
        var team = Volatile.Read(ref helpers);
        return team.Length >= wanted ? team : Grow(wanted);
    }

    private static Helper[] Grow(int wanted)
    {
        lock (Gate)
        {
            if (helpers.Length < wanted)
                helpers = [.. helpers, .. Enumerable.Range(helpers.Length, wanted - helpers.Length).Select(i => new Helper(i))];
            return helpers;
        }
    }
}
