using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>
/// LA: linear algebra in Float64. With M = S(1201, 1), all of size n x n: cholesky of M M' / n + I, solve for M and the
/// right sides S(1202, 1), qr of M, eigh of (M + M') / 2, svd of M. The checks do not depend on the signs of vectors.
/// </summary>
internal static class Factorisations
{
    private const int Size = 256;

    /// <summary>A problem: its inputs, and what is asked for.</summary>
    internal sealed record Problem(string Name, Func<NDArray, NDArray[]> Inputs, Func<Node[], Node[]> Solve);

    /// <summary>The problems, in the order in which they run.</summary>
    public static Problem[] Problems { get; } =
    [
        new("cholesky", m => [Einsum.Evaluate("ij,kj->ik", m, m) / m.Shape[0] + NDArray.Eye(m.Shape[0])], x => [x[0].Cholesky()]),
        new("solve", m => [m, Data.Signed(1202, 1, m.DType, m.Shape[0], m.Shape[0])], x => [x[0].Solve(x[1])]),
        new("qr", m => [m], x => [x[0].Qr().R, x[0].Qr().Q]),
        new("eigh", m => [(m + Einsum.Evaluate("ij->ji", m)) / 2], x => [x[0].Eigh().Values, x[0].Eigh().Vectors]),
        new("svd", m => [m], x => [x[0].Svd().S, x[0].Svd().U, x[0].Svd().Vt]),
    ];

    public static void Run(Report report)
    {
        foreach (var problem in Problems)
        {
            var (step, results) = Compile(problem, Size);
            report.Run("LA", $"{problem.Name}-{Size}", DType.Float64, step, [("out", Data.Check(results[0]))]);
        }
    }

    /// <summary>A run of a problem for matrices of a size, and its results.</summary>
    public static (Action Step, NDArray[] Results) Compile(Problem problem, int size)
    {
        var values = problem.Inputs(Data.Signed(1201, 1, DType.Float64, size, size));
        Node[] inputs = [.. values.Select((value, k) => Ad.Input($"x{k}", value.Shape, value.DType))];
        var compiled = Ad.Compile(inputs, problem.Solve(inputs));
        return (Runs.Into(compiled, values), compiled.Run(values));
    }
}
