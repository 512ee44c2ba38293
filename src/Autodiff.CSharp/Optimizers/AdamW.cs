namespace Autodiff.CSharp;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019): the parameter also shrinks by rate decay p, which
/// does not pass through the averages.
/// </summary>
/// <param name="learningRate">How far a step goes.</param>
/// <param name="beta1">How much of the average of gradients stays from step to step.</param>
/// <param name="beta2">How much of the average of squares stays from step to step.</param>
/// <param name="epsilon">What keeps the quotient finite.</param>
/// <param name="weightDecay">How much of itself a parameter loses in a step with rate 1.</param>
public sealed class AdamW(
    LearningRate learningRate,
    double beta1 = 0.9,
    double beta2 = 0.999,
    double epsilon = 1e-8,
    double weightDecay = 0.01)
    : Adam(learningRate, beta1, beta2, epsilon)
{
    /// <inheritdoc/>
    protected override ParameterUpdate Rule(
        Node parameter, Node gradient, IReadOnlyList<Node> slots, Node rate, Node step)
    {
        var update = base.Rule(parameter, gradient, slots, rate, step);
        return update with { Parameter = update.Parameter - rate * (weightDecay * parameter) };
    }
}
