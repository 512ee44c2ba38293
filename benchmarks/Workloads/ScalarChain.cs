using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>W7: what an operation costs: a chain of scalars, built, differentiated and evaluated.</summary>
internal static class ScalarChain
{
    public static void Run(Report report)
    {
        foreach (var n in (int[])[1_000, 10_000, 100_000, 1_000_000])
        {
            double y = 0, slope = 0;
            void Step() => (y, slope) = Once(n);
            Step();
            report.Run("W7", $"chain-{n}", DType.Float64, Step, [("y", y), ("dy", slope)]);
            Again(report, n);
        }
    }

    private static (Node X, Node Y) Chain(int n)
    {
        var start = Ad.Variable(0.5, "x");
        var x = start;
        for (var i = 0; i < n / 3; i++) x = x.Sin() * 1.000001 + 1e-9;
        return (start, x);
    }

    private static (double, double) Once(int n)
    {
        var (x, y) = Chain(n);
        var values = Ad.Eval([y, y.Grad(x)]);
        return ((double)values[0], (double)values[1]);
    }

    /// <summary>A further value of what was compiled.</summary>
    private static void Again(Report report, int n)
    {
        var (x, y) = Chain(n);
        var function = Ad.Compile([x], [y, y.Grad(x)]);
        NDArray half = 0.5;
        var values = function.Run(half);
        report.Run(
            "W7", $"chain-{n}-again", DType.Float64, Runs.Into(function, half),
            [("y", (double)values[0]), ("dy", (double)values[1])]);
    }
}
