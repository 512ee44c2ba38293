namespace Autodiff.CSharp;

/// <summary>A vector for each of so many things, which are known by their numbers.</summary>
public sealed class Embedding : Layer
{
    private readonly Parameter table;

    /// <summary>A layer with the parameter <c>table</c> [count, width].</summary>
    /// <param name="count">How many things there are.</param>
    /// <param name="width">The length of their vectors.</param>
    /// <param name="initializer">How the table begins; if not given, normal with vectors of length about 1.</param>
    /// <param name="dtype">The element type of the table.</param>
    public Embedding(int count, int width, Initializer? initializer = null, DType dtype = DType.Float64) =>
        table = AddParameter(
            "table", [count, width], initializer ?? Initializers.Normal(1 / Math.Sqrt(Math.Max(1, width))), dtype);

    /// <summary>The vectors of the things with these numbers (Int32 or Int64): one more axis, at the end.</summary>
    /// <param name="x">The numbers.</param>
    protected override Node Forward(Node x) => table.Node.Take(x);
}
