namespace Autodiff.CSharp;

/// <summary>x w + b over the last axis of x.</summary>
public sealed class Dense : Layer
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    /// <summary>A layer with the parameters <c>w</c> [inputs, outputs] and <c>b</c> [outputs].</summary>
    /// <param name="inputs">The size of the last axis of the argument.</param>
    /// <param name="outputs">The size of the last axis of the value.</param>
    /// <param name="hasBias">Whether there is a b, which begins at 0.</param>
    /// <param name="initializer">How w begins; <see cref="Initializers.GlorotUniform"/> if not given.</param>
    /// <param name="dtype">The element type of the parameters.</param>
    public Dense(
        int inputs, int outputs, bool hasBias = true, Initializer? initializer = null, DType dtype = DType.Float64)
    {
        weight = AddParameter("w", [inputs, outputs], initializer ?? Initializers.GlorotUniform, dtype);
        bias = hasBias ? AddParameter("b", [outputs], Initializers.Zeros, dtype) : null;
    }

    /// <inheritdoc/>
    protected override Node Forward(Node x) => bias is null ? x.MatMul(weight) : x.MatMul(weight) + bias;
}
