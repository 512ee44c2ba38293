using Autodiff.Benchmarks.Workloads;
using BenchmarkDotNet.Attributes;

namespace Autodiff.Benchmarks.Suites;

/// <summary>Factorisations and solutions of square systems.</summary>
[MemoryDiagnoser]
public class LinearAlgebraSuite
{
    private Action run = () => { };

    /// <summary>The names of the problems.</summary>
    public static IEnumerable<string> Names => Factorisations.Problems.Select(problem => problem.Name);

    /// <summary>Which problem.</summary>
    [ParamsSource(nameof(Names))]
    public string Problem { get; set; } = "";

    /// <summary>The size of the matrix.</summary>
    [Params(32, 256)]
    public int Size { get; set; }

    /// <summary>Compiles the problem.</summary>
    [GlobalSetup]
    public void Setup() => run = Factorisations.Compile(Factorisations.Problems.First(problem => problem.Name == Problem), Size).Step;

    /// <summary>The problem.</summary>
    [Benchmark]
    public void LinearAlgebra() => run();
}
