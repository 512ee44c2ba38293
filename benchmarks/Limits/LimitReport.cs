using Autodiff.Benchmarks.Workloads;

namespace Autodiff.Benchmarks.Limits;

/// <summary>Lines of the kernel's items: what a call takes, its rate, and its share of the rates of its rivals.</summary>
internal sealed class LimitReport(Report report)
{
    /// <summary>How many threads may compute.</summary>
    public int Threads => report.Threads;

    /// <summary>Times our contestant and its rivals in turn and prints our line.</summary>
    /// <param name="item">The item.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="unit">What the amounts count, over what time: see <see cref="Unit"/>.</param>
    /// <param name="ours">What is measured.</param>
    /// <param name="rivals">What it is measured by.</param>
    public void Run(string item, DType dtype, Unit unit, Contestant ours, params Contestant[] rivals)
    {
        var timings = Duel.Measure([ours, .. rivals]);
        var rate = Rate(ours, timings[0].Best);
        var against = rivals.Zip(timings.Skip(1)).ToDictionary(
            pair => pair.First.Name,
            pair => new
            {
                best_ms = pair.Second.Best,
                median_ms = pair.Second.Median,
                rate = unit.Of(Rate(pair.First, pair.Second.Best)),
                ratio = rate / Rate(pair.First, pair.Second.Best),
                median_ratio = Rate(ours, timings[0].Median) / Rate(pair.First, pair.Second.Median),
            });
        report.Print(
            "K", item, dtype, timings[0], [], ("unit", unit.Name), ("rate", unit.Of(rate)), ("against", against));
    }

    private static double Rate(Contestant contestant, double milliseconds) => contestant.Amount / milliseconds;
}
