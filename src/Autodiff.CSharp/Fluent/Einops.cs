using Microsoft.FSharp.Core;

namespace Autodiff.CSharp;

/// <summary>What <see cref="Einops.Reduce(Node, string, Reduction, IEnumerable{ValueTuple{string, int}})"/> makes of the axes that go away.</summary>
public enum Reduction
{
    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The largest element.</summary>
    Max,

    /// <summary>The smallest element.</summary>
    Min,
}

/// <summary>
/// Axes rearranged, reduced and repeated as a pattern of their names says, such as <c>"b (h w) c -> b h w c"</c>.
/// Parentheses compose an axis of several, the first moving slowest; <c>1</c> and <c>()</c> are an axis of size 1, <c>...</c>
/// is all axes that have no name. Where a size does not follow from the shape, it is given by name.
/// </summary>
public static class Einops
{
    /// <summary>The same elements with their axes in another order, composed or taken apart.</summary>
    /// <param name="x">The value.</param>
    /// <param name="pattern">Its axes, and those of the result.</param>
    /// <param name="sizes">Sizes by the names of axes, such as <c>("h", 3)</c>.</param>
    /// <exception cref="EinsumException">The pattern is malformed, or does not fit.</exception>
    public static Node Rearrange(Node x, string pattern, params IEnumerable<(string Axis, int Size)> sizes) =>
        FSharp.Einops.rearrangeWith(pattern, sizes, x);

    /// <summary>The axes that the right of the pattern lacks reduced, and the others rearranged.</summary>
    /// <param name="x">The value.</param>
    /// <param name="pattern">Its axes, and those of the result.</param>
    /// <param name="reduction">How the axes are reduced.</param>
    /// <param name="sizes">Sizes by the names of axes.</param>
    /// <exception cref="EinsumException">The pattern is malformed, or does not fit.</exception>
    public static Node Reduce(
        Node x, string pattern, Reduction reduction, params IEnumerable<(string Axis, int Size)> sizes) =>
        Reduce(x, pattern, Function(reduction), sizes);

    /// <summary>The axes that the right of the pattern lacks reduced by a function, and the others rearranged.</summary>
    /// <param name="x">The value.</param>
    /// <param name="pattern">Its axes, and those of the result.</param>
    /// <param name="reduction">The function of a value and the axes that go away.</param>
    /// <param name="sizes">Sizes by the names of axes.</param>
    /// <exception cref="EinsumException">The pattern is malformed, or does not fit.</exception>
    public static Node Reduce(
        Node x,
        string pattern,
        Func<Node, IEnumerable<int>, Node> reduction,
        params IEnumerable<(string Axis, int Size)> sizes)
    {
        ArgumentNullException.ThrowIfNull(reduction);
        var curried = FuncConvert.FromFunc<IEnumerable<int>, Node, Node>((axes, value) => reduction(value, axes));
        return FSharp.Einops.reduceWith(pattern, curried, sizes, x);
    }

    /// <summary>The value repeated along the axes that the left of the pattern lacks, and the others rearranged.</summary>
    /// <param name="x">The value.</param>
    /// <param name="pattern">Its axes, and those of the result.</param>
    /// <param name="sizes">Sizes by the names of axes; those of the new ones are needed.</param>
    /// <exception cref="EinsumException">The pattern is malformed, or does not fit.</exception>
    public static Node Repeat(Node x, string pattern, params IEnumerable<(string Axis, int Size)> sizes) =>
        FSharp.Einops.repeatWith(pattern, sizes, x);

    private static Func<Node, IEnumerable<int>, Node> Function(Reduction reduction) => reduction switch
    {
        Reduction.Sum => (x, axes) => x.Sum(axes),
        Reduction.Mean => (x, axes) => x.Mean(axes),
        Reduction.Max => (x, axes) => x.Max(axes),
        Reduction.Min => (x, axes) => x.Min(axes),
        _ => throw new ArgumentOutOfRangeException(nameof(reduction), $"Reduce: {reduction} is no reduction"),
    };
}
