namespace Autodiff.CSharp;

/// <summary>
/// Each element replaced by zero with a probability, and the rest scaled such that the mean stays. Which elements is
/// decided by a key, a value of the graph into which the layer folds its path: layers in different places see different noise.
/// </summary>
/// <remarks>A layer that is applied twice drops the same elements both times.</remarks>
/// <example>
/// A new key for each step, and no dropping in evaluation:
/// <code>
/// var key = Ad.Input("key", [], DType.Int64);
/// var training = Ad.Input("training", [], DType.Bool);
/// var model = new Sequential(new Dense(784, 32), new Dropout(0.5, key, training), new Dense(32, 10));
/// var state = new TrainingState(loss, model, new Adam(0.001), images, labels, key, training);
/// state.Step(x, y, source.Fold(state.Steps).Seed, true);
/// state.Eval(logits, (images, x), (key, 0L), (training, false));
/// </code>
/// </example>
public sealed class Dropout : Layer
{
    private readonly double rate;
    private readonly Node key;
    private readonly Node? isTraining;

    /// <summary>A layer without parameters.</summary>
    /// <param name="rate">The probability that an element is dropped, from 0 to 1.</param>
    /// <param name="key">A whole number, such as an input of type Int64 that has another value in each step.</param>
    /// <param name="isTraining">A truth value: where it is false, nothing is dropped. If not given, it is true.</param>
    /// <exception cref="ArgumentException">The rate is no probability.</exception>
    /// <exception cref="DTypeException">The key is no whole number, or the flag is not Bool.</exception>
    /// <exception cref="ShapeException">The key or the flag is no scalar.</exception>
    public Dropout(double rate, Node key, Node? isTraining = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        (this.rate, this.key, this.isTraining) = (rate, key, isTraining);
        Dropped(Ad.Constant(0.0), key);
        if (isTraining is { DType: not DType.Bool })
            throw new DTypeException($"Dropout: the flag of training is {isTraining.DType}; it is a truth value (Bool)");
        if (isTraining is { Rank: > 0 })
            throw new ShapeException($"Dropout: the flag of training has shape {isTraining.Shape}; it is one truth value");
    }

    /// <inheritdoc/>
    protected override Node Forward(Node x)
    {
        var dropped = Dropped(x, GraphRandom.FoldInText(key, FSharp.Scope.Path));
        return isTraining is null ? dropped : Ad.Where(isTraining, dropped, x);
    }

    private Node Dropped(Node x, Node key) => FSharp.Regularisation.dropout(rate, true, key, x);
}
