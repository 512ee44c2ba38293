using Microsoft.FSharp.Core;

namespace Autodiff.CSharp;

/// <content>Functions whose derivatives compute their inner values anew.</content>
public static partial class Ad
{
    /// <summary>
    /// The same function, whose derivatives compute anew what they need of its inner values instead of keeping them: less
    /// memory for one more evaluation, at every order of derivative and nested too. What it takes from around it can be
    /// differentiated as ever.
    /// </summary>
    /// <param name="f">The function.</param>
    /// <example><code>foreach (var layer in layers) h = Checkpoint(layer.Call)(h);</code></example>
    public static Func<Node, Node> Checkpoint(Func<Node, Node> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return x => Checkpoint(f, x);
    }

    /// <summary>The value of f at x, whose derivatives compute the inner values of f anew.</summary>
    /// <param name="f">The function.</param>
    /// <param name="x">Its argument.</param>
    public static Node Checkpoint(Func<Node, Node> f, Node x)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(x);
        return FSharp.Checkpoints.call(FuncConvert.FromFunc<Node[], Node[]>(xs => [f(xs[0])]), [x])[0];
    }

    /// <summary>The values of a function of several nodes, whose derivatives compute its inner values anew.</summary>
    /// <param name="inputs">The arguments.</param>
    /// <param name="f">The function.</param>
    public static Node[] Checkpoint(IEnumerable<Node> inputs, Func<Node[], Node[]> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return FSharp.Checkpoints.call(FuncConvert.FromFunc(f), Operands(inputs));
    }
}
