using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>W1: square matrix products.</summary>
internal static class MatrixProducts
{
    public static void Run(Report report, DType dtype)
    {
        foreach (var n in (int[])[32, 64, 128, 256, 512, 1024, 2048])
        {
            NDArray a = Data.Signed(101, 1, dtype, n, n), b = Data.Signed(102, 1, dtype, n, n);
            Node x = Ad.Input("a", [n, n], dtype), y = Ad.Input("b", [n, n], dtype);
            var product = Ad.Compile([x, y], [x.MatMul(y)]);
            report.Run("W1", $"gemm-{n}", dtype, Runs.Into(product, a, b), [("c", Data.Check(product.Run(a, b)[0]))]);
        }
    }
}
