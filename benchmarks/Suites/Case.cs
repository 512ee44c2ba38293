using Autodiff.Benchmarks.Workloads;
using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Suites;

/// <summary>What a suite times: a compiled function that writes its results to memory that stays.</summary>
internal static class Case
{
    /// <summary>A function of arrays of numbers in [-1, 1), compiled and run for those.</summary>
    public static Action Of(DType dtype, int[][] shapes, Func<Node[], Node> function) =>
        Of([.. shapes.Select((shape, k) => Data.Signed(1 + (ulong)k, 1, dtype, shape))], function);

    /// <summary>A function of arrays, compiled and run for those.</summary>
    public static Action Of(NDArray[] values, Func<Node[], Node> function)
    {
        Node[] inputs = [.. values.Select((value, k) => Ad.Input($"x{k}", value.Shape, value.DType))];
        return Runs.Into(Ad.Compile(inputs, [function(inputs)]), values);
    }
}
