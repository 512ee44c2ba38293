using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>W3: sum(tanh(a b + c) d + e), and its gradients for all five.</summary>
internal static class ElementwiseChain
{
    public static void Run(Report report, DType dtype)
    {
        foreach (var n in (int[])[1_000, 100_000, 10_000_000])
        {
            NDArray[] values = [.. Enumerable.Range(0, 5).Select(k => Data.Positive(301 + (ulong)k, dtype, n))];
            Node[] v = [.. Enumerable.Range(0, 5).Select(k => Ad.Input($"x{k}", [n], dtype))];
            var y = ((v[0] * v[1] + v[2]).Tanh() * v[3] + v[4]).Sum();
            var forward = Ad.Compile(v, [y]);
            var both = Ad.Compile(v, [y, .. y.Grad(v)]);
            var sum = Data.Number(forward.Run(values)[0]);
            report.Run("W3", $"forward-{n}", dtype, Runs.Into(forward, values), [("y", sum)]);
            var gradients = both.Run(values).Skip(1).Sum(Data.Check);
            report.Run("W3", $"grad-{n}", dtype, Runs.Into(both, values), [("y", sum), ("grads", gradients)]);
            report.Run("W3", $"grad-{n}-run", dtype, () => both.Run(values), [("y", sum), ("grads", gradients)]);
        }
    }
}
