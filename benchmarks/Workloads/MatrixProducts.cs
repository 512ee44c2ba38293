using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>W1: matrix products, square and skinny.</summary>
internal static class MatrixProducts
{
    /// <summary>A product of a matrix of Rows x Depth with one of Depth x Columns.</summary>
    internal sealed record Item(string Name, int Rows, int Depth, int Columns)
    {
        public double Flops => 2.0 * Rows * Depth * Columns;
    }

    /// <summary>The items, in the order in which they run.</summary>
    public static Item[] Items { get; } =
    [
        .. ((int[])[32, 64, 128, 256, 512, 1024, 2048]).Select(n => new Item($"gemm-{n}", n, n, n)),
        .. (((int, int, int)[])[(8, 100, 100), (8, 100, 65), (100, 784, 32)]).Select(
            shape => new Item($"gemm-{shape.Item1}x{shape.Item2}x{shape.Item3}", shape.Item1, shape.Item2, shape.Item3)),
    ];

    public static void Run(Report report, DType dtype)
    {
        foreach (var item in Items)
        {
            NDArray a = Data.Signed(101, 1, dtype, item.Rows, item.Depth);
            NDArray b = Data.Signed(102, 1, dtype, item.Depth, item.Columns);
            Node x = Ad.Input("a", a.Shape, dtype), y = Ad.Input("b", b.Shape, dtype);
            var product = Ad.Compile([x, y], [x.MatMul(y)]);
            report.Run("W1", item.Name, dtype, Runs.Into(product, a, b), [("c", Data.Check(product.Run(a, b)[0]))]);
        }
    }
}
