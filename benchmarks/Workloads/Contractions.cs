using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>W2: einsums, from a batch of products to a ring of eight operands.</summary>
internal static class Contractions
{
    /// <summary>The items, in the order in which they run.</summary>
    public static (string Name, string Subscripts, int[][] Shapes)[] Items { get; } =
    [
        ("bmm", "bij,bjk->bik", [[64, 64, 64], [64, 64, 64]]),
        ("attn-scores", "bhqd,bhkd->bhqk", [[8, 8, 128, 64], [8, 8, 128, 64]]),
        ("two-index", "ijk,jil->kl", [[64, 64, 64], [64, 64, 64]]),
        ("chain4", "ab,bc,cd,de->ae", [[1000, 20], [20, 1000], [1000, 20], [20, 10]]),
        ("outer", "i,j->ij", [[4096], [4096]]),
        ("trace", "ii->", [[4096, 4096]]),
        ("transpose", "ijk->kji", [[256, 256, 256]]),
        ("rowdot", "bi,bi->b", [[4096, 256], [4096, 256]]),
        (
            "ring8", "abc,cde,efg,gha,bi,dj,fk,hl->ijkl",
            [[16, 24, 16], [16, 24, 16], [16, 24, 16], [16, 24, 16], [24, 8], [24, 8], [24, 8], [24, 8]]
        ),
    ];

    public static void Run(Report report, DType dtype)
    {
        foreach (var (name, subscripts, shapes) in Items)
        {
            NDArray[] values = [.. shapes.Select((shape, k) => Data.Signed(201 + (ulong)k, 1, dtype, shape))];
            Node[] operands = [.. shapes.Select((shape, k) => Ad.Input($"x{k}", shape, dtype))];
            var einsum = Ad.Compile(operands, [Ad.Einsum(subscripts, operands)]);
            report.Run("W2", name, dtype, Runs.Into(einsum, values), [("out", Data.Check(einsum.Run(values)[0]))]);
        }
    }
}
