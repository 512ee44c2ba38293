using System.CommandLine;

namespace Autodiff.Benchmarks.Commands;

/// <summary>The option that says how many threads may compute.</summary>
internal static class Threads
{
    public static Option<int> Option() =>
        new("--threads") { Description = "how many threads may compute", DefaultValueFactory = _ => 1 };
}
