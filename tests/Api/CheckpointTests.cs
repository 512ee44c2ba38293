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
}
