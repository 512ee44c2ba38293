namespace Autodiff.CSharp;

/// <summary>A convolution with kernels and a bias of its own, over [batch, channels, spatial axes].</summary>
public abstract class Convolution : Layer
{
    private readonly Func<Node, Node, Node?, Node> convolve;
    private readonly Parameter weight;
    private readonly Parameter? bias;

    private protected Convolution(
        int axes,
        int inputs,
        int outputs,
        PerAxis kernel,
        int groups,
        bool hasBias,
        Initializer? initializer,
        DType dtype,
        Func<Node, Node, Node?, Node> convolve)
    {
        var name = $"Conv{axes}d";
        if (groups < 1 || inputs % groups != 0 || outputs % groups != 0)
            throw new ShapeException($"{name}: {groups} groups do not divide {inputs} inputs and {outputs} outputs");
        this.convolve = convolve;
        var kernels = OfKernels(initializer ?? Initializers.GlorotUniform);
        weight = AddParameter(
            "w", [outputs, inputs / groups, .. kernel.For(axes, $"{name}: kernel")], kernels, dtype);
        bias = hasBias ? AddParameter("b", [outputs], Initializers.Zeros, dtype) : null;
    }

    /// <inheritdoc/>
    protected override Node Forward(Node x) => convolve(x, weight, bias?.Node);

    /// <summary>Initializers draw [window, inputs, outputs]; kernels are [outputs, inputs, window].</summary>
    private static Initializer OfKernels(Initializer initializer) => (source, shape, dtype) =>
    {
        var drawn = initializer(source, [.. shape.Skip(2), shape[1], shape[0]], dtype);
        int[] order = [shape.Rank - 1, shape.Rank - 2, .. Enumerable.Range(0, shape.Rank - 2)];
        return Ad.Constant(drawn).Transpose(order).Eval();
    };
}
