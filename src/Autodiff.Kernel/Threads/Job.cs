using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>What a helping thread sees of a piece of work: items to claim until there are no more.</summary>
internal abstract class Job
{
    private Counters counters;

    /// <summary>How many helpers took the job and have left it.</summary>
    public int Left => Volatile.Read(ref counters.Left);

    protected long Items { get; set; }

    /// <summary>What a helper does: its share of the items; an exception is kept for the caller.</summary>
    public void Help()
    {
        Claim(isHelper: true);
        Interlocked.Increment(ref counters.Left);
    }

    /// <summary>
    /// Runs items until none is unclaimed: the caller the first ones, helpers the last ones. So one job after the other finds
    /// what the one before has left in the same thread's cache.
    /// </summary>
    public abstract void Claim(bool isHelper);

    /// <summary>Claims one item, if there is one left.</summary>
    protected bool TryClaim() => Interlocked.Increment(ref counters.Claimed) <= Items;

    /// <summary>The item that a helper has claimed.</summary>
    protected long FromEnd() => Items - Interlocked.Increment(ref counters.FromEnd);

    protected void Reset()
    {
        Volatile.Write(ref counters.Left, 0);
        Volatile.Write(ref counters.FromEnd, 0);
        Volatile.Write(ref counters.Claimed, 0);
    }

    /// <summary>Ends the claiming: what is unclaimed stays undone.</summary>
    protected void Stop() => Volatile.Write(ref counters.Claimed, long.MaxValue / 2);

    /// <summary>What several threads write, each on a cache line of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Counters
    {
        [FieldOffset(64)]
        public long Claimed;

        [FieldOffset(192)]
        public long FromEnd;

        [FieldOffset(320)]
        public int Left;
    }
}

/// <summary>Work of one kind. A thread keeps one and uses it again and again: running allocates nothing.</summary>
internal sealed class Job<TWork> : Job
    where TWork : struct, IWork
{
    [ThreadStatic]
    private static Job<TWork>? mine;

    private TWork work;
    private Exception? failure;

    /// <summary>The calling thread's job, made ready for new work.</summary>
    public static Job<TWork> Take(in TWork work, long items)
    {
        var job = mine ?? new Job<TWork>();
        mine = null;
        job.work = work;
        job.Items = items;
        job.failure = null;
        job.Reset();
        return job;
    }

    /// <summary>Gives the job back, when no helper has it any more, and throws what an item has thrown.</summary>
    public void Give()
    {
        var thrown = failure;
        work = default;
        failure = null;
        mine = this;
        if (thrown is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(thrown);
    }

    public override void Claim(bool isHelper)
    {
        try
        {
            for (long item = 0; TryClaim(); item++)
                work.Run(isHelper ? FromEnd() : item);
        }
#pragma warning disable CA1031 // Whatever an item throws is thrown again where the work was begun.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref failure, thrown, null);
            Stop();
        }
    }
}
