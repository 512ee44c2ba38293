namespace Autodiff.CSharp;

/// <summary>What becomes of a parameter and of its state in one step.</summary>
/// <param name="Parameter">The new parameter.</param>
/// <param name="Slots">The new state, in the order of <see cref="Optimizer.Slots"/>.</param>
public sealed record ParameterUpdate(Node Parameter, params IReadOnlyList<Node> Slots);

/// <summary>
/// A rule that moves parameters against their gradients, written as a graph: a training step is one compiled graph with
/// the loss, its gradients and the updates in it.
/// </summary>
/// <param name="learningRate">How far a step goes.</param>
public abstract class Optimizer(LearningRate learningRate)
{
    /// <summary>How far a step goes.</summary>
    public LearningRate LearningRate { get; } = learningRate;

    /// <summary>
    /// The names of the arrays that are kept for each parameter from step to step. They have its shape and element type,
    /// and begin at zero.
    /// </summary>
    public virtual IReadOnlyList<string> Slots => [];

    /// <summary>The graph of a parameter's update.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">The gradient of the loss for it.</param>
    /// <param name="slots">Its state, in the order of <see cref="Slots"/>.</param>
    /// <param name="step">The number of the step, a Float64 scalar; the first is 1.</param>
    /// <exception cref="ArgumentException">There are not as many arrays of state as slots.</exception>
    public ParameterUpdate Update(Node parameter, Node gradient, IReadOnlyList<Node> slots, Node step)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(slots);
        return slots.Count == Slots.Count
            ? Rule(parameter, gradient, slots, LearningRate.At(step).Cast(parameter.DType), step)
            : throw new ArgumentException($"{GetType().Name} keeps {Slots.Count} arrays for a parameter, {slots.Count} were given");
    }

    /// <summary>The rule.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">The gradient of the loss for it.</param>
    /// <param name="slots">Its state, in the order of <see cref="Slots"/>.</param>
    /// <param name="rate">The learning rate at this step, in the parameter's element type.</param>
    /// <param name="step">The number of the step, a Float64 scalar; the first is 1.</param>
    protected abstract ParameterUpdate Rule(
        Node parameter, Node gradient, IReadOnlyList<Node> slots, Node rate, Node step);

    /// <summary>The moving average: decay old + (1 - decay) new.</summary>
    private protected static Node Average(double decay, Node old, Node latest) => decay * old + (1 - decay) * latest;
}
