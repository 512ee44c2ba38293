namespace Autodiff.CSharp;

/// <summary>Layers applied one after the other; their names are their positions, 0, 1, ...</summary>
public sealed class Sequential : Layer
{
    private readonly Layer[] layers;

    /// <summary>The layers in the order of their application.</summary>
    /// <param name="layers">The layers; none makes the identity.</param>
    /// <exception cref="ArgumentException">A layer has its place already.</exception>
    public Sequential(params IEnumerable<Layer> layers)
    {
        this.layers = [.. layers];
        for (var i = 0; i < this.layers.Length; i++)
            AddModule($"{i}", this.layers[i]);
    }

    /// <inheritdoc/>
    protected override Node Forward(Node x) => layers.Aggregate(x, (value, layer) => layer.Apply(value));
}
