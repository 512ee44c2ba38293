using System.CommandLine;
using Autodiff.Benchmarks.Accuracy;
using Autodiff.Benchmarks.Commands;

Command[] commands =
[
    WorkloadsCommand.Create(),
    LimitsCommand.Create(),
    SuitesCommand.Create(),
    AccuracyCommand.Create(),
    CompareLinesCommand.Create(),
];
var root = new RootCommand("Measures Autodiff.");
foreach (var command in commands) root.Add(command);
return root.Parse(args).Invoke();
