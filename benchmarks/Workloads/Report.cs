using System.Reflection;
using System.Text.Json;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>One line of JSON for each item, as every system prints it.</summary>
internal sealed class Report(TextWriter output, int threads)
{
    private static readonly string Version =
        typeof(NDArray).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>How many threads may compute.</summary>
    public int Threads => threads;

    /// <summary>Times a step and prints its line, with the values by which systems are compared.</summary>
    public void Run(
        string workload, string item, DType dtype, Action step, (string Name, double Value)[] checks,
        params (string Name, double Value)[] more) =>
        Print(workload, item, dtype, Stopclock.Measure(step), checks, [.. more.Select(field => (field.Name, (object)field.Value))]);

    /// <summary>Prints the line of an item that was timed.</summary>
    public void Print(
        string workload, string item, DType dtype, Timing timing, (string Name, double Value)[] checks,
        params (string Name, object Value)[] more)
    {
        var line = new Dictionary<string, object>
        {
            ["system"] = "autodiff",
            ["version"] = $"autodiff {Version}",
            ["workload"] = workload,
            ["item"] = item,
            ["dtype"] = dtype == DType.Float32 ? "f32" : "f64",
            ["threads"] = threads,
            ["best_ms"] = timing.Best,
            ["median_ms"] = timing.Median,
            ["reps"] = timing.Samples,
            ["allocated_bytes"] = timing.Bytes,
            ["check"] = checks.ToDictionary(check => check.Name, check => Finite(check.Value)),
        };
        foreach (var (name, value) in more) line[name] = value;
        output.WriteLine(JsonSerializer.Serialize(line));
        output.Flush();
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
