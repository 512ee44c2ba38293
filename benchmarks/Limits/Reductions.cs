using System.Numerics;
using Autodiff.Benchmarks.Workloads;
using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Limits;

/// <summary>Sums and maxima along each axis against reading the same array once.</summary>
internal static class Reductions
{
    private static readonly int[][] Shapes = [[4096, 1024], [64, 256, 256]];

    public static void Run(LimitReport report)
    {
        Run<float>(report, DType.Float32);
        Run<double>(report, DType.Float64);
    }

    private static void Run<T>(LimitReport report, DType dtype) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var shape in Shapes)
        {
            var array = Data.Signed(1, 1, dtype, shape);
            var x = Ad.Input("x", array.Shape, dtype);
            using var elements = new PinnedElements<T>(array);
            var read = MachineLimits.Read(report.Threads, elements);
            foreach (var (axis, place) in Axes(shape.Length))
            {
                Run("sum", x.Sum(axis), place);
                Run("max", x.Max(axis), place);
            }

            void Run(string kind, Node y, string place) => report.Run(
                $"{kind}-{place}-{string.Join('x', shape)}", dtype, Unit.Bytes,
                new("compiled", Runs.Into(Ad.Compile([x], [y]), array), elements.Bytes), read);
        }
    }

    private static (int Axis, string Place)[] Axes(int rank) =>
        rank == 2 ? [(0, "first"), (1, "last")] : [(0, "first"), (1, "middle"), (2, "last")];
}
