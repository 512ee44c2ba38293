namespace Autodiff.Kernel;

/// <summary>
/// A thread that helps others. It looks for a job in its slot, for a while without sleeping (so that a fork takes under a
/// microsecond where one follows another), then parks until it is woken.
/// </summary>
internal sealed class Helper
{
    // About 30 microseconds of looking before it parks.
    private const int Looks = 600;

    private readonly object gate = new();
    private Job? slot;
    private int isParked;

    public Helper(int number)
    {
        var thread = new Thread(Loop) { IsBackground = true, Name = $"Autodiff helper {number}" };
        thread.Start();
    }

    /// <summary>Puts a job into the slot; false if another caller's stands there.</summary>
    public bool Offer(Job job)
    {
        if (Volatile.Read(ref slot) is not null || Interlocked.CompareExchange(ref slot, job, null) is not null)
            return false;
        if (Volatile.Read(ref isParked) != 0)
            Wake();
        return true;
    }

    /// <summary>Takes a job back that the helper has not begun: then nobody need wait for it.</summary>
    public bool Withdraw(Job job) => ReferenceEquals(Interlocked.CompareExchange(ref slot, null, job), job);

    private void Loop()
    {
        ForkJoin.IsHelping = true;
        while (true)
        {
            if (Look() is { } job)
                job.Help();
            else
                Park();
        }
    }

    private Job? Look()
    {
        for (var i = 0; i < Looks; i++)
        {
            if (Volatile.Read(ref slot) is not null && Interlocked.Exchange(ref slot, null) is { } job)
                return job;
            Thread.SpinWait(1);
        }

        return null;
    }

    /// <summary>
    /// Sleeps until a job comes. The flag is up before the slot is looked at again, and the caller fills the slot before it
    /// looks at the flag, so that one of them sees the other.
    /// </summary>
    private void Park()
    {
        lock (gate)
        {
            Interlocked.Exchange(ref isParked, 1);
            while (Volatile.Read(ref slot) is null)
                Monitor.Wait(gate);
            Volatile.Write(ref isParked, 0);
        }
    }

    private void Wake()
    {
        lock (gate)
            Monitor.Pulse(gate);
    }
}
