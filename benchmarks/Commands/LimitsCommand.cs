using System.CommandLine;
using Autodiff.Benchmarks.Limits;
using Autodiff.Benchmarks.Workloads;

namespace Autodiff.Benchmarks.Commands;

/// <summary><c>limits</c>: what the machine can do, and how near to it the kernel comes.</summary>
internal static class LimitsCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("groups")
        {
            Description = $"which of {string.Join(", ", LimitCatalogue.All.Keys)}; all if none is named",
            Arity = ArgumentArity.ZeroOrMore,
        };
        names.AcceptOnlyFromAmong([.. LimitCatalogue.All.Keys]);
        var threads = Threads.Option();
        var command = new Command(
            "limits", "Measures the machine's limits and the kernel in turn, and prints one line of JSON for each item.") { names, threads };
        command.SetAction(parsed =>
        {
            ComputeThreads.Default = parsed.GetValue(threads);
            var report = new LimitReport(new Report(Console.Out, parsed.GetValue(threads)));
            foreach (var name in Names.Or(parsed.GetValue(names), LimitCatalogue.All.Keys)) LimitCatalogue.All[name](report);
        });
        return command;
    }
}
