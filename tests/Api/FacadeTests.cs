using Autodiff.CSharp;
using Xunit;
using static Autodiff.CSharp.Ad;

namespace Autodiff.Api;

/// <summary>What a user of C# writes in the first hour.</summary>
public class FacadeTests
{
    private static void Close(double expected, double actual, double tolerance = 1e-12) =>
        Assert.True(
            Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected)), $"{actual:R} is not {expected:R}");

    [Fact]
    public void A_formula_its_value_and_its_derivatives()
    {
        Node x = Variable(3.0, "x");
        Node y = Variable(4.0, "y");
        Node z = x * y + (x + 3).Exp();
        Close(415.4287934927351, z.Eval<double>());
        Close(407.4287934927351, z.Grad(x).Eval<double>());
        Close(Math.Exp(8) + 20, z.Eval<double>((x, 5.0)));
        Close(Math.Exp(8) + 10, (double)z.Eval((x, 5.0), (y, 2)));
        var (gx, gy) = z.Grad(x, y);
        var values = Ad.Eval([gx, gy, z]);
        Close(407.4287934927351, values[0].Item<double>());
        Assert.Equal(3.0, values[1].Item<double>());
    }

    [Fact]
    public void Derivatives_of_tanh_to_the_sixth_order()
    {
        double[] expected =
        [
            0.7864477329659275, -0.7268619813835876, -0.5652092882597701, 3.9522195637245834, -3.2666864719713913,
            -36.27954029179137,
        ];
        Node x = Variable(0.5, "x");
        Node derivative = x.Tanh();
        foreach (var value in expected)
        {
            derivative = derivative.Grad(x);
            Assert.Equal(1, derivative.Eval<double>() / value, 1e-12);
        }
    }

    [Fact]
    public void The_gradient_of_a_matrix_product_is_that_of_its_sum()
    {
        Node a = Variable(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } }, "a");
        Node b = Variable(new double[,] { { 1, -1 }, { 2, 0.5 }, { -3, 4 } }, "b");
        var (ga, gb) = a.MatMul(b).Grad(a, b);
        Assert.True(ga.Eval().IsSameAs(new double[,] { { 0, 2.5, 1 }, { 0, 2.5, 1 } }));
        Assert.True(gb.Eval().IsSameAs(new double[,] { { 5, 5 }, { 7, 7 }, { 9, 9 } }));
        Assert.True(a.MatMul(b).Sum().Grad(a).Eval().IsSameAs(ga.Eval()));
    }

    [Fact]
    public void A_compiled_step_descends()
    {
        Node w = Variable([1.0, -2.0], "w");
        Node loss = (w - 3).Square().Sum();
        var step = Compile([w], [loss, w - 0.1 * loss.Grad(w)]);
        NDArray value = new[] { 1.0, -2.0 };
        for (var i = 0; i < 200; i++)
            value = step.Run(value)[1];
        Assert.True(value.AllClose(new[] { 3.0, 3.0 }));
    }

    [Fact]
    public void Comparisons_give_truth_values_and_equality_stays_that_of_references()
    {
        Node x = Variable([1.0, 2.0, 3.0], "x");
        Node y = Variable([3.0, 2.0, 1.0], "y");
        Assert.Equal([false, false, true], (x > y).Eval().ToArray<bool>());
        Assert.Equal([true, false, false], (x < y).Eval().ToArray<bool>());
        Assert.Equal([false, true, true], (x >= y).Eval().ToArray<bool>());
        Assert.Equal([true, true, false], (x <= y).Eval().ToArray<bool>());
        Assert.Equal([false, true, true], (x > 1).Eval().ToArray<bool>());
        Assert.Equal([false, true, true], (1.5 < x).Eval().ToArray<bool>());
        Assert.Equal([false, true, false], Equal(x, 2f).Eval().ToArray<bool>());
        Assert.Equal([true, false, true], NotEqual(x, y).Eval().ToArray<bool>());
        Assert.True(x != y);
        var same = x;
        Assert.True(x == same);
    }

    [Fact]
    public void A_number_takes_the_element_type_of_the_tensor_it_meets()
    {
        Node x = Variable([1f, 2f], "x");
        Assert.Equal(DType.Float32, (x + 16777217).DType);
        Assert.Equal(DType.Float32, (2.0 * x - 1L).DType);
        Assert.Equal(DType.Float32, Maximum(x, 0.0).DType);
        Assert.Equal(DType.Float32, Where(x > 1.5, x, 0.0).DType);
        Assert.Equal(DType.Float32, x.Add(1.0).Pow(2).Clip(0.0, 1.0).DType);
        Assert.Equal(DType.Float64, (x + Constant(1.0)).DType);
        Node whole = Constant([1, 2]);
        Assert.Equal(DType.Int32, (whole + 1).DType);
        Assert.Equal(DType.Float64, (whole + 0.5).DType);
        Node count = Variable(16777217, "count");
        Assert.Equal(16777218.0, (count + 1).Eval<double>());
        Assert.Equal(DType.Float64, Variable(1L, "n").DType);
    }

    [Fact]
    public void Wrong_types_and_shapes_are_named()
    {
        Assert.Contains("'n'", Assert.Throws<DTypeException>(() => Variable([1, 2], "n")).Message, StringComparison.Ordinal);
        Node x = Variable(NDArray.Zeros(2, 3), "x");
        Node w = Variable(NDArray.Zeros(4, 5), "w");
        var shape = Assert.Throws<ShapeException>(() => x.MatMul(w)).Message;
        Assert.Contains("'x' [2,3]", shape, StringComparison.Ordinal);
        Assert.Contains("'w' [4,5]", shape, StringComparison.Ordinal);
        var labels = Assert.Throws<EinsumException>(() => Einsum("ij,jk->ik", x, w)).Message;
        Assert.Contains("label j is 3", labels, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => x + w);
        Assert.Throws<ShapeException>(() => x.Sum(2));
        Assert.Throws<DTypeException>(() => Where(x, x, x));
        Assert.Throws<DTypeException>(() => x.Take(x));
        var unbound = Assert.Throws<UnboundInputException>(() => Input("batch", [2, 3]).Sum().Eval()).Message;
        Assert.Contains("'batch'", unbound, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => x.Eval((x, 1.0)));
    }

    [Fact]
    public void Reductions_over_one_axis_over_several_and_over_all()
    {
        Node x = Variable(NDArray.Arange(24).Reshape(2, 3, 4), "x");
        Assert.Equal(276.0, x.Sum().Eval<double>());
        Assert.Equal(276.0, x.Sum([]).Eval<double>());
        Assert.Equal([3, 4], x.Sum(0).Shape);
        Assert.Equal([1, 3, 4], x.Sum(axis: 0, keepDims: true).Shape);
        Assert.Equal([4], x.Sum([0, 1]).Shape);
        Assert.Equal([1, 1, 4], x.Mean([0, -2], keepDims: true).Shape);
        Assert.Equal(23.0, x.Max().Eval<double>());
        Assert.Equal([0.0, 4.0, 8.0], x[0].Min(-1).Eval().ToArray<double>());
        Assert.Equal(2L, x[0].ArgMax(0).Eval().ToArray<long>()[3]);
        Close(47.916666666666664, x.Variance().Eval<double>());
        Close(50, x.Variance(ddof: 1).Eval<double>());
        Close(Math.Sqrt(50), x.Std(ddof: 1).Eval<double>());
        Assert.Equal([0.0, 0.0], (x * 0.0).Std().Grad(x)[0, 0, ..2].Eval().ToArray<double>());
    }

    [Fact]
    public void Movement_and_products_under_their_names()
    {
        Node x = Variable(NDArray.Arange(6).Reshape(2, 3), "x");
        Assert.Equal([3, 2], x.T.Shape);
        Assert.Equal([3, 2], x.Transpose(1, 0).Shape);
        Assert.Equal([3, 2], x.Reshape(-1, 2).Shape);
        Assert.Equal([6], x.Flatten().Shape);
        Assert.Equal([2, 1, 3], x.Unsqueeze(1).Shape);
        Assert.Equal([2, 3], x.Unsqueeze(1).Squeeze().Shape);
        Assert.Equal([4, 2, 3], x.BroadcastTo(4, 2, 3).Shape);
        Assert.Equal([2, 3], Constant(1.0).BroadcastTo(x.Shape).Shape);
        Assert.Equal([3, 6], x.Pad((0, 1), (1, 2)).Shape);
        Assert.Equal([1.0, 2.0], x[0, 1..].Eval().ToArray<double>());
        Assert.Equal([2.0, 5.0], x.Slice(.., ^1).Eval().ToArray<double>());
        Assert.Equal([3.0, 0.0], x.Take(Constant([1, 0]))[.., 0].Eval().ToArray<double>());
        Assert.Equal([2, 6], Concat([x, x], axis: 1).Shape);
        Assert.Equal([2, 2, 3], Stack([x, x]).Shape);
        Assert.Equal([2, 3, 2, 3], x.Outer(x).Shape);
        Assert.Equal(55.0, Einsum("ij,ij->", x, x).Eval<double>());
        Assert.Equal(55.0, x.MatMul(x.T).Trace().Eval<double>());
    }

    [Fact]
    public void Functions_are_differentiated_as_graphs_are()
    {
        Func<Node, Node> cube = x => x * x * x;
        Node two = 2.0;
        Assert.Equal(12.0, Grad(cube, Constant(2.0)).Eval<double>());
        Assert.Equal(12.0, Grad(Grad(cube))(Constant(2.0)).Eval<double>());
        Assert.Equal(12.0, Grad(cube, two).Eval<double>());
        var (value, gradient) = ValueAndGrad(cube, Constant(2.0));
        Assert.Equal((8.0, 12.0), (value.Eval<double>(), gradient.Eval<double>()));
        Assert.Equal(36.0, Jvp(cube, Constant(2.0), Constant(3.0)).Tangent.Eval<double>());
        Assert.Equal(36.0, Vjp(cube, Constant(2.0)).Pullback(Constant(3.0)).Eval<double>());
        Node batch = Constant([1.0, 2.0, 3.0]);
        Assert.Equal([3.0, 12.0, 27.0], Vmap(x => Grad(cube, x), batch).Eval().ToArray<double>());
        Assert.Equal([3.0, 12.0, 27.0], Vmap(Grad(cube))(batch).Eval().ToArray<double>());
        Assert.True(Jacobian(cube, batch).Eval().IsSameAs(new double[,] { { 3, 0, 0 }, { 0, 12, 0 }, { 0, 0, 27 } }));
        Assert.True(Hessian(cube, batch).Eval().IsSameAs(new double[,] { { 6, 0, 0 }, { 0, 12, 0 }, { 0, 0, 18 } }));
        Node v = Variable([1.0, 2.0], "v");
        Assert.Equal([6.0, 24.0], Hvp(cube(v), v, Constant([1.0, 2.0])).Eval().ToArray<double>());
        Assert.All(CheckGradients(cube(v).Sin(), [v], order: 2), check => Assert.True(check.Passed, check.ToString()));
    }

    [Fact]
    public void A_clipped_value_moves_up_to_its_bounds()
    {
        Node x = Variable([-2.0, -1.0, 0.5, 1.0, 2.0, double.NaN], "x");
        Node clipped = x.Clip(-1, 1.0);
        Assert.Equal([-1.0, -1.0, 0.5, 1.0, 1.0, double.NaN], clipped.Eval().ToArray<double>());
        Assert.Equal([0.0, 1.0, 1.0, 1.0, 0.0, 1.0], clipped.Grad(x).Eval().ToArray<double>());
        Assert.Equal(1.0, Constant(0.0).Clip(3, 1).Eval<double>());
    }

    [Fact]
    public void A_stopped_gradient_counts_as_constant()
    {
        Node x = Variable(3.0, "x");
        Assert.Equal(3.0, (x * x.StopGradient()).Grad(x).Eval<double>());
        Assert.Equal(0.0, StopGradient(x).Grad(x).Eval<double>());
    }

    [Fact]
    public void Losses_at_known_points()
    {
        Node logits = Variable(new double[,] { { 0, Math.Log(3) } }, "logits");
        Node target = Constant(new double[,] { { 0, 1 } });
        Close(-Math.Log(0.75), logits.SoftmaxCrossEntropy(target).Sum().Eval<double>());
        Close(0.25, logits.Softmax()[0, 0].Eval<double>());
        Close(Math.Log(0.25), logits.LogSoftmax()[0, 0].Eval<double>());
        Close(Math.Log(2), logits.SigmoidCrossEntropy(target)[0, 0].Eval<double>());
        Close(0.3989422804014327, Variable(0.0).NormalDensity(0.0, 1.0).Eval<double>());
        Close(2.5, Constant([1.0, 2.0]).MeanSquaredError(Constant([2.0, 4.0])).Eval<double>());
    }
}
