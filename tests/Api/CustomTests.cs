using Autodiff.CSharp;
using Xunit;
using static Autodiff.CSharp.Ad;

namespace Autodiff.Api;

public class CustomTests
{
    private static readonly Node X = Variable([0.5, -1.5, 2.25], "x");

    [Fact]
    public void A_function_has_a_derivative_of_its_own()
    {
        var straight = CustomGradient(x => x.Round(), (x, y, cotangent) => cotangent);
        Assert.Equal([0, -2, 2], straight(X).Eval().ToArray<double>());
        Assert.Equal([1, 1, 1], straight(X).Grad(X).Eval().ToArray<double>());
        Assert.Equal([3, 3, 3], Jvp(straight(X), [X], [3 * OnesLike(X)]).Eval().ToArray<double>());
    }

    [Fact]
    public void A_function_of_several_nodes_has_one_too()
    {
        var y = Variable(2.0, "y");
        var z = CustomGradient(
            [X, y],
            xs => xs[0] * xs[1],
            (xs, value, c) => [c * xs[1], (c * xs[0]).Sum()]);
        var (gx, gy) = z.Grad(X, y);
        Assert.Equal([2, 2, 2], gx.Eval().ToArray<double>());
        Assert.Equal(1.25, (double)gy.Eval());
        Assert.All(z.CheckGradients([X, y], 2), check => Assert.True(check.Passed, check.ToString()));
    }

    [Fact]
    public void A_derivative_may_be_given_in_forward_mode()
    {
        var cube = CustomTangent(x => x * x * x, (x, y, t) => 3 * x.Square() * t);
        Assert.Equal([0.75, 6.75, 15.1875], cube(X).Grad(X).Eval().ToArray<double>());
        var product = CustomTangent([X, X], xs => xs[0] * xs[1], (xs, y, t) => t[0] * xs[1] + xs[0] * t[1]);
        Assert.Equal([1, -3, 4.5], product.Grad(X).Eval().ToArray<double>());
    }

    [Fact]
    public void A_function_outside_the_graph_is_called()
    {
        Node Cumulative(Node x) => Opaque("cumulative", [x], shapes => shapes[0], values =>
        {
            var sum = 0.0;
            return NDArray.From(Array.ConvertAll(values[0].ToArray<double>(), e => sum += e));
        }, (xs, y, c) => [Reversed(Cumulative(Reversed(c)))]);

        static Node Reversed(Node x) => x[Slice.Step(-1)];

        Assert.Equal([0.5, -1, 1.25], Cumulative(X).Eval().ToArray<double>());
        Assert.Equal([3, 2, 1], Cumulative(X).Grad(X).Eval().ToArray<double>());
        Assert.All(Cumulative(X.Square()).CheckGradients([X], 2), check => Assert.True(check.Passed, check.ToString()));
        Assert.Equal([3, 2, 1], Vmap(x => Cumulative(x).Grad(x), X.Reshape(1, 3)).Eval()[0].ToArray<double>());
    }

    [Fact]
    public void A_function_outside_the_graph_says_its_type()
    {
        var count = Opaque("count", [X], _ => [], values => NDArray.Scalar(values[0].Length), dtype: DType.Int32);
        Assert.Equal(DType.Int32, count.DType);
        Assert.Equal(3, count.Eval().Item<int>());
        Assert.Contains("'count'", Assert.Throws<NotSupportedException>(
            () => Opaque("count", [X], shapes => shapes[0], values => values[0]).Grad(X)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Senseless_arguments_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => CustomGradient(null!, (x, y, c) => c));
        Assert.Throws<ArgumentNullException>(() => CustomGradient(x => x, null!));
        Assert.Throws<ArgumentNullException>(() => CustomTangent(null!, (x, y, t) => t));
        Assert.Throws<ArgumentNullException>(() => CustomTangent(x => x, null!));
        Assert.Throws<ArgumentNullException>(() => CustomGradient([null!], xs => xs[0], (xs, y, c) => [c]));
        Assert.Throws<ArgumentNullException>(() => CustomGradient(null!, xs => X, (xs, y, c) => [c]));
        Assert.Throws<ArgumentNullException>(() => Opaque(null!, [X]));
        Assert.Throws<ArgumentNullException>(() => Opaque("f", null!, shapes => shapes[0], values => values[0]));
        Assert.Throws<ArgumentNullException>(() => Opaque("f", [X], null!, values => values[0]));
        Assert.Throws<ArgumentException>(() => Opaque("", [X], shapes => shapes[0], values => values[0]));
        Assert.Contains("null", Assert.Throws<ArgumentException>(
            () => CustomGradient(x => x, (x, y, c) => null!)(X).Grad(X)).Message, StringComparison.Ordinal);
        Assert.Contains("null", Assert.Throws<ArgumentException>(
            () => Jvp(CustomTangent(x => x, (x, y, t) => null!)(X), [X], [X])).Message, StringComparison.Ordinal);
    }
}
