namespace Autodiff.CSharp;

/// <summary>
/// Adagrad (Duchi, Hazan and Singer, 2011): s becomes s + g^2, and p becomes p - rate g / (sqrt s + epsilon).
/// </summary>
/// <param name="learningRate">How far a step goes.</param>
/// <param name="epsilon">What keeps the quotient finite.</param>
public sealed class Adagrad(LearningRate learningRate, double epsilon = 1e-10) : Optimizer(learningRate)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Slots => ["squares"];

    /// <inheritdoc/>
    protected override ParameterUpdate Rule(
        Node parameter, Node gradient, IReadOnlyList<Node> slots, Node rate, Node step)
    {
        var squares = slots[0] + gradient.Square();
        return new(parameter - rate * gradient / (squares.Sqrt() + epsilon), squares);
    }
}
