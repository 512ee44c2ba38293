namespace Autodiff.CSharp;

/// <content>Operations of one's own: with a derivative of one's own, or computed outside the graph.</content>
public static partial class Ad
{
    /// <summary>
    /// A function of one node with a derivative of its own. Whatever else the two functions use counts as constant.
    /// </summary>
    /// <param name="forward">Makes the value of the input.</param>
    /// <param name="backward">
    /// Makes of the input, the value and its cotangent the gradient for the input, in its shape: a function that is
    /// linear in the cotangent. Forward mode is its transpose, and higher orders differentiate its graph.
    /// </param>
    /// <example><code>var straight = CustomGradient(x => x.Round(), (x, y, cotangent) => cotangent);</code></example>
    public static Func<Node, Node> CustomGradient(Func<Node, Node> forward, Func<Node, Node, Node, Node> backward)
    {
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(backward);
        return x => CustomGradient([x], xs => forward(xs[0]), (xs, y, cotangent) => [backward(xs[0], y, cotangent)]);
    }

    /// <summary>The value of several nodes with a derivative of its own.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="forward">Makes the value of the inputs.</param>
    /// <param name="backward">
    /// Makes of the inputs, the value and its cotangent the gradient for each input, in its shape: a function that is
    /// linear in the cotangent.
    /// </param>
    public static Node CustomGradient(
        IEnumerable<Node> inputs, Func<Node[], Node> forward, Func<Node[], Node, Node, Node[]> backward)
    {
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(backward);
        Node[] operands = Operands(inputs);
        return FSharp.Custom.node(FSharp.Custom.pullback(backward), forward([.. operands]), operands);
    }

    /// <summary>
    /// A function of one node with a derivative of its own, given in forward mode. Whatever else the two functions use
    /// counts as constant.
    /// </summary>
    /// <param name="forward">Makes the value of the input.</param>
    /// <param name="tangent">
    /// Makes of the input, the value and the input's tangent the tangent of the value: a function that is linear in the
    /// tangent. Reverse mode is its transpose.
    /// </param>
    public static Func<Node, Node> CustomTangent(Func<Node, Node> forward, Func<Node, Node, Node, Node> tangent)
    {
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(tangent);
        return x => CustomTangent([x], xs => forward(xs[0]), (xs, y, tangents) => tangent(xs[0], y, tangents[0]));
    }

    /// <summary>The value of several nodes with a derivative of its own, given in forward mode.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="forward">Makes the value of the inputs.</param>
    /// <param name="tangent">
    /// Makes of the inputs, the value and the inputs' tangents the tangent of the value: a function that is linear in the
    /// tangents.
    /// </param>
    public static Node CustomTangent(
        IEnumerable<Node> inputs, Func<Node[], Node> forward, Func<Node[], Node, Node[], Node> tangent)
    {
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(tangent);
        Node[] operands = Operands(inputs);
        return FSharp.Custom.node(FSharp.Custom.pushforward(tangent), forward([.. operands]), operands);
    }

    /// <summary>
    /// A call of a function outside the graph, which must be pure: the same values give the same result. Its exceptions
    /// are wrapped when the graph runs. Under <see cref="Vmap(Func{Node, Node}, Node)"/> it is called for each example.
    /// </summary>
    /// <param name="name">The name that messages and pictures show.</param>
    /// <param name="operands">The operands.</param>
    /// <param name="shape">The shape of the result for shapes of the operands.</param>
    /// <param name="evaluate">The value for values of the operands.</param>
    /// <param name="backward">
    /// The derivative, as <see cref="CustomGradient(IEnumerable{Node}, Func{Node[], Node}, Func{Node[], Node, Node, Node[]})"/>
    /// has it; without one the result cannot be differentiated.
    /// </param>
    /// <param name="dtype">The element type of the result; that in which the operands meet if not given.</param>
    /// <exception cref="ArgumentException">There is no name, or the shape fails.</exception>
    public static Node Opaque(
        string name,
        IEnumerable<Node> operands,
        Func<Shape[], Shape> shape,
        Func<NDArray[], NDArray> evaluate,
        Func<Node[], Node, Node, Node[]>? backward = null,
        DType? dtype = null)
    {
        var function = dtype is { } fixedType
            ? new OpaqueFunction(name, shape, _ => fixedType, evaluate)
            : new OpaqueFunction(name, shape, evaluate);
        return backward is null
            ? Opaque(function, operands)
            : CustomGradient(operands, xs => Opaque(function, xs), backward);
    }

    /// <summary>A call of a function outside the graph.</summary>
    /// <param name="function">The function.</param>
    /// <param name="operands">The operands.</param>
    public static Node Opaque(OpaqueFunction function, IEnumerable<Node> operands)
    {
        ArgumentNullException.ThrowIfNull(function);
        return FSharp.Custom.opaque(function, Operands(operands));
    }

    private static Node[] Operands(IEnumerable<Node> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        Node[] operands = [.. nodes];
        foreach (var operand in operands)
            ArgumentNullException.ThrowIfNull(operand, nameof(nodes));
        return operands;
    }
}
