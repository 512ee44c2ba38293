using Autodiff.CSharp;
using Xunit;

namespace Autodiff.Api;

/// <summary>Convolutions and poolings as C# calls them: what the options mean, and what default ones are.</summary>
public class ConvolutionTests
{
    private static readonly Node X = Ad.Variable(NDArray.Arange(0, 9).Reshape(1, 1, 3, 3), "x");
    private static readonly Node Ones = Ad.Constant(NDArray.Ones(1, 1, 2, 2));

    private static void Same(double[] expected, Node actual) => Assert.Equal(expected, actual.Eval().ToArray<double>());

    [Fact]
    public void A_convolution_has_stride_1_and_no_padding()
    {
        Same([8, 12, 20, 24], X.Conv2d(Ones));
        Assert.Equal([1, 1, 2, 2], X.Conv2d(Ones).Shape);
        Same([10, 14, 22, 26], X.Conv2d(Ones, bias: Ad.Constant(new double[] { 2 })));
    }

    [Fact]
    public void One_number_is_for_all_axes_and_several_for_one_each()
    {
        Same([8], X.Conv2d(Ones, stride: 2));
        Same([8, 12], X.Conv2d(Ones, stride: [2, 1]));
        Same([8], X.Conv2d(Ones, stride: new[] { 2, 2 }));
        Same([0 + 2 + 6 + 8], X.Conv2d(Ones, dilation: 2));
        Same([0, 3, 9, 24], X.Conv2d(Ones, stride: 2, padding: 1));
        Same([1, 3, 8, 12, 20, 24, 13, 15], X.Conv2d(Ones, padding: [1, 0]));
    }

    [Fact]
    public void Same_padding_keeps_the_sizes()
    {
        Assert.Equal([1, 1, 3, 3], X.Conv2d(Ones, padding: Padding.Same).Shape);
        Same([8, 12, 7, 20, 24, 13, 13, 15, 8], X.Conv2d(Ones, padding: Padding.Same));
    }

    [Fact]
    public void Groups_divide_the_channels()
    {
        var x = X.BroadcastTo(1, 2, 3, 3);
        var w = Ad.Stack([Ones[0], Ones[0] * 10]);
        Same([8, 12, 20, 24, 80, 120, 200, 240], x.Conv2d(w, groups: 2));
        Assert.Throws<ShapeException>(() => x.Conv2d(w));
    }

    [Fact]
    public void One_and_three_spatial_axes()
    {
        Same([1, 3, 7, 9, 13, 15], X.Reshape(3, 1, 3).Conv1d(Ad.Constant(NDArray.Ones(1, 1, 2))));
        Same([8, 20], X.Reshape(1, 1, 1, 3, 3).Conv3d(Ad.Constant(NDArray.Ones(1, 1, 1, 2, 2)), stride: [1, 1, 2])[0, 0, 0, .., 0]);
        Assert.Equal([1, 2], X.Reshape(1, 9)[.., ..3].Conv1d(Ad.Constant(NDArray.Ones(1, 1, 2))).Shape);
    }

    [Fact]
    public void A_transposed_convolution_comes_back()
    {
        var y = X.Conv2d(Ones, stride: 2, padding: 1);
        var gradient = Ad.Vjp(x => x.Conv2d(Ones, stride: 2, padding: 1), X).Pullback(y);
        Same(gradient.Eval().ToArray<double>(), y.ConvTranspose2d(Ones, stride: 2, padding: 1, outputPadding: 1));
        Same([1, 3, 2], Ad.Constant(NDArray.From(new[,] { { 1.0, 2.0 } })).ConvTranspose1d(Ad.Constant(NDArray.Ones(1, 1, 2))));
        Assert.Equal([1, 1, 3, 4, 5], Ad.Constant(NDArray.Ones(1, 2, 2, 2, 2))
            .ConvTranspose3d(Ad.Constant(NDArray.Ones(2, 1, 2, 2, 3)), stride: [1, 2, 2]).Shape);
    }

    [Fact]
    public void Columns_and_back()
    {
        var columns = X.Unfold([2, 2]);
        Assert.Equal([1, 4, 4], columns.Shape);
        Same([0, 1, 3, 4], columns[0, 0]);
        Same([0, 2, 2, 6, 16, 10, 6, 14, 8], columns.Fold([3, 3], [2, 2]));
    }

    [Fact]
    public void Poolings()
    {
        Same([4], X.MaxPool2d(2));
        Same([4, 5, 7, 8], X.MaxPool2d(2, stride: 1));
        Same([4, 5, 7, 8], X.MaxPool2d(2, ceilMode: true));
        Same([0, 2, 6, 8], X.MaxPool2d(2, padding: 1));
        Same([8], X.MaxPool2d(2, dilation: 2));
        Same([2, 3, 5, 6], X.AvgPool2d(2, stride: 1));
        Same([0, 0.75, 2.25, 6], X.AvgPool2d(2, padding: 1));
        Same([0, 1.5, 4.5, 6], X.AvgPool2d(2, padding: 1, countIncludePad: false));
        Same([2, 3.5, 6.5, 8], X.AvgPool2d(2, ceilMode: true));
        Same([4], X.AdaptiveAvgPool2d(1));
        Same([2, 3, 5, 6], X.AdaptiveAvgPool2d([2, 2]));
        Same([4, 5, 7, 8], X.AdaptiveMaxPool2d(2));
    }

    [Fact]
    public void Numbers_for_axes_are_values()
    {
        PerAxis two = 2, pair = [2, 1];
        Padding one = 1;
        Assert.True(two == PerAxis.Of(2) && two != pair && pair.Equals(new[] { 2, 1 }));
        Assert.True(one == Padding.Of(1) && one != Padding.Same && Padding.Valid == default);
        Assert.Equal(two.GetHashCode(), PerAxis.Of(2).GetHashCode());
        Assert.Equal("[2, 1] same", $"{pair} {Padding.Same}");
    }
}
