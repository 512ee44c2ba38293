using Autodiff.CSharp;
using Xunit;
using static Autodiff.CSharp.Ad;

namespace Autodiff.Api;

/// <summary>Elementwise functions and activations reached from C#, at known points.</summary>
public class ElementwiseTests
{
    public static TheoryData<string, double, double> Activations => new()
    {
        { "LogSigmoid", 0, -Math.Log(2) },
        { "LeakyRelu", -2, -0.02 },
        { "LeakyRelu 0.5", -2, -1 },
        { "Elu", -1, Math.Exp(-1) - 1 },
        { "Elu 2", -1, 2 * (Math.Exp(-1) - 1) },
        { "Selu", 1, 1.0507009873554805 },
        { "Gelu", 1, 0.8413447460685429 },
        { "Gelu approximate", 1, 0.8411919906082768 },
        { "Silu", 1, 1 / (1 + Math.Exp(-1)) },
        { "Mish", 1, Math.Tanh(Math.Log(1 + Math.E)) },
        { "Softsign", -3, -0.75 },
        { "Lgamma", 5, Math.Log(24) },
        { "Digamma", 1, -0.5772156649015329 },
    };

    [Theory]
    [MemberData(nameof(Activations))]
    public void A_function_has_its_value(string name, double at, double expected)
    {
        Node x = Variable(at, "x");
        var y = name switch
        {
            "LogSigmoid" => x.LogSigmoid(),
            "LeakyRelu" => x.LeakyRelu(),
            "LeakyRelu 0.5" => x.LeakyRelu(slope: 0.5),
            "Elu" => x.Elu(),
            "Elu 2" => x.Elu(alpha: 2),
            "Selu" => x.Selu(),
            "Gelu" => x.Gelu(),
            "Gelu approximate" => x.Gelu(approximate: true),
            "Silu" => x.Silu(),
            "Mish" => x.Mish(),
            "Softsign" => x.Softsign(),
            "Lgamma" => x.Lgamma(),
            _ => x.Digamma(),
        };
        Assert.Equal(expected, y.Eval<double>(), 1e-14);
        Assert.All(CheckGradients(y, [x], order: 2), check => Assert.True(check.Passed, check.ToString()));
    }

    [Fact]
    public void Functions_of_two_arguments()
    {
        Node x = Variable([-7.0, 0.0, 2.0], "x");
        Assert.Equal([-3.0, 0.0, 0.0], FloorDivide(x, 3).Eval().ToArray<double>());
        Assert.Equal([2, -3], FloorDivide(Constant([5, -5]), 2).Eval().ToArray<int>());
        Assert.Equal([0.0, 0.0, 2 * Math.Log(2)], Xlogy(Relu(x), x).Eval().ToArray<double>());
        Assert.Equal([0.0, 0.0, 2 * Math.Log(3)], Xlog1py(Relu(x), x).Eval().ToArray<double>(), (a, b) => Math.Abs(a - b) < 1e-15);
        Assert.Equal(Math.PI * Math.PI / 6, Polygamma(1, Constant(1.0)).Eval<double>(), 1e-14);

        static Node Relu(Node x) => x.Relu();
    }

    [Fact]
    public void Masks_and_tests()
    {
        Node x = Variable([1f, float.NegativeInfinity, float.NaN], "x");
        Assert.Equal([false, true, false], x.IsInf().Eval().ToArray<bool>());
        Node filled = x.MaskedFill(LogicalNot(x.IsFinite()), 0);
        Assert.Equal(DType.Float32, filled.DType);
        Assert.Equal([1f, 0f, 0f], filled.Eval().ToArray<float>());
        Assert.Equal([1f, 0f, 0f], filled.Grad(x).Eval().ToArray<float>());
        Assert.Throws<DTypeException>(() => x.MaskedFill(x, 0));
    }

    [Fact]
    public void A_gated_linear_unit_halves_an_axis()
    {
        Node x = Variable(NDArray.Arange(8).Reshape(2, 4), "x");
        Assert.Equal([2, 2], x.Glu().Shape);
        Assert.Equal([1, 4], x.Glu(axis: 0).Shape);
        Assert.Equal(1 / (1 + Math.Exp(-3)), x.Glu()[0, 1].Eval<double>(), 1e-15);
        Assert.Throws<ShapeException>(() => x[.., ..3].Glu());
    }

    [Fact]
    public void The_branch_that_is_not_taken_contributes_nothing()
    {
        Node x = Variable([0.0, 4.0], "x");
        Node y = Where(x > 0, x.Log(), 0);
        Assert.Equal([0, 0.25], y.Grad(x).Eval().ToArray<double>());
        Assert.Empty(Lint(y));
        Node z = Variable(0.0, "z");
        var risk = Assert.Single(Lint(Where(x > 5, x * z.Log(), 0)));
        Assert.Contains("log", risk.ToString(), StringComparison.Ordinal);
        Assert.NotSame(risk.Node, risk.LostAt);
    }
}
