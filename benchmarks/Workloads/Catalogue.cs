namespace Autodiff.Benchmarks.Workloads;

/// <summary>The workloads by name.</summary>
internal static class Catalogue
{
    private static readonly DType[] Both = [DType.Float32, DType.Float64];

    public static IReadOnlyDictionary<string, Action<Report>> All { get; } = new Dictionary<string, Action<Report>>
    {
        ["W1"] = report => Each(dtype => MatrixProducts.Run(report, dtype)),
        ["W2"] = report => Each(dtype => Contractions.Run(report, dtype)),
        ["W3"] = report => Each(dtype => ElementwiseChain.Run(report, dtype)),
        ["W4"] = report => Each(dtype => Mlp.Run(report, dtype)),
        ["W5"] = report => Each(dtype => CharRnn.Run(report, dtype)),
        ["W6"] = HigherOrder.Run,
        ["W7"] = ScalarChain.Run,
        ["W8"] = SecondOrder.Run,
        ["W9"] = report => Each(dtype => Convolutions.Run(report, dtype)),
        ["W10"] = report => Each(dtype => EncoderLayer.Run(report, dtype)),
        ["W11"] = DeepStack.Run,
        ["LA"] = Factorisations.Run,
    };

    private static void Each(Action<DType> run)
    {
        foreach (var dtype in Both) run(dtype);
    }
}
