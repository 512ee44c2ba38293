using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>W4: a step of training a perceptron, 784-128-64-10, on a batch of 100.</summary>
internal static class Mlp
{
    private static readonly int[] Widths = [784, 128, 64, 10];

    public static void Run(Report report, DType dtype)
    {
        var x = Data.Positive(401, dtype, 100, 784);
        var targets = OneHot.Of(Data.Whole(402, 10, 100), 10, dtype);
        NDArray[] initial =
        [
            .. Enumerable.Range(0, 3).SelectMany(l => new[]
            {
                Data.Signed(403 + (ulong)l, 1 / Math.Sqrt(Widths[l]), dtype, Widths[l], Widths[l + 1]),
                NDArray.Zeros([Widths[l + 1]], dtype),
            }),
        ];
        Node Loss(Node[] p)
        {
            var h1 = (x.Node().MatMul(p[0]) + p[1]).Relu();
            var h2 = (h1.MatMul(p[2]) + p[3]).Relu();
            return (h2.MatMul(p[4]) + p[5]).SoftmaxCrossEntropy(targets).Mean();
        }

        Training.Run(report, "W4", "mlp", initial, 0.001, Loss);
    }
}
