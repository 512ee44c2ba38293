namespace Autodiff.CSharp;

/// <content>Derivatives of graphs, as graphs. The variables may be any nodes, inner ones too.</content>
public static partial class Ad
{
    /// <summary>The gradient of the sum of the elements of y for x; a zero where y does not depend on x.</summary>
    /// <param name="y">The result.</param>
    /// <param name="x">The variable.</param>
    /// <exception cref="DTypeException">y or x is not floating.</exception>
    public static Node Grad(Node y, Node x) => FSharp.Derivatives.derivative(y, x);

    /// <summary>The gradients of the sum of the elements of y for each of the xs.</summary>
    /// <param name="y">The result.</param>
    /// <param name="xs">The variables.</param>
    /// <exception cref="DTypeException">y or a variable is not floating.</exception>
    public static Node[] Grad(Node y, IEnumerable<Node> xs) => [.. FSharp.Derivatives.grad(y, xs)];

    /// <summary>The vector-Jacobian product: a cotangent of y becomes one of x.</summary>
    /// <param name="y">The result.</param>
    /// <param name="x">The variable.</param>
    /// <param name="cotangent">The cotangent, which has the shape of y.</param>
    /// <exception cref="ShapeException">The cotangent has another shape.</exception>
    /// <exception cref="DTypeException">y or x is not floating.</exception>
    public static Node Vjp(Node y, Node x, Node cotangent) => Vjp(y, [x], cotangent)[0];

    /// <summary>The vector-Jacobian products: a cotangent of y becomes cotangents of the xs.</summary>
    /// <param name="y">The result.</param>
    /// <param name="xs">The variables.</param>
    /// <param name="cotangent">The cotangent, which has the shape of y.</param>
    /// <inheritdoc cref="Vjp(Node, Node, Node)"/>
    public static Node[] Vjp(Node y, IEnumerable<Node> xs, Node cotangent) =>
        [.. FSharp.Derivatives.vjp(y, xs, cotangent)];

    /// <summary>The Jacobian-vector product: a tangent of x becomes one of y.</summary>
    /// <param name="y">The result.</param>
    /// <param name="x">The variable.</param>
    /// <param name="tangent">The tangent, which has the shape of x.</param>
    /// <exception cref="ShapeException">The tangent has another shape.</exception>
    /// <exception cref="DTypeException">x is not floating.</exception>
    public static Node Jvp(Node y, Node x, Node tangent) => FSharp.Derivatives.jvp(y, [x], [tangent]);

    /// <summary>The Jacobian-vector product: tangents of the xs become the tangent of y.</summary>
    /// <param name="y">The result.</param>
    /// <param name="xs">The variables.</param>
    /// <param name="tangents">For each variable a tangent of its shape.</param>
    /// <exception cref="ArgumentException">There are not as many tangents as variables, or their shapes differ.</exception>
    public static Node Jvp(Node y, IEnumerable<Node> xs, IEnumerable<Node> tangents) =>
        FSharp.Derivatives.jvp(y, xs, tangents);

    /// <summary>The product of the Hessian of the sum of y, in x, with v; the Hessian itself is never made.</summary>
    /// <param name="y">The result.</param>
    /// <param name="x">The variable.</param>
    /// <param name="v">The vector, which has the shape of x.</param>
    /// <exception cref="ShapeException">The vector has another shape.</exception>
    public static Node Hvp(Node y, Node x, Node v) => FSharp.Derivatives.hvp(y, x, v);

    /// <summary>The derivative of every element of y for every element of x: the axes of y, then those of x.</summary>
    /// <param name="y">The result.</param>
    /// <param name="x">The variable.</param>
    /// <exception cref="DTypeException">y or x is not floating.</exception>
    public static Node Jacobian(Node y, Node x) => FSharp.Derivatives.jacobian(y, x);

    /// <summary>The second derivatives of the sum of y: the axes of x, twice.</summary>
    /// <param name="y">The result.</param>
    /// <param name="x">The variable.</param>
    /// <exception cref="DTypeException">y or x is not floating.</exception>
    public static Node Hessian(Node y, Node x) => FSharp.Derivatives.hessian(y, x);

    /// <summary>
    /// Compares the derivatives of y, in reverse and in forward mode, with central differences at the variables' starting
    /// values; the worst element for each order. The steps suit the element type: Float64 agrees to six digits, Float32
    /// to two. At a kink every slope between those of the two sides counts as right.
    /// </summary>
    /// <param name="y">The result.</param>
    /// <param name="xs">Variables.</param>
    /// <param name="order">The highest order to check, 1 or more.</param>
    /// <exception cref="ArgumentException">The order is below 1, there are no variables, or a node is none.</exception>
    public static GradientReport CheckGradients(Node y, IEnumerable<Node> xs, int order = 1) =>
        FSharp.Derivatives.checkGradients(order, y, xs);
}
