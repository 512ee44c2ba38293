using System.Text.Json;

namespace Autodiff.Benchmarks.Compare;

/// <summary>What is timed, the same for every system.</summary>
internal readonly record struct ItemKey(string Workload, string Item, string DType, int Threads);

/// <summary>An item's line in one round.</summary>
/// <param name="Best">The least sample, in milliseconds.</param>
/// <param name="Median">The median sample, in milliseconds.</param>
/// <param name="Checks">The values by which systems are compared; null where one is not finite.</param>
internal sealed record ItemLine(double Best, double Median, IReadOnlyDictionary<string, double?> Checks);

/// <summary>A system's lines of JSON: its items in the order of their first occurrence, each with its rounds.</summary>
internal sealed class Lines
{
    private readonly Dictionary<ItemKey, List<ItemLine>> rounds = [];
    private readonly List<string> errors = [];

    /// <summary>The name that the system gives itself.</summary>
    public string System { get; private set; } = "nobody";

    /// <summary>The items with their rounds.</summary>
    public IReadOnlyDictionary<ItemKey, List<ItemLine>> Rounds => rounds;

    /// <summary>What went wrong, as the system reported it.</summary>
    public IReadOnlyList<string> Errors => errors;

    /// <summary>Reads a file of lines; what is no object of JSON is passed over.</summary>
    public static Lines Read(FileInfo file)
    {
        var lines = new Lines();
        foreach (var line in File.ReadLines(file.FullName).Where(line => line.StartsWith('{')))
        {
            using var json = JsonDocument.Parse(line);
            lines.Add(json.RootElement);
        }

        return lines;
    }

    private void Add(JsonElement line)
    {
        System = line.GetProperty("system").GetString()!;
        if (line.TryGetProperty("error", out var error))
            errors.Add($"{line.GetProperty("workload").GetString()}: {error.GetString()}");
        else
        {
            var key = new ItemKey(
                Text("workload"), Text("item"), Text("dtype"), line.GetProperty("threads").GetInt32());
            if (!rounds.TryGetValue(key, out var known)) rounds[key] = known = [];
            known.Add(new ItemLine(
                line.GetProperty("best_ms").GetDouble(), line.GetProperty("median_ms").GetDouble(), Checks(line)));
        }

        string Text(string name) => line.GetProperty(name).GetString()!;
    }

    private static Dictionary<string, double?> Checks(JsonElement line) =>
        line.TryGetProperty("check", out var checks)
            ? checks.EnumerateObject().ToDictionary(
                check => check.Name,
                check => check.Value.ValueKind == JsonValueKind.Number ? check.Value.GetDouble() : (double?)null)
            : [];
}
