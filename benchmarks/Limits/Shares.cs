using Autodiff.Kernel;

namespace Autodiff.Benchmarks.Limits;

/// <summary>Work of the rivals in equal shares, one for each thread.</summary>
internal static class Shares
{
    // The most elements that a hand-written loop takes at once.
    private const int Step = 128;

    /// <summary>A call that runs each thread's share.</summary>
    public static Action Of(int threads, Action<int> run) =>
        threads == 1 ? () => run(0) : () => ForkJoin.Run(new Share(run), threads, 1_000_000);

    /// <summary>A call that runs parts of a number of elements, each from a start and of a length.</summary>
    public static Action Of(int threads, long count, Action<nint, nint> run)
    {
        var part = count / threads / Step * Step;
        return Of(threads, i => run((nint)(i * part), (nint)(i == threads - 1 ? count - i * part : part)));
    }

    private readonly struct Share(Action<int> run) : IWork
    {
        public void Run(long item) => run((int)item);
    }
}
