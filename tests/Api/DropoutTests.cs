using Autodiff.CSharp;
using Xunit;
using static Autodiff.CSharp.Ad;

namespace Autodiff.Api;

public class DropoutTests
{
    private static readonly Node Ones = Constant(NDArray.Ones(200));

    [Fact]
    public void Elements_are_dropped_or_scaled()
    {
        var key = GraphRandom.Key(3);
        Assert.Equal([0.0, 2.0], Ones.Dropout(0.5, key).Eval().ToArray<double>().Distinct().Order());
        Assert.Same(Ones, Ones.Dropout(0.5, key, isTraining: false));
        Assert.Throws<ArgumentException>(() => Ones.Dropout(1.5, key));
        Assert.Throws<DTypeException>(() => Ones.Dropout(0.5, 1.5));
        Assert.Throws<ArgumentNullException>(() => Ones.Dropout(0.5, null!));
    }

    [Fact]
    public void A_layer_drops_by_its_place_and_its_flag()
    {
        var key = Input("key", [], DType.Int64);
        var training = Input("training", [], DType.Bool);
        var both = new Sequential(new Dropout(0.5, key, training), new Dropout(0.5, key, training)).Apply(Ones);
        var single = new Sequential(new Dropout(0.5, key, training)).Apply(Ones);
        Assert.Equal(Ones.Eval().ToArray<double>(), both.Eval((key, 1L), (training, false)).ToArray<double>());
        // Two independent masks leave a quarter.
        var kept = both.Eval((key, 1L), (training, true)).ToArray<double>().Count(e => e != 0);
        Assert.InRange(kept, 50 - 25, 50 + 25);
        Assert.InRange(single.Eval((key, 1L), (training, true)).ToArray<double>().Count(e => e != 0), 100 - 29, 100 + 29);
        Assert.False(single.Eval((key, 1L), (training, true)).IsSameAs(single.Eval((key, 2L), (training, true))));
        Assert.True(single.Eval((key, 1L), (training, true)).IsSameAs(single.Eval((key, 1L), (training, true))));
    }

    [Fact]
    public void Senseless_arguments_are_refused()
    {
        var key = GraphRandom.Key(3);
        Assert.Throws<ArgumentException>(() => new Dropout(-0.5, key));
        Assert.Throws<ArgumentException>(() => new Dropout(double.NaN, key));
        Assert.Throws<DTypeException>(() => new Dropout(0.5, 1.5));
        Assert.Throws<ShapeException>(() => new Dropout(0.5, GraphRandom.Split(key, 2)));
        Assert.Throws<DTypeException>(() => new Dropout(0.5, key, 1));
        Assert.Throws<ShapeException>(() => new Dropout(0.5, key, NDArray.Create([true, false])));
        Assert.Throws<ArgumentNullException>(() => new Dropout(0.5, null!));
    }

    [Fact]
    public void Training_with_noise_goes_on_from_a_checkpoint_as_it_would_have()
    {
        var source = new RandomSource(5);
        var (whole, halves) = (State(), State());
        var losses = Enumerable.Range(0, 6).Select(_ => Step(whole)).ToArray();
        for (var i = 0; i < 3; i++)
            Assert.Equal(losses[i], Step(halves));
        var resumed = State();
        resumed.Restore(halves.Checkpoint);
        for (var i = 3; i < 6; i++)
            Assert.Equal(losses[i], Step(resumed));
        Assert.Equal(6, losses.Distinct().Count());

        double Step(TrainingState state) =>
            state.Step(NDArray.Full([4, 8], 0.5), NDArray.Ones(4, 1), source.Fold(state.Steps).Seed);

        static TrainingState State()
        {
            var (x, y, key) = (Input("x", [4, 8]), Input("y", [4, 1]), Input("key", [], DType.Int64));
            var model = new Sequential(new Dense(8, 16), new Lambda(h => h.Tanh()), new Dropout(0.5, key), new Dense(16, 1))
                .Initialize(new RandomSource(1));
            return new TrainingState(model.Apply(x).MeanSquaredError(y), model, new Adam(0.01), x, y, key);
        }
    }
}
