using Autodiff.CSharp;
using BenchmarkDotNet.Attributes;

namespace Autodiff.Benchmarks.Suites;

/// <summary>Several operations in one loop, over inputs of several strides.</summary>
[MemoryDiagnoser]
public class FusedLoopSuite
{
    private Action chain = () => { };
    private Action sum = () => { };
    private Action broadcast = () => { };
    private Action strided = () => { };

    /// <summary>The side of a square of elements.</summary>
    [Params(32, 256, 2048)]
    public int Side { get; set; }

    /// <summary>Compiles the loops.</summary>
    [GlobalSetup]
    public void Setup()
    {
        int[] square = [Side, Side];
        chain = Case.Of(DType.Float32, [square, square, square], x => (x[0] * x[1] + x[2]).Tanh() * x[0]);
        sum = Case.Of(DType.Float32, [square, square, square], x => ((x[0] * x[1] + x[2]).Tanh() * x[0]).Sum());
        broadcast = Case.Of(DType.Float32, [square, [Side], [Side, 1]], x => (x[0] * x[1] + x[2]).Tanh());
        strided = Case.Of(DType.Float32, [square, square], x => (x[0] * x[1].T).Tanh());
    }

    /// <summary>Contiguous inputs.</summary>
    [Benchmark(Baseline = true)]
    public void Contiguous() => chain();

    /// <summary>The same, ending in a sum.</summary>
    [Benchmark]
    public void EndingInSum() => sum();

    /// <summary>Inputs that repeat along an axis.</summary>
    [Benchmark]
    public void Broadcast() => broadcast();

    /// <summary>An input that is read as its transpose.</summary>
    [Benchmark]
    public void Strided() => strided();
}
