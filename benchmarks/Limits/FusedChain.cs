using System.Numerics;
using Autodiff.Benchmarks.Workloads;
using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Limits;

/// <summary>The chain of W3, forward, against the same loop written by hand.</summary>
internal static class FusedChain
{
    public static void Run(LimitReport report)
    {
        Run<float>(report, DType.Float32);
        Run<double>(report, DType.Float64);
    }

    private static void Run<T>(LimitReport report, DType dtype) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var n in (int[])[1024, 100_000, 10_000_000])
        {
            NDArray[] values = [.. Enumerable.Range(0, 5).Select(k => Data.Positive(301 + (ulong)k, dtype, n))];
            Node[] v = [.. Enumerable.Range(0, 5).Select(k => Ad.Input($"x{k}", [n], dtype))];
            var chain = Ad.Compile(v, [((v[0] * v[1] + v[2]).Tanh() * v[3] + v[4]).Sum()]);
            PinnedElements<T>[] inputs = [.. values.Select(value => new PinnedElements<T>(value))];
            report.Run(
                $"chain-{n}", dtype, Unit.Elements, new("compiled", Runs.Into(chain, values), n),
                ByHand(report.Threads, inputs));
            foreach (var input in inputs) input.Dispose();
        }
    }

    private static unsafe Contestant ByHand<T>(int threads, PinnedElements<T>[] inputs)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* a = inputs[0].Start, b = inputs[1].Start, c = inputs[2].Start, d = inputs[3].Start, e = inputs[4].Start;
        var run = Shares.Of(
            threads, inputs[0].Count,
            (from, count) => HandLoops<T>.Widest.Chain(a + from, b + from, c + from, d + from, e + from, count));
        return new("by hand", run, inputs[0].Count);
    }
}
