using System.Numerics;
using Autodiff.Benchmarks.Workloads;
using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Limits;

/// <summary>A matrix times a vector, and a vector times a matrix, against reading the matrix once.</summary>
internal static class MatrixVectors
{
    private static readonly int[][] Shapes = [[1000, 1000], [2048, 512], [512, 2048], [2048, 1024]];

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
            using var elements = new PinnedElements<T>(array);
            var read = MachineLimits.Read(report.Threads, elements);
            Run("matvec", "ij,j->i", shape[1]);
            Run("vecmat", "ij,i->j", shape[0]);

            void Run(string kind, string subscripts, int length)
            {
                var vector = Data.Signed(2, 1, dtype, [length]);
                Node a = Ad.Input("a", array.Shape, dtype), x = Ad.Input("x", vector.Shape, dtype);
                var product = Ad.Compile([a, x], [Ad.Einsum(subscripts, a, x)]);
                report.Run(
                    $"{kind}-{string.Join('x', shape)}", dtype, Unit.Bytes,
                    new("compiled", Runs.Into(product, array, vector), elements.Bytes), read);
            }
        }
    }
}
