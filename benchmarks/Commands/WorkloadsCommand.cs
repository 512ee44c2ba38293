using System.CommandLine;
using Autodiff.Benchmarks.Workloads;

namespace Autodiff.Benchmarks.Commands;

/// <summary><c>workloads</c>: the items that every system is measured by.</summary>
internal static class WorkloadsCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("workloads")
        {
            Description = "which of W1 to W11 and LA; all if none is named",
            Arity = ArgumentArity.ZeroOrMore,
        };
        names.AcceptOnlyFromAmong([.. Catalogue.All.Keys]);
        var threads = Threads.Option();
        var command = new Command("workloads", "Runs the workloads and prints one line of JSON for each item.") { names, threads };
        command.SetAction(parsed =>
        {
            ComputeThreads.Default = parsed.GetValue(threads);
            var report = new Report(Console.Out, parsed.GetValue(threads));
            foreach (var name in Names.Or(parsed.GetValue(names), Catalogue.All.Keys)) Catalogue.All[name](report);
        });
        return command;
    }
}
