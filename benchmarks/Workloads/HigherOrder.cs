using System.Diagnostics;
using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>W6: tanh differentiated again and again at 200 points.</summary>
internal static class HigherOrder
{
    public static void Run(Report report)
    {
        var points = NDArray.Linspace(-7, 7, 200);
        foreach (var order in (int[])[1, 2, 3, 4, 5, 6, 8, 10])
        {
            var making = Stopwatch.StartNew();
            var derivative = Derivative(order, [200]);
            making.Stop();
            report.Run(
                "W6", $"tanh-d{order}", DType.Float64, Runs.Into(derivative, points),
                [
                    ("at0.5", Data.Number(Derivative(order, []).Run(0.5)[0])),
                    ("all", Data.Check(derivative.Run(points)[0])),
                ],
                ("made_ms", making.Elapsed.TotalMilliseconds));
        }
    }

    private static CompiledFunction Derivative(int order, int[] shape)
    {
        var x = Ad.Input("x", shape);
        var y = x.Tanh();
        for (var k = 0; k < order; k++) y = y.Grad(x);
        return Ad.Compile([x], [y]);
    }
}
