using System.Numerics.Tensors;
using Autodiff.Benchmarks.Workloads;
using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Limits;

/// <summary>Softmax over rows against TensorPrimitives, which run one operation after the other over the whole array.</summary>
internal static class SoftmaxRows
{
    private const int Rows = 4096, Columns = 1024;

    public static void Run(LimitReport report)
    {
        var array = Data.Signed(1, 3, DType.Float32, Rows, Columns);
        var x = Ad.Input("x", array.Shape, array.DType);
        var softmax = Ad.Compile([x], [x.Softmax()]);
        report.Run(
            $"softmax-{Rows}x{Columns}", DType.Float32, Unit.Elements,
            new("compiled", Runs.Into(softmax, array), array.Length),
            new("TensorPrimitives op by op", OpByOp(array.ToArray<float>()), array.Length),
            new("TensorPrimitives row by row", RowByRow(array.ToArray<float>()), array.Length));
    }

    private static Action OpByOp(float[] source)
    {
        float[] target = new float[source.Length], highest = new float[Rows], sums = new float[Rows];
        return () =>
        {
            for (var row = 0; row < Rows; row++) highest[row] = TensorPrimitives.Max(Row(source, row));
            for (var row = 0; row < Rows; row++) TensorPrimitives.Subtract(Row(source, row), highest[row], Row(target, row));
            TensorPrimitives.Exp(target, target);
            for (var row = 0; row < Rows; row++) sums[row] = TensorPrimitives.Sum<float>(Row(target, row));
            for (var row = 0; row < Rows; row++) TensorPrimitives.Divide(Row(target, row), sums[row], Row(target, row));
        };
    }

    private static Action RowByRow(float[] source)
    {
        var target = new float[source.Length];
        return () =>
        {
            for (var row = 0; row < Rows; row++) TensorPrimitives.SoftMax<float>(Row(source, row), Row(target, row));
        };
    }

    private static Span<float> Row(float[] array, int row) => array.AsSpan(row * Columns, Columns);
}
