using System.Reflection;
using Autodiff.CSharp;
using Xunit;
using static Autodiff.CSharp.Ad;

namespace Autodiff.Api;

public class GraphRandomTests
{
    private static readonly Node Key = GraphRandom.Key(42);

    private static readonly RandomSource Source = new(42);

    [Fact]
    public void A_graph_draws_what_the_source_draws()
    {
        Same(Source.Bits([3]), GraphRandom.Bits(Key, [3]));
        Same(Source.Uniform([2, 3]), GraphRandom.Uniform(Key, [2, 3]));
        Same(Source.Uniform([3], dtype: DType.Float32), GraphRandom.Uniform(Key, [3], DType.Float32));
        Same(Source.Normal([2, 3]), GraphRandom.Normal(Key, [2, 3]));
        Same(Source.Normal([3], dtype: DType.Float32), GraphRandom.Normal(GraphRandom.OfSource(Source), [3], DType.Float32));
        Same(Source.Integers(3, 9, [5], DType.Int64), GraphRandom.Integers(Key, 3, 9, [5]));
        Same(Source.Permutation(5, DType.Int64), GraphRandom.Permutation(Key, 5));
        Same(Source.Bernoulli(0.25, [9]), GraphRandom.Bernoulli(Key, 0.25, [9]));
        var logits = NDArray.Create([0.5, 0.1, -3, 0.2, 0.4, 0.5], 2, 3);
        Same(Source.Categorical(logits), GraphRandom.Categorical(Key, logits));
        Same(NDArray.Create(Array.ConvertAll(Source.Split(3), key => key.Seed)), GraphRandom.Split(Key, 3));
        Same(NDArray.Scalar(Source.Fold(7).Seed), GraphRandom.FoldIn(Key, 7));
        Same(Constant(NDArray.Arange(5)).Take(Source.Permutation(5)).Eval(), GraphRandom.Shuffle(Key, NDArray.Arange(5)));
    }

    [Fact]
    public void Distributions_have_their_element_type_and_shape()
    {
        foreach (var dtype in new[] { DType.Float32, DType.Float64 })
        {
            foreach (var node in new[]
            {
                GraphRandom.Exponential(Key, [2, 3], dtype), GraphRandom.Laplace(Key, [2, 3], dtype),
                GraphRandom.Gumbel(Key, [2, 3], dtype),
                GraphRandom.TruncatedNormal(Key, OnesLike(Constant(0.0)).Cast(dtype), Constant(2.0).Cast(dtype), [2, 3]),
            })
            {
                Assert.Equal(dtype, node.DType);
                Assert.Equal([2, 3], node.Shape);
                Assert.Equal(6, node.Eval().AsType(DType.Float64).ToArray<double>().Distinct().Count());
            }
        }
    }

    [Fact]
    public void A_key_is_bound_for_each_run()
    {
        var key = Input("key", [], DType.Int64);
        var x = Input("x", [3]);
        var f = Compile([x, key], [x + 0.5 * GraphRandom.Normal(GraphRandom.FoldInText(key, "noise"), x.Shape)]);
        var draws = Enumerable.Range(0, 4).Select(step => f.Run(NDArray.Zeros(3), Source.Fold(step).Seed)[0].ToString());
        Assert.Equal(4, draws.Distinct().Count());
    }

    [Fact]
    public void Derivatives_pass_a_draw()
    {
        var (mean, deviation) = (Variable(0.5, "mean"), Variable(2.0, "deviation"));
        var draws = mean + deviation * GraphRandom.Normal(Key, [100]);
        var (toMean, toDeviation) = draws.Square().Mean().Grad(mean, deviation);
        var z = Source.Normal([100]).ToArray<double>();
        Assert.Equal(z.Average(e => 2 * (0.5 + 2 * e)), (double)toMean.Eval(), 1e-12);
        Assert.Equal(z.Average(e => 2 * (0.5 + 2 * e) * e), (double)toDeviation.Eval(), 1e-12);
    }

    [Fact]
    public void A_source_is_its_seed()
    {
        foreach (var source in new[] { Source, Source.Fold(3), Source.Fold("path"), Source.Split(2)[1], new(-1), new(long.MinValue) })
            Assert.True(source.Normal([5]).IsSameAs(new RandomSource(source.Seed).Normal([5])));
        Assert.Equal(42, Source.Seed);
    }

    [Fact]
    public void Every_function_of_FSharp_has_a_counterpart()
    {
        // The types of standard draws are an argument here.
        var here = typeof(GraphRandom).GetMethods(BindingFlags.Public | BindingFlags.Static).Select(method => method.Name);
        var there = typeof(FSharp.Random).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Select(method => method.Name.EndsWith("Of", StringComparison.Ordinal) ? method.Name[..^2] : method.Name)
            .Select(name => $"{char.ToUpperInvariant(name[0])}{name[1..]}");
        Assert.Equal(there.Distinct().Order(), here.Distinct().Order());
    }

    [Fact]
    public void Null_is_refused_by_every_function()
    {
        foreach (var method in typeof(GraphRandom).GetMethods(BindingFlags.Public | BindingFlags.Static))
        {
            var parameters = method.GetParameters();
            if (parameters[0].ParameterType == typeof(long))
                continue;
            var arguments = Array.ConvertAll(
                parameters, p => p.ParameterType.IsValueType ? Activator.CreateInstance(p.ParameterType) : null);
            var error = Assert.Throws<TargetInvocationException>(() => method.Invoke(null, arguments));
            Assert.IsType<ArgumentNullException>(error.InnerException);
        }
    }

    [Fact]
    public void Gamma_draws_of_a_source_are_the_same_on_every_platform()
    {
        var draws = Source.Gamma(2.5, [4]);
        Assert.Equal(draws.ToArray<double>(), Source.Gamma(2.5, [9]).ToArray<double>()[..4]);
        Assert.True((draws * 3.0).AllClose(Source.Gamma(2.5, [4], scale: 3), 1e-15));
        Assert.Equal(DType.Float32, Source.Gamma(2.5, [4], dtype: DType.Float32).DType);
        var logs = Source.LogGamma(NDArray.Full([4], 2.5)).ToArray<double>();
        Assert.Equal(draws.ToArray<double>().Select(x => Math.Log(x)), logs, (a, b) => Math.Abs(a - b) < 1e-14);
    }

    [Fact]
    public void Senseless_arguments_of_a_source_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Source.Gamma(0, [1]));
        Assert.Throws<ArgumentException>(() => Source.Gamma(double.NaN, [1]));
        Assert.Throws<ArgumentException>(() => Source.Gamma(1, [1], scale: -1));
        Assert.Throws<ArgumentException>(() => Source.Gamma(double.PositiveInfinity, [1]));
        Assert.Throws<DTypeException>(() => Source.Gamma(1, [1], dtype: DType.Int32));
        Assert.Throws<DTypeException>(() => Source.LogGamma(NDArray.Create([1])));
        Assert.Throws<ArgumentNullException>(() => Source.LogGamma(null!));
        Assert.Throws<DTypeException>(() => Source.Categorical(NDArray.Create([1])));
        Assert.Throws<ShapeException>(() => Source.Categorical(1.0));
        Assert.Throws<ShapeException>(() => Source.Categorical(NDArray.Zeros(3, 0)));
        Assert.Throws<ArgumentNullException>(() => Source.Categorical(null!));
    }

    private static void Same(NDArray expected, Node node) => Assert.True(node.Eval().IsSameAs(expected), $"{node.Eval()} instead of {expected}");
}
