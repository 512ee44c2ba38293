namespace Autodiff.CSharp;

/// <summary>
/// Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1): m and v are moving averages of
/// g and g^2, and p becomes p - rate m' / (sqrt v' + epsilon), where m' = m / (1 - beta1^t) and v' = v / (1 - beta2^t).
/// </summary>
/// <param name="learningRate">How far a step goes.</param>
/// <param name="beta1">How much of the average of gradients stays from step to step.</param>
/// <param name="beta2">How much of the average of squares stays from step to step.</param>
/// <param name="epsilon">What keeps the quotient finite.</param>
public class Adam(LearningRate learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
    : Optimizer(learningRate)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Slots => ["m", "v"];

    /// <inheritdoc/>
    protected override ParameterUpdate Rule(
        Node parameter, Node gradient, IReadOnlyList<Node> slots, Node rate, Node step)
    {
        var m = Average(beta1, slots[0], gradient);
        var v = Average(beta2, slots[1], gradient.Square());
        // What averages that began at zero lack; taken in Float64, where 1 - beta^t keeps its digits.
        Node Corrected(Node average, double beta) => average / (1 - Ad.Pow(beta, step)).Cast(parameter.DType);
        return new(parameter - rate * Corrected(m, beta1) / (Corrected(v, beta2).Sqrt() + epsilon), m, v);
    }
}
