namespace Autodiff.CSharp;

/// <summary>
/// RMSProp (Tieleman and Hinton, 2012): s becomes decay s + (1 - decay) g^2, and p becomes p - rate g / (sqrt s + epsilon).
/// </summary>
/// <param name="learningRate">How far a step goes.</param>
/// <param name="decay">How much of the average stays from step to step.</param>
/// <param name="epsilon">What keeps the quotient finite.</param>
public sealed class RmsProp(LearningRate learningRate, double decay = 0.99, double epsilon = 1e-8)
    : Optimizer(learningRate)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Slots => ["squares"];

    /// <inheritdoc/>
    protected override ParameterUpdate Rule(
        Node parameter, Node gradient, IReadOnlyList<Node> slots, Node rate, Node step)
    {
        var squares = Average(decay, slots[0], gradient.Square());
        return new(parameter - rate * gradient / (squares.Sqrt() + epsilon), squares);
    }
}
