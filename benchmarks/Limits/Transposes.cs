using System.Numerics;
using Autodiff.Benchmarks.Workloads;
using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Limits;

/// <summary>Transposes against copying the same array.</summary>
internal static class Transposes
{
    private static readonly (string Subscripts, int[] Shape)[] Items =
    [
        ("ij->ji", [4096, 1024]),
        ("ij->ji", [1000, 1024]),
        ("ijk->kji", [256, 256, 256]),
        ("ijk->jik", [256, 256, 256]),
        ("ijk->ikj", [256, 256, 256]),
    ];

    public static void Run(LimitReport report)
    {
        Run<float>(report, DType.Float32);
        Run<double>(report, DType.Float64);
    }

    private static void Run<T>(LimitReport report, DType dtype) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var (subscripts, shape) in Items)
        {
            var array = Data.Signed(1, 1, dtype, shape);
            var x = Ad.Input("x", array.Shape, dtype);
            var transpose = Ad.Compile([x], [Ad.Einsum(subscripts, x)]);
            using PinnedElements<T> source = new(array), target = new(array.Length);
            report.Run(
                $"{subscripts}-{string.Join('x', shape)}", dtype, Unit.Bytes,
                new("compiled", Runs.Into(transpose, array), 2 * source.Bytes),
                MachineLimits.Copy(report.Threads, source, target),
                MachineLimits.CopyNonTemporal(report.Threads, source, target));
        }
    }
}
