using System.Runtime.CompilerServices;
using Microsoft.FSharp.Collections;

namespace Autodiff.CSharp;

/// <summary>
/// A number for each spatial axis: <c>2</c> stands for all axes, <c>[2, 1]</c> for the first and the second, and what is
/// not given (<c>default</c>) for what the operation says.
/// </summary>
[CollectionBuilder(typeof(PerAxis), nameof(Of))]
public readonly struct PerAxis : IEquatable<PerAxis>
{
    private readonly int[]? numbers;

    private PerAxis(int[] numbers) => this.numbers = numbers;

    /// <summary>The numbers as F# takes them.</summary>
    internal FSharpList<int> List => ListModule.OfArray(numbers ?? []);

    /// <summary>The numbers of so many axes.</summary>
    internal int[] For(int axes, string what) =>
        (numbers ?? []) switch
        {
            [var one] => [.. Enumerable.Repeat(one, axes)],
            { Length: var count } given when count == axes => given,
            { Length: var count } => throw new ShapeException(
                $"{what}: {count} numbers are given, but there are {axes} spatial axes"),
        };

    /// <summary>A number for each axis, or one for all of them.</summary>
    /// <param name="numbers">The numbers.</param>
    public static PerAxis Of(params ReadOnlySpan<int> numbers) => new(numbers.ToArray());

    /// <summary>One number for all axes.</summary>
    /// <param name="number">The number.</param>
    public static implicit operator PerAxis(int number) => new([number]);

    /// <summary>A number for each axis.</summary>
    /// <param name="numbers">The numbers.</param>
    public static implicit operator PerAxis(int[] numbers) => Of(numbers);

    /// <summary>Whether two give the same numbers.</summary>
    /// <param name="a">The one.</param>
    /// <param name="b">The other.</param>
    public static bool operator ==(PerAxis a, PerAxis b) => a.Equals(b);

    /// <summary>Whether two give different numbers.</summary>
    /// <param name="a">The one.</param>
    /// <param name="b">The other.</param>
    public static bool operator !=(PerAxis a, PerAxis b) => !a.Equals(b);

    /// <summary>The numbers, one after the other.</summary>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)(numbers ?? [])).GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(PerAxis other) => (numbers ?? []).AsSpan().SequenceEqual(other.numbers ?? []);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PerAxis other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var number in numbers ?? [])
            hash.Add(number);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", numbers ?? [])}]";
}
