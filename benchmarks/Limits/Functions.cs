using System.Numerics;
using System.Numerics.Tensors;
using Autodiff.Benchmarks.Workloads;
using Autodiff.Kernel;

namespace Autodiff.Benchmarks.Limits;

/// <summary>Elementwise functions in the first cache against TensorPrimitives; the kernel alone, on one thread.</summary>
internal static class Functions
{
    private const int Bytes = 4096 * sizeof(float);

    private delegate void Map<T>(ReadOnlySpan<T> source, Span<T> target);

    public static void Run(LimitReport report)
    {
        Run<float>(report, DType.Float32);
        Run<double>(report, DType.Float64);
    }

    private static void Run<T>(LimitReport report, DType dtype) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var count = Bytes / dtype.Size();
        var array = Data.Positive(1, dtype, count);
        var source = array.ToArray<T>();
        var target = new T[count];
        View from = View.Of(array), to = View.Of(NDArray.Allocate(array.Shape, dtype));
        foreach (var (opcode, map) in Items<T>())
        {
            var body = new LoopBody([dtype], [new LoopOp(opcode, dtype, 0)], [1]);
            report.Run(
                opcode.ToString().ToLowerInvariant(), dtype, Unit.Elements,
                new("kernel", () => FusedLoop.Run(body, [from], [to]), count),
                map is null ? [] : [new("TensorPrimitives", () => map(source, target), count)]);
        }
    }

    private static (Opcode, Map<T>?)[] Items<T>() where T : unmanaged, IFloatingPointIeee754<T> =>
    [
        (Opcode.Exp, TensorPrimitives.Exp),
        (Opcode.Tanh, TensorPrimitives.Tanh),
        (Opcode.Sigmoid, TensorPrimitives.Sigmoid),
        (Opcode.Expm1, TensorPrimitives.ExpM1),
        (Opcode.Log, TensorPrimitives.Log),
        (Opcode.Log1p, TensorPrimitives.LogP1),
        (Opcode.Sin, TensorPrimitives.Sin),
        (Opcode.Cos, TensorPrimitives.Cos),
        (Opcode.Cbrt, TensorPrimitives.Cbrt),
        (Opcode.Softplus, null),
        (Opcode.Erf, null),
    ];
}
