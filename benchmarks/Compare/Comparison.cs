using System.Globalization;

namespace Autodiff.Benchmarks.Compare;

/// <summary>Two systems side by side: the medians over the rounds, and how many times faster ours is.</summary>
internal static class Comparison
{
    // Relative differences that come of the order of summation.
    private const double SingleTolerance = 2e-3, DoubleTolerance = 1e-6;

    /// <summary>Prints a row for each item that both systems have, then what only one has and what failed.</summary>
    public static void Print(TextWriter output, Lines ours, Lines theirs)
    {
        output.WriteLine(
            $"milliseconds, {ours.System} against {theirs.System}: medians over the rounds of each round's least and median sample");
        output.WriteLine($"{"item",-34} {"T",1} {"least",10} {"theirs",10} {"ratio",7} {"median",10} {"theirs",10} {"ratio",7}  check");
        foreach (var (key, rounds) in ours.Rounds)
            if (theirs.Rounds.TryGetValue(key, out var others))
                output.WriteLine(Row(key, rounds, others));
        Missing(output, $"only {ours.System} has", ours, theirs);
        Missing(output, $"only {theirs.System} has", theirs, ours);
        foreach (var error in ours.Errors.Concat(theirs.Errors).Distinct())
            output.WriteLine($"failed: {error}");
    }

    private static string Row(ItemKey key, List<ItemLine> ours, List<ItemLine> theirs) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Name(key),-34} {key.Threads,1} {Times(ours, theirs, line => line.Best)} {Times(ours, theirs, line => line.Median)}  {Agreement(key, ours[0], theirs[0])}");

    private static string Times(List<ItemLine> ours, List<ItemLine> theirs, Func<ItemLine, double> time)
    {
        var (mine, other) = (Median(ours.Select(time)), Median(theirs.Select(time)));
        return string.Create(CultureInfo.InvariantCulture, $"{Digits(mine),10} {Digits(other),10} {other / mine,6:0.00}x");
    }

    /// <summary>Four digits, without an exponent.</summary>
    private static string Digits(double milliseconds) =>
        milliseconds.ToString(milliseconds >= 100 ? "0.0" : milliseconds >= 1 ? "0.000" : "0.000000", CultureInfo.InvariantCulture);

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /// <summary>Whether the values that both report are the same within the tolerance, and which is not.</summary>
    private static string Agreement(ItemKey key, ItemLine ours, ItemLine theirs)
    {
        string[] both = [.. ours.Checks.Keys.Where(theirs.Checks.ContainsKey)];
        string[] wrong =
        [
            .. both.Where(name => !Agree(key, ours.Checks[name], theirs.Checks[name]))
                .Select(name => $"{name}: {Value(ours.Checks[name])}, theirs {Value(theirs.Checks[name])}"),
        ];
        return both.Length == 0 ? "none" : wrong.Length == 0 ? "ok" : "DIFFERS " + string.Join("; ", wrong);

        static string Value(double? value) => value?.ToString("G9", CultureInfo.InvariantCulture) ?? "not finite";
    }

    private static bool Agree(ItemKey key, double? a, double? b)
    {
        if (a is not { } x || b is not { } y) return a is null && b is null;
        var tolerance = key.DType == "f32" ? SingleTolerance : DoubleTolerance;
        return Math.Abs(x - y) <= tolerance * Math.Max(Math.Abs(x), Math.Abs(y));
    }

    private static void Missing(TextWriter output, string what, Lines some, Lines others)
    {
        string[] names = [.. some.Rounds.Keys.Where(key => !others.Rounds.ContainsKey(key)).Select(Name)];
        if (names.Length > 0) output.WriteLine($"{what}: {string.Join(", ", names)}");
    }

    private static string Name(ItemKey key) => $"{key.Workload} {key.Item} {key.DType}";
}
