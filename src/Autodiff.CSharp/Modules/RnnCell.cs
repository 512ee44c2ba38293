namespace Autodiff.CSharp;

/// <summary>The simplest recurrent cell: the next state is tanh (x w + state u + b).</summary>
public sealed class RnnCell : Module
{
    private readonly Parameter input;
    private readonly Parameter recurrent;
    private readonly Parameter bias;

    /// <summary>A cell with the parameters <c>w</c> [inputs, width], <c>u</c> [width, width] and <c>b</c> [width].</summary>
    /// <param name="inputs">The size of the last axis of the argument.</param>
    /// <param name="width">The size of the state.</param>
    /// <param name="dtype">The element type of the parameters.</param>
    public RnnCell(int inputs, int width, DType dtype = DType.Float64)
    {
        input = AddParameter("w", [inputs, width], Initializers.GlorotUniform, dtype);
        recurrent = AddParameter("u", [width, width], Initializers.GlorotUniform, dtype);
        bias = AddParameter("b", [width], Initializers.Zeros, dtype);
    }

    /// <summary>The next state.</summary>
    /// <param name="x">The argument of this step, [..., inputs].</param>
    /// <param name="state">The state before it, [..., width].</param>
    public Node Apply(Node x, Node state) => InScope(() => Next(x.MatMul(input), state));

    /// <summary>The states after each step of a sequence, starting from zeros.</summary>
    /// <param name="sequence">The arguments, [batch, time, inputs].</param>
    /// <returns>The states, [batch, time, width].</returns>
    /// <exception cref="ShapeException">The sequence has not three axes, or no step.</exception>
    public Node Unroll(Node sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        if (sequence.Rank != 3)
            throw new ShapeException($"RnnCell.Unroll: the sequence is [batch, time, inputs], not {sequence.Shape}");
        return InScope(() => Ad.Stack(States(sequence.MatMul(input)), axis: 1));
    }

    private Node Next(Node fromInput, Node state) => (fromInput + state.MatMul(recurrent) + bias).Tanh();

    /// <summary>The states, where all products with w were taken at once.</summary>
    private IEnumerable<Node> States(Node fromInputs)
    {
        var state = Ad.ZerosLike(fromInputs[Slice.All, 0]);
        for (var step = 0; step < fromInputs.Shape[1]; step++)
            yield return state = Next(fromInputs[Slice.All, step], state);
    }
}
