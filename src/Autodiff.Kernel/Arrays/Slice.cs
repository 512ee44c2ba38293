using System.Globalization;

namespace Autodiff;

/// <summary>
/// What to take along an axis: one index (the axis goes away), a range with a step, a new axis of size 1, or an ellipsis
/// for all the axes between. Made from an <see cref="int"/> (negative counts from the end), an <see cref="Index"/> or a
/// <see cref="Range"/>, or by the members here. The default value takes the whole axis.
/// </summary>
/// <remarks>As in NumPy, a range that reaches beyond the axis is cut off at its ends; an index beyond it is an error.</remarks>
public readonly struct Slice : IEquatable<Slice>
{
    private readonly int stepLessOne;

    private Slice(SliceKind kind, Index? start = null, Index? stop = null, int step = 1) =>
        (Kind, Start, Stop, stepLessOne) = (kind, start, stop, unchecked(step - 1));

    /// <summary>The whole axis, NumPy's <c>:</c>.</summary>
    public static Slice All => default;

    /// <summary>A new axis of size 1, NumPy's <c>newaxis</c>.</summary>
    public static Slice NewAxis { get; } = new(SliceKind.NewAxis);

    /// <summary>As many whole axes as the other entries leave over, NumPy's <c>...</c>.</summary>
    public static Slice Ellipsis { get; } = new(SliceKind.Ellipsis);

    internal SliceKind Kind { get; }

    /// <summary>The first element, or the index; null for the end at which the step begins.</summary>
    internal Index? Start { get; }

    /// <summary>The first element left out; null for none.</summary>
    internal Index? Stop { get; }

    /// <summary>The distance of neighbours, never 0.</summary>
    internal int StepSize => unchecked(stepLessOne + 1);

    /// <summary>The whole axis in steps: NumPy's <c>::step</c>. -1 reverses it.</summary>
    /// <param name="step">The distance of neighbours, not 0.</param>
    public static Slice Step(int step) => Ranged(null, null, step);

    /// <summary>
    /// From start up to (or, with a negative step, down to) stop, which is left out: NumPy's <c>start:stop:step</c>.
    /// </summary>
    /// <param name="start">Where to begin; null for the first element, or the last one if the step is negative.</param>
    /// <param name="stop">The end, which is left out; null for the very end, so that nothing is left out.</param>
    /// <param name="step">The distance of neighbours, not 0.</param>
    public static Slice Step(Index? start, Index? stop, int step) => Ranged(start, stop, step);

    /// <inheritdoc cref="Step(Index?, Index?, int)"/>
    /// <remarks>A negative start or stop counts from the end of the axis.</remarks>
    public static Slice Step(int? start, int? stop, int step) =>
        Ranged(start is { } first ? ToIndex(first) : null, stop is { } end ? ToIndex(end) : null, step);

    /// <summary>One index: the axis goes away.</summary>
    /// <param name="index">The index; a negative one counts from the end.</param>
    public static implicit operator Slice(int index) => new(SliceKind.Index, ToIndex(index));

    /// <summary>One index: the axis goes away.</summary>
    /// <param name="index">The index, such as <c>^1</c> for the last.</param>
    public static implicit operator Slice(Index index) => new(SliceKind.Index, index);

    /// <summary>A range of indices.</summary>
    /// <param name="range">The range, such as <c>1..^1</c>.</param>
    public static implicit operator Slice(Range range) => Ranged(range.Start, range.End, 1);

    /// <summary>Whether two slices take the same.</summary>
    /// <param name="a">The one slice.</param>
    /// <param name="b">The other slice.</param>
    public static bool operator ==(Slice a, Slice b) => a.Equals(b);

    /// <summary>Whether two slices are written differently.</summary>
    /// <param name="a">The one slice.</param>
    /// <param name="b">The other slice.</param>
    public static bool operator !=(Slice a, Slice b) => !a.Equals(b);

    /// <inheritdoc/>
    public bool Equals(Slice other) =>
        Kind == other.Kind && Start.Equals(other.Start) && Stop.Equals(other.Stop) && stepLessOne == other.stepLessOne;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Slice other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Start, Stop, stepLessOne);

    /// <summary>The slice as NumPy writes it, such as <c>1:-1:2</c>.</summary>
    public override string ToString() => Kind switch
    {
        SliceKind.Index => Text(Start),
        SliceKind.Range when StepSize == 1 => $"{Text(Start)}:{Text(Stop)}",
        SliceKind.Range => string.Create(CultureInfo.InvariantCulture, $"{Text(Start)}:{Text(Stop)}:{StepSize}"),
        SliceKind.NewAxis => "newaxis",
        SliceKind.Ellipsis => "...",
        _ => throw new InvalidOperationException(),
    };

    // Forwards, the ends of the axis are written as none, so that slices that take the same compare equal.
    private static Slice Ranged(Index? start, Index? stop, int step) =>
        step > 0 ? new Slice(SliceKind.Range, Unless(Index.Start, start), Unless(Index.End, stop), step)
        : step < 0 ? new Slice(SliceKind.Range, start, stop, step)
        : throw new ArgumentException("Slice.Step: the step is 0", nameof(step));

    private static Index? Unless(Index end, Index? index) => index.Equals(end) ? null : index;

    // No axis is as long as int.MaxValue, so that the one int without a counterpart may share its neighbour's.
    private static Index ToIndex(int index) =>
        index >= 0 ? new Index(index) : new Index(index == int.MinValue ? int.MaxValue : -index, fromEnd: true);

    private static string Text(Index? end) => end switch
    {
        null => "",
        { IsFromEnd: true } index => string.Create(CultureInfo.InvariantCulture, $"-{index.Value}"),
        { } index => index.Value.ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>The forms of a <see cref="Slice"/>.</summary>
internal enum SliceKind
{
    Range,
    Index,
    NewAxis,
    Ellipsis,
}
