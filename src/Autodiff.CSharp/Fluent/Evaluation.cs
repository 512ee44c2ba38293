namespace Autodiff.CSharp;

/// <summary>Values of nodes.</summary>
public static class Evaluation
{
    /// <param name="z">The node to evaluate.</param>
    extension(Node z)
    {
        /// <summary>
        /// The value of the node, where the given nodes (variables, inputs, inner ones) have the given values:
        /// <c>z.Eval((x, 5.0), (y, 2.0))</c>. Other variables have their starting values.
        /// </summary>
        /// <param name="values">Nodes and their values.</param>
        /// <exception cref="UnboundInputException">An input that is needed has no value.</exception>
        /// <exception cref="ShapeException">A value has another shape than its node.</exception>
        /// <exception cref="DTypeException">A value does not fit the element type of its node.</exception>
        public NDArray Eval(params ReadOnlySpan<(Node Node, NDArray Value)> values) => Ad.Eval([z], values)[0];

        /// <summary>The only element of the node's value: <c>double loss = z.Eval&lt;double&gt;()</c>.</summary>
        /// <typeparam name="T">The .NET type of the node's elements.</typeparam>
        /// <param name="values">Nodes and their values.</param>
        /// <exception cref="ShapeException">The node has not exactly one element, or a value does not fit.</exception>
        /// <exception cref="DTypeException">The node holds elements of another type, or a value does not fit.</exception>
        /// <exception cref="UnboundInputException">An input that is needed has no value.</exception>
        public T Eval<T>(params ReadOnlySpan<(Node Node, NDArray Value)> values) where T : unmanaged =>
            z.Eval(values).Item<T>();
    }
}
