using Autodiff.Benchmarks.Workloads;
using Autodiff.CSharp;
using BenchmarkDotNet.Attributes;

namespace Autodiff.Benchmarks.Suites;

/// <summary>What moves elements and computes nothing.</summary>
[MemoryDiagnoser]
public class MovementSuite
{
    private const int Rows = 1024, Columns = 1000;

    private Action transpose = () => { };
    private Action reverse = () => { };
    private Action concat = () => { };
    private Action gather = () => { };
    private Action scatterAdd = () => { };

    /// <summary>The element type.</summary>
    [Params(DType.Float32, DType.Float64)]
    public DType Type { get; set; }

    /// <summary>Compiles the movements.</summary>
    [GlobalSetup]
    public void Setup()
    {
        int[] shape = [Rows, Columns];
        var picked = Ad.Constant(NDArray.Create(Data.Whole(9, Rows, Rows), Rows));
        transpose = Case.Of(Type, [shape], x => x[0].T);
        reverse = Case.Of(Type, [[64, 128, 128]], x => Ad.Einsum("ijk->kji", x[0]));
        concat = Case.Of(Type, [shape, shape], x => Ad.Concat(x, 1));
        gather = Case.Of(Type, [shape], x => x[0].Take(picked, 0));
        scatterAdd = Case.Of(Type, [shape, shape], x => x[0].ScatterAdd(picked, x[1], 0));
    }

    /// <summary>The transpose of a matrix.</summary>
    [Benchmark(Baseline = true)]
    public void Transpose() => transpose();

    /// <summary>Three axes in reverse order.</summary>
    [Benchmark]
    public void Reverse() => reverse();

    /// <summary>Two matrices side by side.</summary>
    [Benchmark]
    public void Concat() => concat();

    /// <summary>Rows in another order.</summary>
    [Benchmark]
    public void Gather() => gather();

    /// <summary>Rows added to rows in another order.</summary>
    [Benchmark]
    public void ScatterAdd() => scatterAdd();
}
