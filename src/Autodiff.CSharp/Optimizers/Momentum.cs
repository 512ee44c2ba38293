namespace Autodiff.CSharp;

/// <summary>Gradient descent with momentum (Polyak's heavy ball): v becomes decay v + g, and p becomes p - rate v.</summary>
/// <param name="learningRate">How far a step goes.</param>
/// <param name="decay">How much of the velocity stays from step to step.</param>
public sealed class Momentum(LearningRate learningRate, double decay = 0.9) : Optimizer(learningRate)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Slots => ["velocity"];

    /// <inheritdoc/>
    protected override ParameterUpdate Rule(
        Node parameter, Node gradient, IReadOnlyList<Node> slots, Node rate, Node step)
    {
        var velocity = decay * slots[0] + gradient;
        return new(parameter - rate * velocity, velocity);
    }
}
