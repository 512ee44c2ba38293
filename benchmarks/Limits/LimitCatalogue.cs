namespace Autodiff.Benchmarks.Limits;

/// <summary>The groups of items by name.</summary>
internal static class LimitCatalogue
{
    public static IReadOnlyDictionary<string, Action<LimitReport>> All { get; } = new Dictionary<string, Action<LimitReport>>
    {
        ["machine"] = MachineLimits.Run,
        ["gemm"] = Products.Run,
        ["matvec"] = MatrixVectors.Run,
        ["reductions"] = Reductions.Run,
        ["transposes"] = Transposes.Run,
        ["functions"] = Functions.Run,
        ["softmax"] = SoftmaxRows.Run,
        ["chain"] = FusedChain.Run,
        ["threads"] = Forks.Run,
        ["compile"] = KernelCompilation.Run,
    };
}
