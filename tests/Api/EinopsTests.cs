using Autodiff.CSharp;
using Xunit;
using static Autodiff.CSharp.Ad;

namespace Autodiff.Api;

/// <summary>Patterns of axes as C# calls them; what they compute is proved in F#.</summary>
public class EinopsTests
{
    private static readonly Node X = Constant(NDArray.Arange(24.0).Reshape(2, 12));

    [Fact]
    public void Rearranged()
    {
        var y = Einops.Rearrange(X, "b (h w) -> w b h", ("h", 3));
        Assert.Equal(new Shape(4, 2, 3), y.Shape);
        Assert.True(Einops.Rearrange(y, "w b h -> b (h w)").Eval().IsSameAs(X.Eval()));
    }

    [Fact]
    public void Reduced()
    {
        Assert.Equal([66.0, 210.0], Einops.Reduce(X, "b c -> b", Reduction.Sum).Eval().ToArray<double>());
        Assert.Equal([5.5, 17.5], Einops.Reduce(X, "b ... -> b", Reduction.Mean).Eval().ToArray<double>());
        Assert.Equal([11.0, 23.0], Einops.Reduce(X, "b c -> b", Reduction.Max).Eval().ToArray<double>());
        Assert.Equal([0.0, 12.0], Einops.Reduce(X, "b c -> b", Reduction.Min).Eval().ToArray<double>());
        var norms = Einops.Reduce(X, "b (c 4) -> c b", (x, axes) => x.Square().Sum(axes).Sqrt());
        Assert.Equal(new Shape(3, 2), norms.Shape);
        Assert.Equal(new Shape(2, 4), Einops.Reduce(X, "b (h w) -> b w", Reduction.Max, ("h", 3)).Shape);
        Assert.Throws<ArgumentOutOfRangeException>(() => Einops.Reduce(X, "b c -> b", (Reduction)99));
    }

    [Fact]
    public void Repeated()
    {
        Assert.Equal(new Shape(2, 12, 3), Einops.Repeat(X, "b c -> b c k", ("k", 3)).Shape);
        Assert.Equal(new Shape(2, 24), Einops.Repeat(X, "b c -> b (c 2)").Shape);
        Node x = Variable([1.0, 2.0], "x");
        Assert.Equal([3.0, 3.0], Einops.Repeat(x, "a -> (a 3)").Sum().Grad(x).Eval().ToArray<double>());
    }

    [Fact]
    public void Refused()
    {
        var error = Assert.Throws<EinsumException>(() => Einops.Rearrange(X, "b (h w) -> b h w"));
        Assert.Contains("all but one of the sizes of h, w must be given", error.Message, StringComparison.Ordinal);
    }
}
