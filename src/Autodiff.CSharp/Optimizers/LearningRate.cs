namespace Autodiff.CSharp;

/// <summary>
/// How far a step goes: a number, or a schedule, which is a graph over the number of the step, so that a changing rate
/// compiles nothing anew.
/// </summary>
/// <param name="schedule">The rate at a step; the first step has the number 1.</param>
public sealed class LearningRate(Func<Node, Node> schedule)
{
    /// <summary>The rate at a step.</summary>
    /// <param name="step">The number of the step, a Float64 scalar; the first is 1.</param>
    /// <exception cref="ShapeException">The schedule gives no scalar.</exception>
    public Node At(Node step)
    {
        var rate = schedule(step);
        return rate.Rank == 0
            ? rate
            : throw new ShapeException($"the schedule gives a learning rate of shape {rate.Shape}; it is one number");
    }

    /// <summary>The same rate at every step.</summary>
    /// <param name="rate">The rate.</param>
    public static implicit operator LearningRate(double rate) => new(_ => Ad.Constant(rate));

    /// <summary>A rate that falls by a factor every so many steps, smoothly: start factor^((t - 1) / steps).</summary>
    /// <param name="start">The rate of the first step.</param>
    /// <param name="factor">The factor, usually below 1.</param>
    /// <param name="steps">After how many steps it has been applied once.</param>
    public static LearningRate ExponentialDecay(double start, double factor, double steps) =>
        new(step => start * Ad.Pow(factor, (step - 1) / steps));

    /// <summary>
    /// A rate that falls along half a cosine, from start at the first step to end after so many steps, and stays there.
    /// </summary>
    /// <param name="start">The rate of the first step.</param>
    /// <param name="steps">How many steps it falls.</param>
    /// <param name="end">The rate from then on.</param>
    public static LearningRate CosineDecay(double start, double steps, double end = 0) => new(step =>
    {
        var progress = Ad.Minimum((step - 1) / steps, 1.0);
        return end + (start - end) / 2 * (1 + (Math.PI * progress).Cos());
    });

    /// <summary>This rate, after so many steps in which it grows from near 0 in proportion.</summary>
    /// <param name="steps">How many steps it grows.</param>
    public LearningRate WithWarmup(double steps) => new(step => Ad.Minimum(step / steps, 1.0) * schedule(step));
}
