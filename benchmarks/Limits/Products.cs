using System.Numerics;
using Autodiff.Benchmarks.Workloads;
using Autodiff.CSharp;
using Autodiff.Kernel;

namespace Autodiff.Benchmarks.Limits;

/// <summary>Matrix products against the peak of fused multiply-adds.</summary>
internal static class Products
{
    public static void Run(LimitReport report)
    {
        Run<float>(report, DType.Float32);
        Run<double>(report, DType.Float64);
    }

    private static void Run<T>(LimitReport report, DType dtype) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var product in MatrixProducts.Items)
        {
            NDArray a = Data.Signed(101, 1, dtype, product.Rows, product.Depth);
            NDArray b = Data.Signed(102, 1, dtype, product.Depth, product.Columns);
            report.Run(
                product.Name, dtype, Unit.Flops, new("compiled", Compiled(a, b), product.Flops),
                MachineLimits.MultiplyAdds<T>(report.Threads), new("kernel", Bare(a, b), product.Flops));
        }
    }

    private static Action Compiled(NDArray a, NDArray b)
    {
        Node x = Ad.Input("a", a.Shape, a.DType), y = Ad.Input("b", b.Shape, b.DType);
        return Runs.Into(Ad.Compile([x, y], [x.MatMul(y)]), a, b);
    }

    /// <summary>The product alone, without what a compiled function does around it.</summary>
    private static Action Bare(NDArray a, NDArray b)
    {
        int m = a.Shape[0], k = a.Shape[1], n = b.Shape[1];
        var product = new Contraction(
            [new LoopAxis(m, k, 0, n), new LoopAxis(n, 0, 1, 1)], [new LoopAxis(k, 1, n, 0)], a.DType);
        View left = View.Of(a), right = View.Of(b), result = View.Of(NDArray.Allocate(Shape.Create(m, n), a.DType));
        return () => product.Run(left, right, result);
    }
}
