using Microsoft.FSharp.Core;

namespace Autodiff.CSharp;

/// <content>
/// Derivatives of functions from node to node, in JAX's order of arguments. The function gets a node of its own, so that
/// what it closes over counts as constant.
/// </content>
public static partial class Ad
{
    /// <summary>The gradient of the sum of f at x.</summary>
    /// <param name="f">The function.</param>
    /// <param name="x">Where to take it.</param>
    public static Node Grad(Func<Node, Node> f, Node x) => FSharp.Fn.grad(Given(f), x);

    /// <summary>The function that gives the gradient of the sum of f; it may be differentiated again.</summary>
    /// <param name="f">The function.</param>
    public static Func<Node, Node> Grad(Func<Node, Node> f)
    {
        var given = Given(f);
        return x => FSharp.Fn.grad(given, x);
    }

    /// <summary>The value of f at x and the gradient of its sum.</summary>
    /// <param name="f">The function.</param>
    /// <param name="x">Where to take them.</param>
    public static (Node Value, Node Gradient) ValueAndGrad(Func<Node, Node> f, Node x) =>
        FSharp.Fn.valueAndGrad(Given(f), x);

    /// <summary>The value of f and its tangent along the given one.</summary>
    /// <param name="f">The function.</param>
    /// <param name="primal">Where to take them.</param>
    /// <param name="tangent">The tangent, which has the shape of the primal.</param>
    /// <exception cref="ShapeException">The tangent has another shape.</exception>
    public static (Node Value, Node Tangent) Jvp(Func<Node, Node> f, Node primal, Node tangent) =>
        FSharp.Fn.jvp(Given(f), primal, tangent);

    /// <summary>The value of f and the function from its cotangents to those of the argument.</summary>
    /// <param name="f">The function.</param>
    /// <param name="x">Where to take them.</param>
    public static (Node Value, Func<Node, Node> Pullback) Vjp(Func<Node, Node> f, Node x)
    {
        var (value, pullback) = FSharp.Fn.vjp(Given(f), x);
        return (value, pullback.Invoke);
    }

    /// <summary>The Jacobian of f: the axes of its value, then those of its argument.</summary>
    /// <param name="f">The function.</param>
    /// <param name="x">Where to take it.</param>
    public static Node Jacobian(Func<Node, Node> f, Node x) => FSharp.Fn.jacobian(Given(f), x);

    /// <summary>The second derivatives of the sum of f: the axes of its argument, twice.</summary>
    /// <param name="f">The function.</param>
    /// <param name="x">Where to take them.</param>
    public static Node Hessian(Func<Node, Node> f, Node x) => FSharp.Fn.hessian(Given(f), x);

    /// <summary>The same function over a batch: f of each slice of x along its first axis, in one graph.</summary>
    /// <param name="f">The function of one example.</param>
    /// <param name="x">The batch.</param>
    /// <exception cref="ShapeException">x is a scalar.</exception>
    public static Node Vmap(Func<Node, Node> f, Node x) => FSharp.Derivatives.vmap(Given(f), x);

    /// <summary>The function over batches that a function of one example stands for.</summary>
    /// <param name="f">The function of one example.</param>
    public static Func<Node, Node> Vmap(Func<Node, Node> f)
    {
        var given = Given(f);
        return x => FSharp.Derivatives.vmap(given, x);
    }

    private static FSharpFunc<Node, Node> Given(Func<Node, Node> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return FuncConvert.FromFunc(f);
    }
}
