using Autodiff.CSharp;
using Xunit;

namespace Autodiff.Api;

/// <summary>Each rule against a loop written by hand, on f(p) = sum of c (p - target)^2 / 2, whose gradient is c (p - target).</summary>
public class OptimizerTests
{
    private const int Steps = 25;

    private static readonly double[] Start = [1.0, -2.0, 0.5];
    private static readonly double[] Curvature = [1.0, 0.25, 3.0];
    private static readonly double[] Target = [0.0, 1.0, 0.5];

    /// <summary>What a rule by hand makes of one number, its gradient, its two slots and the number of the step.</summary>
    private delegate double Rule(double p, double g, ref double first, ref double second, int step);

    [Fact]
    public void Sgd_follows_the_gradient() =>
        Agree(new Sgd(0.1), (double p, double g, ref double _, ref double _, int _) => p - 0.1 * g);

    [Fact]
    public void Momentum_keeps_a_velocity() =>
        Agree(new Momentum(0.1, 0.8), (double p, double g, ref double v, ref double _, int _) =>
            p - 0.1 * (v = 0.8 * v + g));

    [Fact]
    public void Nesterov_looks_ahead() =>
        Agree(new Nesterov(0.1, 0.8), (double p, double g, ref double v, ref double _, int _) =>
            p - 0.1 * (g + 0.8 * (v = 0.8 * v + g)));

    [Fact]
    public void Adagrad_divides_by_the_root_of_all_squares() =>
        Agree(new Adagrad(0.1), (double p, double g, ref double s, ref double _, int _) =>
            p - 0.1 * g / (Math.Sqrt(s += g * g) + 1e-10));

    [Fact]
    public void RmsProp_divides_by_the_root_of_the_mean_square() =>
        Agree(new RmsProp(0.1, 0.9), (double p, double g, ref double s, ref double _, int _) =>
            p - 0.1 * g / (Math.Sqrt(s = 0.9 * s + 0.1 * g * g) + 1e-8));

    [Fact]
    public void Adam_corrects_averages_that_began_at_zero() =>
        Agree(new Adam(0.1), (double p, double g, ref double m, ref double v, int t) => Adam(p, g, ref m, ref v, t));

    [Fact]
    public void AdamW_shrinks_the_parameter_beside_the_averages() =>
        Agree(new AdamW(0.1, weightDecay: 0.2), (double p, double g, ref double m, ref double v, int t) =>
            Adam(p, g, ref m, ref v, t) - 0.1 * 0.2 * p);

    /// <summary>The first step of Adam is one learning rate against the sign of the gradient, up to epsilon.</summary>
    [Fact]
    public void The_first_step_of_Adam_has_the_length_of_its_rate()
    {
        var state = Problem(new Adam(0.1), DType.Float64);
        state.Step();
        Assert.True(state.Parameters["p"].AllClose(new[] { 0.9, -1.9, 0.5 }, atol: 1e-7));
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void Every_rule_keeps_the_element_type_and_descends(DType dtype)
    {
        Optimizer[] all =
        [
            new Sgd(0.1), new Momentum(0.05), new Nesterov(0.05), new Adagrad(0.5), new RmsProp(0.05), new Adam(0.1),
            new AdamW(0.1, weightDecay: 0.0),
        ];
        foreach (var optimizer in all)
        {
            var state = Problem(optimizer, dtype);
            var first = state.Step();
            for (var i = 0; i < 300; i++)
                state.Step();
            Assert.True(state.Step() < 0.01 * first, optimizer.GetType().Name);
            Assert.All(state.Checkpoint.Where(pair => pair.Key != "optimizer/step"), pair => Assert.Equal(dtype, pair.Value.DType));
        }
    }

    [Fact]
    public void A_learning_rate_may_be_a_schedule()
    {
        Agree(new Sgd(new LearningRate(step => 0.5 / step)), (double p, double g, ref double _, ref double _, int t) =>
            p - 0.5 / t * g);
        Agree(
            new Sgd(LearningRate.CosineDecay(0.2, steps: 10, end: 0.01).WithWarmup(4)),
            (double p, double g, ref double _, ref double _, int t) =>
                p - g * Math.Min(t / 4.0, 1) * (0.01 + 0.095 * (1 + Math.Cos(Math.PI * Math.Min((t - 1) / 10.0, 1)))));
        Agree(
            new Sgd(LearningRate.ExponentialDecay(0.3, 0.5, steps: 7)),
            (double p, double g, ref double _, ref double _, int t) => p - 0.3 * Math.Pow(0.5, (t - 1) / 7.0) * g);
        Assert.Throws<ShapeException>(() => Problem(new Sgd(new LearningRate(_ => Ad.Constant([0.1]))), DType.Float64));
    }

    [Fact]
    public void A_rule_of_ones_own_is_checked()
    {
        var error = Assert.Throws<ArgumentException>(() => Problem(new Broken(), DType.Float64));
        Assert.Contains("Broken makes Float64[] of 'p', which is Float64[3]", error.Message, StringComparison.Ordinal);
        Node x = Ad.Variable(1.0, "x");
        Assert.Throws<ArgumentException>(() => new Adam(0.1).Update(x, x, [x], 1.0));
    }

    private static double Adam(double p, double g, ref double m, ref double v, int t)
    {
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        return p - 0.1 * (m / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v / (1 - Math.Pow(0.999, t))) + 1e-8);
    }

    private static TrainingState Problem(Optimizer optimizer, DType dtype)
    {
        Node p = Ad.Variable(NDArray.Create(Start).AsType(dtype), "p");
        Node away = p - Ad.Constant(Target).Cast(dtype);
        return new TrainingState((Ad.Constant(Curvature).Cast(dtype) * away.Square()).Sum() / 2, [p], optimizer);
    }

    private static void Agree(Optimizer optimizer, Rule rule)
    {
        var state = Problem(optimizer, DType.Float64);
        var (p, first, second) = ((double[])Start.Clone(), new double[3], new double[3]);
        for (var step = 1; step <= Steps; step++)
        {
            state.Step();
            for (var i = 0; i < p.Length; i++)
                p[i] = rule(p[i], Curvature[i] * (p[i] - Target[i]), ref first[i], ref second[i], step);
            Assert.True(state.Parameters["p"].AllClose(p, rtol: 1e-11, atol: 1e-12), $"step {step}: {state.Parameters["p"]}");
        }
    }

    private sealed class Broken() : Optimizer(0.1)
    {
        protected override ParameterUpdate Rule(
            Node parameter, Node gradient, IReadOnlyList<Node> slots, Node rate, Node step) => new(parameter.Sum());
    }
}
