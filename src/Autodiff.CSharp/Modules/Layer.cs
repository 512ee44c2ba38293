namespace Autodiff.CSharp;

/// <summary>A module that is a function from node to node.</summary>
public abstract class Layer : Module
{
    /// <summary>The value of the layer at x.</summary>
    /// <param name="x">The argument.</param>
    public Node Apply(Node x) => InScope(() => Forward(x));

    /// <summary>The function that the layer is.</summary>
    /// <param name="x">The argument.</param>
    protected abstract Node Forward(Node x);
}

/// <summary>A layer without parameters, such as an activation: <c>new Lambda(x => x.Tanh())</c>.</summary>
/// <param name="function">The function.</param>
public sealed class Lambda(Func<Node, Node> function) : Layer
{
    /// <inheritdoc/>
    protected override Node Forward(Node x) => function(x);
}
