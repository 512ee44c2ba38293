using Autodiff.CSharp;
using Xunit;
using static Autodiff.CSharp.Ad;

namespace Autodiff.Api;

/// <summary>Shape functions, indices and products as C# calls them; what they compute is proved in F#.</summary>
public class ShapingTests
{
    private static readonly Node Matrix = Constant(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });
    private static readonly Node Whole = Constant([1, 2, 3]);

    private static void Is(NDArray expected, Node actual)
    {
        Assert.Equal(expected.DType, actual.DType);
        Assert.True(actual.Eval().IsSameAs(expected), $"{actual.Eval()} instead of {expected}");
    }

    private static void Has(Node actual, params int[] shape) => Assert.Equal(new Shape(shape), actual.Shape);

    [Fact]
    public void Axes_move_and_come()
    {
        Node x = Constant(NDArray.Zeros(2, 3, 4));
        Has(x.MoveAxis(0, -1), 3, 4, 2);
        Has(x.MoveAxis([0, 1], [2, 0]), 3, 4, 2);
        Has(x.ExpandDims(0, -1), 1, 2, 3, 4, 1);
        Has(x.Rot90(), 3, 2, 4);
        Has(x.Rot90(1, 1, 2), 2, 4, 3);
    }

    [Fact]
    public void Elements_turn_and_move_on()
    {
        Is(new double[,] { { 6, 5, 4 }, { 3, 2, 1 } }, Matrix.Flip());
        Is(new double[,] { { 4, 5, 6 }, { 1, 2, 3 } }, Matrix.Flip(0));
        Is(new double[,] { { 6, 1, 2 }, { 3, 4, 5 } }, Matrix.Roll(1));
        Is(new double[,] { { 3, 1, 2 }, { 6, 4, 5 } }, Matrix.Roll(1, 1));
        Is(new double[,] { { 6, 4, 5 }, { 3, 1, 2 } }, Matrix.Roll([1, 1], [0, 1]));
    }

    [Fact]
    public void A_value_in_parts()
    {
        Assert.Equal([1, 1, 1], Matrix.Split(3, 1).Select(part => part.Shape[1]));
        Assert.Equal([1, 2], Matrix.Split([1], 1).Select(part => part.Shape[1]));
        Assert.Equal([2, 1], Matrix.Chunk(2, 1).Select(part => part.Shape[1]));
        Is(new double[,] { { 2, 3 }, { 5, 6 } }, Matrix.Split([1], 1)[1]);
    }

    [Fact]
    public void Values_repeated_and_padded()
    {
        Is(new[] { 1, 2, 3, 1, 2, 3 }, Whole.Tile(2));
        Is(new[] { 1, 1, 2, 2, 3, 3 }, Whole.Repeat(2));
        Is(new[] { 1, 3, 3 }, Whole.Repeat([1, 0, 2]));
        Has(Matrix.Repeat(2), 12);
        Has(Matrix.Repeat(2, axis: 0), 4, 3);
        Is(new[] { 7, 1, 2, 3, 7 }, Whole.Pad([(1, 1)], 7));
        Is(new[] { 2, 1, 2, 3, 2 }, Whole.Pad([(1, 1)], PadMode.Reflect));
        Is(new[] { 0, 1, 2, 3 }, Whole.Pad((1, 0)));
    }

    [Fact]
    public void Elements_by_their_indices()
    {
        Node order = Constant(NDArray.From(new[,] { { 2, 0 }, { 0, -1 } }));
        Is(new double[,] { { 3, 1 }, { 4, 6 } }, Matrix.TakeAlongAxis(order, 1));
        Is(new double[,] { { 3, 1 }, { 4, 6 } }, Matrix.Gather(order, 1));
        Is(new double[,] { { 2, 2, 4 }, { 5, 5, 7 } }, Matrix.ScatterAdd(order, Constant(NDArray.Ones(2, 2)), 1));
        Is(new[,] { { 0f, 1f }, { 0f, 0f }, { 0f, 0f } }, Whole.OneHot(2, DType.Float32));
        Is(new double[,] { { 1, 2, 3 }, { 0, 0, 0 } }, Matrix.MaskedFill(Matrix > 3, 0));
    }

    [Fact]
    public void Diagonals_and_triangles()
    {
        Is(new double[] { 1, 5 }, Matrix.Diagonal());
        Is(new double[] { 2, 6 }, Matrix.Diagonal(1));
        Is(NDArray.Scalar(8.0), Matrix.Trace(offset: 1));
        Is(new double[,] { { 1, 0, 0 }, { 4, 5, 0 } }, Matrix.Tril());
        Is(new double[,] { { 0, 2, 3 }, { 0, 0, 6 } }, Matrix.Triu(1));
        Is(new[,] { { 0, 1 }, { 0, 0 } }, Constant([1]).Diag(1));
        Has(Matrix.DiagEmbed(), 2, 3, 3);
        Is(NDArray.Eye(2, 3, 1, DType.Int64), Eye(2, 3, 1, DType.Int64));
        Is(new[] { 4, 4, 4 }, FullLike(Whole, 4));
        Assert.Equal(2, Meshgrid([Whole, Whole]).Length);
        Has(Meshgrid([Whole, Constant([1, 2])], MeshIndexing.IJ)[0], 3, 2);
    }

    [Fact]
    public void Products_of_every_kind()
    {
        Node u = Constant([1.0, 2, 3]);
        Node v = Constant([4.0, 5, 6]);
        Is(NDArray.Scalar(32.0), Dot(u, v));
        Is(NDArray.Scalar(32.0), Inner(u, v));
        Is(NDArray.Scalar(91.0), Vdot(Matrix, Matrix));
        Is(new double[] { -3, 6, -3 }, Cross(u, v));
        Has(Kron(u, v), 9);
        Is(NDArray.Scalar(91.0), Tensordot(Matrix, Matrix));
        Has(Tensordot(Matrix, Matrix, [0], [0]), 3, 3);
        Is(new double[,] { { 1, 3 }, { 0, 1 } }, MatrixPower(Constant(new double[,] { { 1, 1 }, { 0, 1 } }), 3));
        Is(NDArray.Scalar(32.0), u.Dot(v));
        Is(NDArray.Scalar(32.0), u.Inner(v));
        Is(NDArray.Scalar(32.0), u.Vdot(v));
        Is(NDArray.Scalar(32.0), u.Tensordot(v, 1));
        Is(NDArray.Scalar(32.0), u.Tensordot(v, [0], [0]));
        Is(new double[] { -3, 6, -3 }, u.Cross(v));
        Has(u.Kron(v), 9);
        Is(NDArray.Eye(2), Constant(NDArray.Eye(2)).MatrixPower(5));
        Node weight = Constant(NDArray.Ones(2, 3, 3));
        Is(new double[] { 90, 90 }, Bilinear(u, v, weight));
        Is(new double[] { 91, 92 }, Bilinear(u, v, weight, Constant([1.0, 2])));
    }

    [Fact]
    public void Gradients_pass()
    {
        Node x = Variable([1.0, 2, 3], "x");
        Is(new double[] { 2, 2, 2 }, x.Tile(2).Sum().Grad(x));
        Is(new double[] { 1, 2, 1 }, x.Pad([(1, 0)], PadMode.Reflect).Sum().Grad(x));
        Is(new double[] { 4, 5, 6 }, Dot(x, Constant([4.0, 5, 6])).Grad(x));
    }
}
