namespace Autodiff.CSharp;

/// <summary>Gradient descent: p - rate g.</summary>
/// <param name="learningRate">How far a step goes.</param>
public sealed class Sgd(LearningRate learningRate) : Optimizer(learningRate)
{
    /// <inheritdoc/>
    protected override ParameterUpdate Rule(
        Node parameter, Node gradient, IReadOnlyList<Node> slots, Node rate, Node step) =>
        new(parameter - rate * gradient);
}
