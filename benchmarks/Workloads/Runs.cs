namespace Autodiff.Benchmarks.Workloads;

/// <summary>A compiled function with its inputs, run again and again.</summary>
internal static class Runs
{
    /// <summary>A run that writes its results to memory that stays.</summary>
    public static Action Into(CompiledFunction function, params NDArray[] values)
    {
        ResultBuffer[] places = [.. function.Run(values).Select(Place)];
        return () => function.RunInto(values, places);
    }

    private static ResultBuffer Place(NDArray result) =>
        result.DType == DType.Float32 ? new float[result.Length] : new double[result.Length];
}
