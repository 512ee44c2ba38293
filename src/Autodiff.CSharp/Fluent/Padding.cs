using System.Runtime.CompilerServices;

namespace Autodiff.CSharp;

/// <summary>
/// The zeros around the spatial axes of a convolution: <c>1</c> at both ends of every axis, <c>[1, 2]</c> at those of the
/// first and of the second, <see cref="Same"/>, or none (<c>default</c>).
/// </summary>
[CollectionBuilder(typeof(Padding), nameof(Of))]
public readonly struct Padding : IEquatable<Padding>
{
    private readonly PerAxis widths;
    private readonly bool isSame;

    private Padding(PerAxis widths, bool isSame) => (this.widths, this.isSame) = (widths, isSame);

    /// <summary>None: windows lie within the argument.</summary>
    public static Padding Valid => default;

    /// <summary>
    /// As many as give the result the argument's size; if their number is odd, one more at the end. The stride is 1.
    /// </summary>
    public static Padding Same { get; } = new(default, true);

    /// <summary>The padding as F# takes it.</summary>
    internal FSharp.Padding Value => isSame ? FSharp.Padding.Same : FSharp.Padding.NewBy(widths.List);

    /// <summary>So many at both ends of each axis, or of all of them.</summary>
    /// <param name="widths">The numbers.</param>
    public static Padding Of(params ReadOnlySpan<int> widths) => new(PerAxis.Of(widths), false);

    /// <summary>So many at both ends of every axis.</summary>
    /// <param name="width">The number.</param>
    public static implicit operator Padding(int width) => Of(width);

    /// <summary>So many at both ends of each axis.</summary>
    /// <param name="widths">The numbers.</param>
    public static implicit operator Padding(int[] widths) => Of(widths);

    /// <summary>Whether two are the same.</summary>
    /// <param name="a">The one.</param>
    /// <param name="b">The other.</param>
    public static bool operator ==(Padding a, Padding b) => a.Equals(b);

    /// <summary>Whether two differ.</summary>
    /// <param name="a">The one.</param>
    /// <param name="b">The other.</param>
    public static bool operator !=(Padding a, Padding b) => !a.Equals(b);

    /// <summary>The numbers, one after the other.</summary>
    public IEnumerator<int> GetEnumerator() => widths.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Padding other) => isSame == other.isSame && widths == other.widths;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Padding other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(isSame, widths);

    /// <inheritdoc/>
    public override string ToString() => isSame ? "same" : widths.ToString();
}
