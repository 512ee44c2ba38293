using BenchmarkDotNet.Attributes;

namespace Autodiff.Benchmarks.Suites;

/// <summary>Matrix products into a given result.</summary>
[MemoryDiagnoser]
public class GemmSuite
{
    private Action run = () => { };

    /// <summary>Rows x depth x columns.</summary>
    [Params("32x32x32", "64x64x64", "256x256x256", "512x512x512", "1024x1024x1024", "8x100x100", "8x100x65", "100x784x32")]
    public string Sizes { get; set; } = "";

    /// <summary>The element type.</summary>
    [Params(DType.Float32, DType.Float64)]
    public DType Type { get; set; }

    /// <summary>Which factor is read as its transpose.</summary>
    [Params("AB", "A'B", "AB'")]
    public string Product { get; set; } = "";

    /// <summary>Compiles the product.</summary>
    [GlobalSetup]
    public void Setup()
    {
        int[] sizes = [.. Sizes.Split('x').Select(int.Parse)];
        var (m, k, n) = (sizes[0], sizes[1], sizes[2]);
        run = Product switch
        {
            "A'B" => Case.Of(Type, [[k, m], [k, n]], x => CSharp.Ad.Einsum("km,kn->mn", x)),
            "AB'" => Case.Of(Type, [[m, k], [n, k]], x => CSharp.Ad.Einsum("mk,nk->mn", x)),
            _ => Case.Of(Type, [[m, k], [k, n]], x => CSharp.Ad.Einsum("mk,kn->mn", x)),
        };
    }

    /// <summary>The product.</summary>
    [Benchmark]
    public void Gemm() => run();
}
