using Autodiff.CSharp;
using Xunit;

namespace Autodiff.Api;

public class TrainingStateTests
{
    private static readonly RandomSource Source = new(11);
    private static readonly NDArray Points = Source.Fold("x").Normal([64, 3]);

    private sealed class Reports : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> All { get; } = [];

        public void Report(TrainingProgress value) => All.Add(value);
    }

    /// <summary>A line through points that lie on one: w = [1, -2, 3], b = 4.</summary>
    private static (TrainingState State, Node X, Node Prediction, NDArray Y) Line(Optimizer optimizer)
    {
        var model = new Dense(3, 1).Initialize(Source);
        Node x = Ad.Input("x", Points.Shape);
        Node y = Ad.Input("y", [64, 1]);
        Node prediction = model.Apply(x);
        var truth = (Ad.Constant(Points).MatMul(Ad.Constant(new double[,] { { 1 }, { -2 }, { 3 } })) + 4).Eval();
        return (new TrainingState(prediction.MeanSquaredError(y), model, optimizer, x, y), x, prediction, truth);
    }

    [Fact]
    public void Training_finds_the_line()
    {
        var (state, x, prediction, y) = Line(new Adam(0.1));
        var first = state.Step(Points, y);
        for (var i = 0; i < 400; i++)
            state.Step(Points, y);
        Assert.True(state.Step(Points, y) < 1e-6 * first);
        Assert.Equal(402, state.Steps);
        Assert.True(state.Parameters["w"].AllClose(new double[,] { { 1 }, { -2 }, { 3 } }, atol: 1e-2));
        Assert.True(state.Parameters["b"].AllClose(new[] { 4.0 }, atol: 1e-2));
        Assert.True(state.Eval(prediction, (x, Points)).AllClose(y, atol: 0.1));
    }

    [Fact]
    public void A_step_gives_the_values_of_further_nodes_before_its_change()
    {
        Node w = Ad.Variable(3.0, "w");
        Node x = Ad.Input("x", []);
        var state = new TrainingState((w * x).Square(), [w], new Sgd(0.5), [x], [w * x, x + 1]);
        var (loss, outputs) = state.StepWith(2.0);
        Assert.Equal(36, loss);
        Assert.Equal([6.0, 3.0], outputs.Select(output => (double)output));
        // w - 0.5 (2 w x x)
        Assert.Equal(-9, (double)state.Parameters["w"]);
    }

    [Fact]
    public void What_was_read_does_not_change()
    {
        var (state, _, _, y) = Line(new Sgd(0.1));
        var before = state.Parameters;
        var copy = before["w"].ToArray<double>();
        state.Step(Points, y);
        Assert.Equal(copy, before["w"].ToArray<double>());
        Assert.NotEqual(copy, state.Parameters["w"].ToArray<double>());
    }

    [Fact]
    public void Training_goes_on_from_a_checkpoint_as_it_would_have()
    {
        var (first, _, _, y) = Line(new Adam(0.1));
        for (var i = 0; i < 5; i++)
            first.Step(Points, y);
        using var file = new MemoryStream();
        Safetensors.Write(file, first.Checkpoint);
        for (var i = 0; i < 5; i++)
            first.Step(Points, y);

        var (second, _, _, _) = Line(new Adam(0.1));
        file.Position = 0;
        second.Restore(Safetensors.Read(file));
        Assert.Equal(5, second.Steps);
        for (var i = 0; i < 5; i++)
            second.Step(Points, y);
        foreach (var (name, array) in first.Checkpoint)
            Assert.True(array.IsSameAs(second.Checkpoint[name]), name);
    }

    [Fact]
    public void Parameters_can_be_loaded()
    {
        var (state, _, _, _) = Line(new Adam(0.1));
        var values = new Dictionary<string, NDArray> { ["w"] = NDArray.Ones(3, 1), ["b"] = new[] { 2.0 } };
        state.Load(values);
        Assert.True(state.Parameters["w"].IsSameAs(NDArray.Ones(3, 1)));
        Assert.Equal(["w", "b"], state.Parameters.Keys);

        values["c"] = 1.0;
        Assert.Contains("nothing named 'c'", Assert.Throws<ArgumentException>(() => state.Load(values)).Message, StringComparison.Ordinal);
        values.Remove("c");
        values["b"] = 2.0;
        Assert.Contains("'b' has shape [1]", Assert.Throws<ShapeException>(() => state.Load(values)).Message, StringComparison.Ordinal);
        values["b"] = new[] { 2f };
        Assert.Contains("'b' is Float64", Assert.Throws<DTypeException>(() => state.Load(values)).Message, StringComparison.Ordinal);
        values.Remove("b");
        Assert.Contains("no value for 'b'", Assert.Throws<ArgumentException>(() => state.Load(values)).Message, StringComparison.Ordinal);
        Assert.Contains("optimizer/", Assert.Throws<ArgumentException>(() => state.Restore(state.Parameters)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_is_reported_and_training_can_be_ended()
    {
        var (state, _, _, y) = Line(new Sgd(0.1));
        var reports = new Reports();
        var mean = state.Train(Enumerable.Repeat<NDArray[]>([Points, y], 3), reports, TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 3], reports.All.Select(report => report.Step));
        Assert.Equal(reports.All.Average(report => report.Loss), mean, 1e-12);
        Assert.True(double.IsNaN(state.Train([], cancellation: TestContext.Current.CancellationToken)));
        Assert.Throws<OperationCanceledException>(() => state.Train([[Points, y]], cancellation: new CancellationToken(true)));
        Assert.Equal(3, state.Steps);
    }

    [Fact]
    public void What_cannot_be_trained_is_refused()
    {
        Node w = Ad.Variable([1.0, 2.0], "w");
        Node x = Ad.Input("x", [2]);
        Assert.Throws<ShapeException>(() => new TrainingState(w * 2, [w], new Sgd(0.1)));
        Assert.Throws<ArgumentException>(() => new TrainingState(w.Sum(), [w, w], new Sgd(0.1)));
        Assert.Throws<ArgumentException>(() => new TrainingState(w.Sum(), [w, Ad.Variable(1.0, "w")], new Sgd(0.1)));
        Assert.Throws<ArgumentException>(() => new TrainingState(w.Sum(), [w * 2], new Sgd(0.1)));
        Assert.Throws<UnboundInputException>(() => new TrainingState((w * x).Sum(), [w], new Sgd(0.1)));
        Assert.Throws<InvalidOperationException>(() => new TrainingState(w.Sum(), new Dense(1, 1), new Sgd(0.1)));
        var state = new TrainingState((w * x).Sum(), [w], new Sgd(0.1), x);
        Assert.Contains("takes 1 inputs, 0 were given", Assert.Throws<ArgumentException>(() => state.Step()).Message, StringComparison.Ordinal);
        Assert.Contains("'x'", Assert.Throws<ShapeException>(() => state.Step(1.0)).Message, StringComparison.Ordinal);
        Assert.Equal(0, state.Steps);
    }

    [Fact]
    public void Steps_from_many_threads_are_all_taken()
    {
        var (state, _, _, y) = Line(new Sgd(0.01));
        Parallel.For(0, 40, _ => state.Step(Points, y));
        Assert.Equal(40, state.Steps);
    }

    [Fact]
    public void A_step_allocates_no_arrays_for_the_state()
    {
        var start = Source.Fold("large").Normal([300, 300]);
        Node w = Ad.Variable(start, "w");
        var state = new TrainingState((w - 1).Square().Sum() + w.MatMul(w).Square().Mean(), [w], new Adam(0.01));
        var before = state.Parameters["w"];
        for (var i = 0; i < 40; i++)
            state.Step();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
            state.Step();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 10 * 2000);
        Assert.Equal(start.ToArray<double>(), before.ToArray<double>());
    }

    [Fact]
    public void Steps_in_place_are_those_of_steps_that_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        var (inPlace, _, _, y) = Line(new Adam(0.1));
        var (apart, _, _, _) = Line(new Adam(0.1));
        for (var i = 0; i < 7; i++)
            inPlace.Step(Points, y);
        apart.Train(Enumerable.Repeat<NDArray[]>([Points, y], 4), cancellation: source.Token);
        for (var i = 0; i < 2; i++)
            apart.Step(Points, y);
        apart.Train([[Points, y]], cancellation: source.Token);
        Assert.Equal(7, apart.Steps);
        Assert.All(inPlace.Checkpoint, pair => Assert.True(pair.Value.AllClose(apart.Checkpoint[pair.Key], rtol: 0, atol: 0)));
    }
}
