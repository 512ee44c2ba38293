using Autodiff.CSharp;
using BenchmarkDotNet.Attributes;

namespace Autodiff.Benchmarks.Suites;

/// <summary>What threads cost and save.</summary>
[MemoryDiagnoser]
public class ThreadSuite
{
    private Action product = () => { };
    private Action loop = () => { };
    private int before;

    /// <summary>How many threads may compute.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>The side of the squares.</summary>
    [Params(32, 64, 128, 512)]
    public int Side { get; set; }

    /// <summary>Compiles the work.</summary>
    [GlobalSetup]
    public void Setup()
    {
        before = ComputeThreads.Default;
        ComputeThreads.Default = Threads;
        int[] square = [Side, Side];
        product = Case.Of(DType.Float32, [square, square], x => x[0].MatMul(x[1]));
        loop = Case.Of(DType.Float32, [square, square], x => (x[0] * x[1]).Tanh());
    }

    /// <summary>Other suites run on as many as before.</summary>
    [GlobalCleanup]
    public void Cleanup() => ComputeThreads.Default = before;

    /// <summary>A matrix product.</summary>
    [Benchmark]
    public void Product() => product();

    /// <summary>A fused loop.</summary>
    [Benchmark]
    public void Loop() => loop();
}
