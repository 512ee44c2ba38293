using Autodiff.Benchmarks.Workloads;
using BenchmarkDotNet.Attributes;

namespace Autodiff.Benchmarks.Suites;

/// <summary>The einsums of W2, and the search for their paths.</summary>
[MemoryDiagnoser]
public class EinsumSuite
{
    private Action run = () => { };
    private Kernel.Subscripts subscripts = null!;

    /// <summary>The names of the einsums.</summary>
    public static IEnumerable<string> Names => Contractions.Items.Select(item => item.Name);

    /// <summary>Which einsum.</summary>
    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = "";

    /// <summary>Compiles the einsum.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var (_, text, shapes) = Contractions.Items.First(item => item.Name == Name);
        run = Case.Of(DType.Float32, shapes, x => CSharp.Ad.Einsum(text, x));
        subscripts = Kernel.Subscripts.Parse(text, [.. shapes.Select(shape => Shape.Create(shape))]);
    }

    /// <summary>The einsum along its path, which is cached.</summary>
    [Benchmark]
    public void Einsum() => run();

    /// <summary>The search for the path and the planning of its steps.</summary>
    [Benchmark]
    public object Plan() => ContractionPath.Find(subscripts).Plan;
}
