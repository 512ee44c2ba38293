using Autodiff;
using Autodiff.CSharp;

namespace CharRnn;

/// <summary>
/// The model over a window of text, as one graph: from characters, their successors and the state before them to the loss
/// and the state after them.
/// </summary>
internal sealed class UnrolledModel
{
    /// <param name="model">The model.</param>
    /// <param name="batch">How many rows the window has.</param>
    /// <param name="unroll">How many characters each row has.</param>
    public UnrolledModel(CharModel model, int batch, int unroll)
    {
        Characters = Ad.Input("characters", [unroll, batch], DType.Int32);
        Successors = Ad.Input("successors", [unroll, batch], DType.Int32);
        State = Ad.Input("state", [batch, model.Hidden], DType.Float32);
        var states = States(model, unroll).ToArray();
        NextState = states[^1];
        Loss = CrossEntropy(model.Logits(Ad.Stack(states)), model.Characters).Named("loss");
    }

    /// <summary>The characters that are read, [unroll, batch].</summary>
    public Node Characters { get; }

    /// <summary>The characters that follow them, [unroll, batch].</summary>
    public Node Successors { get; }

    /// <summary>The hidden state before, [batch, hidden].</summary>
    public Node State { get; }

    /// <summary>The hidden state after, [batch, hidden].</summary>
    public Node NextState { get; }

    /// <summary>The mean cross entropy in nats.</summary>
    public Node Loss { get; }

    /// <summary>Nats, in which losses are computed, as bits, in which they are told.</summary>
    public static double Bits(double nats) => nats / Math.Log(2);

    private IEnumerable<Node> States(CharModel model, int unroll)
    {
        var state = State;
        for (var step = 0; step < unroll; step++)
            yield return state = model.Next(state, Characters[step]).Named($"h{step + 1}");
    }

    /// <summary>The mean of -log softmax(logits) at the successors.</summary>
    private Node CrossEntropy(Node logits, int characters)
    {
        var all = Ad.Constant(NDArray.Arange(0, characters, dtype: DType.Int32));
        var isSuccessor = Ad.Equal(Successors.Unsqueeze(-1), all);
        return -Ad.Where(isSuccessor, logits.LogSoftmax(), 0).Sum() / Successors.Shape.Size;
    }
}
