using System.CommandLine;
using Autodiff;
using Autodiff.Benchmarks.Accuracy;
using Autodiff.Benchmarks.Workloads;

var names = new Argument<string[]>("workloads")
{
    Description = "which of W1 to W11; all if none is named",
    Arity = ArgumentArity.ZeroOrMore,
};
names.AcceptOnlyFromAmong([.. Catalogue.All.Keys]);
var threads = new Option<int>("--threads") { Description = "how many threads may compute", DefaultValueFactory = _ => 1 };
var workloads = new Command("workloads", "Runs the workloads and prints one line of JSON for each item.") { names, threads };
workloads.SetAction(parsed =>
{
    ComputeThreads.Default = parsed.GetValue(threads);
    var report = new Report(Console.Out, parsed.GetValue(threads));
    var chosen = parsed.GetValue(names) is { Length: > 0 } some ? some : [.. Catalogue.All.Keys];
    foreach (var name in chosen) Catalogue.All[name](report);
});
return new RootCommand("Measures Autodiff.") { workloads, AccuracyCommand.Create() }.Parse(args).Invoke();
