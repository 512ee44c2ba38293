using Autodiff.CSharp;
using BenchmarkDotNet.Attributes;

namespace Autodiff.Benchmarks.Suites;

/// <summary>Elementwise functions over numbers in [-1, 1).</summary>
[MemoryDiagnoser]
public class ElementwiseSuite
{
    private static readonly Dictionary<string, Func<Node, Node>> Functions = new()
    {
        ["exp"] = x => x.Exp(),
        ["expm1"] = x => x.Expm1(),
        ["log"] = x => (x + 2).Log(),
        ["log1p"] = x => x.Log1p(),
        ["tanh"] = x => x.Tanh(),
        ["sigmoid"] = x => x.Sigmoid(),
        ["softplus"] = x => x.Softplus(),
        ["erf"] = x => x.Erf(),
        ["sin"] = x => x.Sin(),
        ["tan"] = x => x.Tan(),
        ["atan"] = x => x.Atan(),
        ["sinh"] = x => x.Sinh(),
        ["cbrt"] = x => x.Cbrt(),
        ["rsqrt"] = x => (x + 2).Rsqrt(),
        ["pow"] = x => (x + 2).Pow(x),
        ["lgamma"] = x => x.Lgamma(),
        ["digamma"] = x => x.Digamma(),
    };

    private Action run = () => { };

    /// <summary>The names of the functions.</summary>
    public static IEnumerable<string> Names => Functions.Keys;

    /// <summary>Which function.</summary>
    [ParamsSource(nameof(Names))]
    public string Function { get; set; } = "";

    /// <summary>The element type.</summary>
    [Params(DType.Float32, DType.Float64)]
    public DType Type { get; set; }

    /// <summary>How many elements: in the first cache, and beyond the second.</summary>
    [Params(4096, 1_000_000)]
    public int Count { get; set; }

    /// <summary>Compiles the function.</summary>
    [GlobalSetup]
    public void Setup() => run = Case.Of(Type, [[Count]], x => Functions[Function](x[0]));

    /// <summary>The function of all elements.</summary>
    [Benchmark]
    public void Elementwise() => run();
}
