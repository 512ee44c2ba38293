using Autodiff.CSharp;
using BenchmarkDotNet.Attributes;

namespace Autodiff.Benchmarks.Suites;

/// <summary>Reductions along one axis, and what is made of them.</summary>
[MemoryDiagnoser]
public class ReductionSuite
{
    private Action sum = () => { };
    private Action max = () => { };
    private Action argMax = () => { };
    private Action softmax = () => { };
    private Action variance = () => { };

    /// <summary>The axis of an array of 64 x 256 x 256.</summary>
    [Params(0, 1, 2)]
    public int Axis { get; set; }

    /// <summary>The element type.</summary>
    [Params(DType.Float32, DType.Float64)]
    public DType Type { get; set; }

    /// <summary>Compiles the reductions.</summary>
    [GlobalSetup]
    public void Setup()
    {
        int[][] shapes = [[64, 256, 256]];
        sum = Case.Of(Type, shapes, x => x[0].Sum(Axis));
        max = Case.Of(Type, shapes, x => x[0].Max(Axis));
        argMax = Case.Of(Type, shapes, x => x[0].ArgMax(Axis).Cast(Type));
        softmax = Case.Of(Type, shapes, x => x[0].Softmax(Axis));
        variance = Case.Of(Type, shapes, x => x[0].Variance(Axis));
    }

    /// <summary>Sums.</summary>
    [Benchmark(Baseline = true)]
    public void Sum() => sum();

    /// <summary>Maxima.</summary>
    [Benchmark]
    public void Max() => max();

    /// <summary>The places of the maxima.</summary>
    [Benchmark]
    public void ArgMax() => argMax();

    /// <summary>Softmax: a maximum, a sum of exponentials and a quotient.</summary>
    [Benchmark]
    public void Softmax() => softmax();

    /// <summary>Variances.</summary>
    [Benchmark]
    public void Variance() => variance();
}
