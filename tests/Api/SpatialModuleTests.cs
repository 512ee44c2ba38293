using Autodiff.CSharp;
using Xunit;

namespace Autodiff.Api;

/// <summary>Convolutions and normalisations as modules, and normalisations as C# calls them.</summary>
public class SpatialModuleTests
{
    private static readonly Node Images = Ad.Constant(new RandomSource(1).Normal([2, 4, 5, 6]));

    private static void Same(Node expected, Node actual) =>
        Assert.True(actual.Eval().AllClose(expected.Eval(), 1e-12, 1e-12), $"{actual.Eval()} instead of {expected.Eval()}");

    private static Node P(Module module, string name) => module.Parameters[name].Node;

    [Fact]
    public void A_convolution_has_kernels_and_a_bias()
    {
        var layer = new Conv2d(4, 6, [3, 2], stride: [2, 1], padding: 1, dilation: [1, 2], groups: 2)
            .Initialize(new RandomSource(3));
        Assert.Equal([6, 2, 3, 2], layer.Parameters["w"].Shape);
        var expected = Images.Conv2d(
            P(layer, "w"), P(layer, "b"), stride: [2, 1], padding: 1, dilation: [1, 2], groups: 2);
        Same(expected, layer.Apply(Images));
        Assert.Equal(["w"], new Conv2d(4, 6, 3, hasBias: false).Parameters.Keys);
    }

    [Fact]
    public void Convolutions_of_other_axes()
    {
        var line = new Conv1d(4, 2, 3, padding: Padding.Same).Initialize(new RandomSource(3));
        Assert.Equal([2, 2, 30], line.Apply(Images.Reshape(2, 4, 30)).Shape);
        var space = new Conv3d(1, 2, 3, dtype: DType.Float32).Initialize(new RandomSource(3));
        Assert.Equal([2, 2, 2, 3, 4], space.Apply(Images.Reshape(2, 1, 4, 5, 6)).Shape);
        Assert.Equal(DType.Float32, space.Parameters["b"].DType);
    }

    [Fact]
    public void Kernels_are_drawn_as_initializers_see_them()
    {
        Initializer inputs = (_, shape, _) => NDArray.Arange(0, shape.Size).Reshape(shape);
        var layer = new Conv1d(2, 3, 4, initializer: inputs).Initialize(new RandomSource(3));
        Same(Ad.Constant(NDArray.Arange(0, 24).Reshape(4, 2, 3)).Transpose(2, 1, 0), P(layer, "w"));
    }

    [Fact]
    public void Convolutions_that_do_not_fit_are_refused()
    {
        Assert.Throws<ShapeException>(() => new Conv2d(4, 6, 3, groups: 3));
        Assert.Throws<ShapeException>(() => new Conv2d(4, 6, 3, groups: 0));
        Assert.Throws<ShapeException>(() => new Conv2d(4, 6, [3, 3, 3]));
        Assert.Throws<ShapeException>(() => new Conv2d(4, 6, []));
        Assert.Throws<ShapeException>(() => new GroupNorm(3, 4));
    }

    [Fact]
    public void Norms_are_functions_with_parameters()
    {
        var random = new RandomSource(4);
        Node w = Ad.Constant(random.Fold("w").Uniform([4], 0.5, 1.5)), b = Ad.Constant(random.Fold("b").Normal([4]));
        var x = Images.Transpose(0, 2, 3, 1);
        var center = x - x.Mean(-1, keepDims: true);
        var expected = center / (x.Variance(-1, keepDims: true) + 0.1).Sqrt() * w + b;
        Same(expected, x.LayerNorm([4], w, b, 0.1));
        Same(x / (x.Square().Mean(-1, keepDims: true) + 0.1).Sqrt() * w, x.RmsNorm([4], w, 0.1));
        Same(x / (x.Square().Mean(-1, keepDims: true) + Math.ScaleB(1, -52)).Sqrt(), x.RmsNorm([4]));
        Same(Images.InstanceNorm(w, b), Images.GroupNorm(4, w, b));
        Same(Images.Reshape(2, 120).LayerNorm([120]).Reshape(2, 4, 5, 6), Images.GroupNorm(1));
        var (value, mean, variance) = Images.BatchNorm(w, b, 0.1);
        Same(Images.Mean([0, 2, 3]), mean);
        Same(Images.Variance([0, 2, 3], ddof: 1), variance);
        Same(value, Images.BatchNormInference(mean, variance * (59.0 / 60), w, b, 0.1));
    }

    [Fact]
    public void Norms_as_modules_begin_without_effect()
    {
        var source = new RandomSource(3);
        var layer = new LayerNorm([5, 6]).Initialize(source);
        Same(Images.LayerNorm([5, 6]), layer.Apply(Images));
        Assert.Equal(["w", "b"], layer.Parameters.Keys);
        Assert.Equal(["w"], new LayerNorm([6], hasBias: false).Parameters.Keys);
        Same(Images.RmsNorm([6], epsilon: 0.5), new RmsNorm([6], 0.5).Initialize(source).Apply(Images));
        Same(Images.GroupNorm(2, epsilon: 0.5), new GroupNorm(2, 4, 0.5).Initialize(source).Apply(Images));
        var batch = new BatchNorm(4).Initialize(source);
        var (value, mean, variance) = batch.Apply(Images);
        Same(Images.BatchNorm().Value, value);
        Same(Images.BatchNormInference(mean, variance), batch.Apply(Images, mean, variance));
    }

    private sealed class Classifier : Layer
    {
        private readonly Layer first, second, output;
        private readonly BatchNorm norm;

        public Classifier()
        {
            first = AddModule("first", new Conv2d(1, 4, 3, padding: Padding.Same));
            norm = AddModule("norm", new BatchNorm(4));
            second = AddModule("second", new Conv2d(4, 4, 3));
            output = AddModule("output", new Dense(4, 2));
        }

        protected override Node Forward(Node x)
        {
            var h = norm.Apply(first.Apply(x)).Value.Relu().MaxPool2d(2);
            return output.Apply(second.Apply(h).Relu().AdaptiveAvgPool2d(1).Reshape(-1, 4));
        }
    }

    [Fact]
    public void A_convolutional_network_learns_to_tell_stripes()
    {
        // Horizontal and vertical stripes.
        var images = new double[16 * 64];
        var labels = new double[16, 2];
        for (var i = 0; i < 16; i++)
        {
            labels[i, i % 2] = 1;
            for (var place = 0; place < 64; place++)
                images[(i * 64) + place] = ((i % 2 == 0 ? place / 8 : place % 8) + i) % 4 < 2 ? 1 : -1;
        }

        var model = new Classifier().Initialize(new RandomSource(42));
        Node x = Ad.Input("x", [16, 1, 8, 8], DType.Float64), t = Ad.Input("t", [16, 2], DType.Float64);
        var loss = model.Apply(x).SoftmaxCrossEntropy(t).Mean();
        var state = new TrainingState(loss, model, new Adam(0.05), x, t);
        var pixels = NDArray.Create(images, 16, 1, 8, 8);
        var first = state.Step(pixels, NDArray.From(labels));
        for (var step = 0; step < 40; step++)
            state.Step(pixels, NDArray.From(labels));
        var last = state.Step(pixels, NDArray.From(labels));
        Assert.True(last < 0.05 && last < first, $"the loss went from {first} to {last}");
    }
}
