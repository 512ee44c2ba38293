using System.Collections;
using System.Runtime.CompilerServices;

namespace Autodiff;

/// <summary>The sizes of an array's axes, outermost first. A shape without axes is that of a scalar.</summary>
/// <remarks>Immutable and compared by its sizes. Made from a collection expression: <c>Shape s = [2, 3];</c>.</remarks>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public sealed class Shape : IReadOnlyList<int>, IEquatable<Shape>
{
    /// <summary>A size, or a number of elements, that is known only when the graph is evaluated.</summary>
    internal const int Unknown = -1;

    private readonly int[] sizes;

    private Shape(int[] sizes, int length)
    {
        this.sizes = sizes;
        Size = length;
    }

    /// <summary>Makes a shape from the sizes of its axes.</summary>
    /// <param name="sizes">Sizes, each 0 or more.</param>
    /// <exception cref="ShapeException">A size is negative, or the elements are more than one array can hold.</exception>
    public Shape(params int[] sizes) : this(sizes.AsSpan().ToArray(), CheckedLength(sizes)) { }

    /// <summary>The shape of a scalar: no axes, one element.</summary>
    public static Shape Scalar { get; } = new([], 1);

    /// <summary>The number of elements: the product of the sizes; -1 where one of them is not known yet.</summary>
    public int Size { get; }

    /// <summary>The number of axes.</summary>
    public int Rank => sizes.Length;

    /// <summary>The number of axes, as collections call it.</summary>
    public int Count => sizes.Length;

    /// <summary>The size of an axis.</summary>
    /// <param name="axis">The axis, from 0 to <see cref="Rank"/> - 1.</param>
    public int this[int axis] => sizes[axis];

    /// <summary>Makes a shape from the sizes of its axes.</summary>
    /// <param name="sizes">Sizes, each 0 or more.</param>
    /// <exception cref="ShapeException">A size is negative, or the elements are more than one array can hold.</exception>
    public static Shape Create(params ReadOnlySpan<int> sizes) =>
        sizes.IsEmpty ? Scalar : new Shape(sizes.ToArray(), CheckedLength(sizes));

    /// <summary>A shape of a graph's node, in which a size may be -1: it is known only when the graph is evaluated.</summary>
    internal static Shape Open(ReadOnlySpan<int> sizes) =>
        sizes.Contains(Unknown) ? new Shape(sizes.ToArray(), Unknown) : Create(sizes);

    /// <summary>Whether every size is known. Of an array it is always so.</summary>
    internal bool IsKnown => Size != Unknown;

    /// <summary>The sizes as a span.</summary>
    public ReadOnlySpan<int> AsSpan() => sizes;

    /// <summary>The sizes as a new array.</summary>
    public int[] ToArray() => sizes.AsSpan().ToArray();

    /// <inheritdoc/>
    public bool Equals(Shape? other) =>
        ReferenceEquals(this, other) || (other is not null && sizes.AsSpan().SequenceEqual(other.sizes));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = (uint)sizes.Length;
        foreach (var size in sizes)
            hash = (hash * 0x9E3779B1u) ^ (uint)size;
        return (int)hash;
    }

    /// <summary>The sizes between brackets, such as <c>[2,3]</c>.</summary>
    public override string ToString() => $"[{string.Join(',', sizes)}]";

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)sizes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => sizes.GetEnumerator();

    /// <summary>Makes a shape from an array of sizes.</summary>
    /// <param name="sizes">Sizes, each 0 or more.</param>
    public static implicit operator Shape(int[] sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        return Create(sizes);
    }

    /// <summary>The sizes as a new array, so that a shape stands wherever sizes are asked for.</summary>
    /// <param name="shape">A shape.</param>
    public static implicit operator int[](Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.ToArray();
    }

    /// <summary>Whether two shapes have the same sizes.</summary>
    /// <param name="a">The one shape.</param>
    /// <param name="b">The other shape.</param>
    public static bool operator ==(Shape? a, Shape? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Whether two shapes differ.</summary>
    /// <param name="a">The one shape.</param>
    /// <param name="b">The other shape.</param>
    public static bool operator !=(Shape? a, Shape? b) => !(a == b);

    private static int CheckedLength(ReadOnlySpan<int> sizes)
    {
        // An axis of size 0 empties the array, however large the others are.
        long length = 1;
        var empty = false;
        foreach (var size in sizes)
        {
            if (size < 0)
                throw new ShapeException($"a shape has no negative size: [{string.Join(',', sizes.ToArray())}]");
            empty |= size == 0;
            length = length > Array.MaxLength ? length : length * size;
        }

        if (!empty && length > Array.MaxLength)
            throw new ShapeException(
                $"shape [{string.Join(',', sizes.ToArray())}] has more elements than an array can hold ({Array.MaxLength})");
        return empty ? 0 : (int)length;
    }
}
