using Autodiff.CSharp;
using Xunit;
using static Autodiff.CSharp.Ad;

namespace Autodiff.Api;

public class CheckpointTests
{
    private static readonly Node X = Variable([0.5, -1.5, 2.25], "x");

    [Fact]
    public void A_function_has_the_derivatives_that_it_has_without()
    {
        static Node F(Node x) => x.Sin() * x.Exp();

        Assert.Equal(F(X).Grad(X).Eval().ToArray<double>(), Checkpoint(F)(X).Grad(X).Eval().ToArray<double>());
        Assert.Equal(F(X).Eval().ToArray<double>(), Checkpoint(F, X).Eval().ToArray<double>());
        Assert.All(Checkpoint(F, X).CheckGradients([X], 3), check => Assert.True(check.Passed, check.ToString()));
    }

    [Fact]
    public void Several_values_of_several_nodes_are_one_part()
    {
        var y = Variable(2.0, "y");
        var z = Checkpoint([X, y], xs => [xs[0] * xs[1], xs[0].Sum()]);
        var (gx, gy) = (z[0].Sum() * z[1]).Grad(X, y);
        Assert.Equal([5, 5, 5], gx.Eval().ToArray<double>());
        Assert.Equal(1.5625, (double)gy.Eval());
    }

    [Fact]
    public void What_is_captured_is_differentiated()
    {
        var w = Variable(3.0, "w");
        Assert.Equal(1.25, (double)Checkpoint(x => x * w, X).Grad(w).Eval());
    }

    [Fact]
    public void A_function_is_needed()
    {
        Assert.Throws<ArgumentNullException>(() => Checkpoint(null!));
        Assert.Throws<ArgumentNullException>(() => Checkpoint(null!, X));
        Assert.Throws<ArgumentNullException>(() => Checkpoint(x => x, null!));
        Assert.Throws<ArgumentNullException>(() => Checkpoint([null!], xs => xs));
        Assert.Throws<ArgumentNullException>(() => Checkpoint([X], null!));
    }

    [Fact]
    public void A_budget_of_memory_is_met_or_refused()
    {
        var source = new RandomSource(1);
        Node x = Input("x", [50, 50], DType.Float64), w = Constant(source.Normal([50, 50]) * 0.1);
        var h = x;
        for (var i = 0; i < 60; i++)
            h = h.MatMul(w).Tanh();
        var loss = h.Square().Sum();
        var whole = Compile([x], [loss, loss.Grad(x)]);
        var within = Compile([x], [loss, loss.Grad(x)], whole.PeakBytes / 2);
        Assert.InRange(within.PeakBytes, 1, whole.PeakBytes / 2);
        Assert.InRange(within.RecomputeFactor, 1.01, 1.5);
        var value = source.Normal([50, 50]);
        Assert.Equal(whole.Run(value)[1].ToArray<double>(), within.Run(value)[1].ToArray<double>());
        var error = Assert.Throws<MemoryBudgetException>(() => Compile([x], [loss, loss.Grad(x)], 1000));
        Assert.Equal(1000, error.Budget);
        Assert.InRange(error.Least, 1001, within.PeakBytes);
    }
}
