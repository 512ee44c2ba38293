namespace Autodiff.Kernel;

/// <summary>
/// What slices mean for one shape: along each axis, <see cref="Counts"/> elements from <see cref="Starts"/> on,
/// <see cref="Steps"/> apart; then the shape <see cref="Result"/>, which differs from the counts only in axes of size 1
/// (indexed axes gone, new axes come), so that a slice followed by a reshape says it all.
/// </summary>
/// <remarks>Where there are fewer than two elements the step is 1, and where there are none the start is 0.</remarks>
internal sealed class SliceSpec
{
    private readonly Shape shape;
    private readonly string operand;
    private readonly List<int> result = [];
    private int axis;

    private SliceSpec(Shape shape, string operand)
    {
        this.shape = shape;
        this.operand = operand;
        Starts = new int[shape.Rank];
        Steps = new int[shape.Rank];
        Counts = new int[shape.Rank];
    }

    public int[] Starts { get; }

    public int[] Steps { get; }

    public int[] Counts { get; }

    public Shape Result { get; private set; } = Shape.Scalar;

    /// <summary>Reads slices as NumPy reads an index. An operand without a name has the name "".</summary>
    /// <exception cref="ShapeException">An index is out of range, or there are more of them than axes.</exception>
    public static SliceSpec Resolve(ReadOnlySpan<Slice> slices, Shape shape, string operandName)
    {
        var spec = new SliceSpec(shape, operandName);
        var spare = spec.CountSpareAxes(slices);
        foreach (var slice in slices)
            spec.Add(slice, spare);
        while (spec.axis < shape.Rank)
            spec.AddRange(Slice.All);
        spec.Result = Shape.Open([.. spec.result]);
        return spec;
    }

    /// <summary>How many axes no slice names: those that an ellipsis stands for.</summary>
    private int CountSpareAxes(ReadOnlySpan<Slice> slices)
    {
        int named = 0, ellipses = 0;
        foreach (var slice in slices)
        {
            named += slice.Kind is SliceKind.Index or SliceKind.Range ? 1 : 0;
            ellipses += slice.Kind == SliceKind.Ellipsis ? 1 : 0;
        }

        if (ellipses > 1)
            throw new ShapeException($"{Subject}: there is more than one ellipsis in [{Text(slices)}]");
        return named <= shape.Rank
            ? shape.Rank - named
            : throw new ShapeException($"{Subject}: [{Text(slices)}] names {named} axes, but there are {shape.Rank}");
    }

    private void Add(Slice slice, int spare)
    {
        switch (slice.Kind)
        {
            case SliceKind.Index:
                AddIndex(slice.Start!.Value);
                break;
            case SliceKind.Range:
                AddRange(slice);
                break;
            case SliceKind.NewAxis:
                result.Add(1);
                break;
            case SliceKind.Ellipsis:
                for (var i = 0; i < spare; i++)
                    AddRange(Slice.All);
                break;
            default:
                throw new InvalidOperationException();
        }
    }

    /// <summary>Of an axis whose size is not known yet, only all of it can be taken.</summary>
    private bool TakeUnknown(Slice slice)
    {
        if (shape[axis] != Shape.Unknown)
            return false;
        if (slice != Slice.All)
            throw new ShapeException(
                $"{Subject}: {slice} of axis {axis} needs its size, which is known only when the graph is evaluated");
        result.Add(Shape.Unknown);
        Take(0, 1, Shape.Unknown);
        return true;
    }

    private void AddIndex(Index index)
    {
        if (TakeUnknown(index))
            return;
        var size = shape[axis];
        var position = index.GetOffset(size);
        if (position < 0 || position >= size)
            throw new ShapeException(
                $"{Subject}: index {(Slice)index} is out of range on axis {axis}, which has size {size}");
        Take(position, 1, 1);
    }

    /// <summary>Clamps as NumPy does: a walk backwards may stop before the first element, which has position -1.</summary>
    private void AddRange(Slice slice)
    {
        if (TakeUnknown(slice))
            return;
        var (size, step) = (shape[axis], slice.StepSize);
        var (low, high) = step > 0 ? (0, size) : (-1, size - 1);
        var start = slice.Start is { } first ? Math.Clamp(first.GetOffset(size), low, high) : step > 0 ? low : high;
        var stop = slice.Stop is { } end ? Math.Clamp(end.GetOffset(size), low, high) : step > 0 ? high : low;
        var distance = step > 0 ? stop - start : start - stop;
        var count = distance <= 0 ? 0 : (int)((distance - 1) / Math.Abs((long)step)) + 1;
        result.Add(count);
        Take(count == 0 ? 0 : start, count < 2 ? 1 : step, count);
    }

    private void Take(int start, int step, int count)
    {
        (Starts[axis], Steps[axis], Counts[axis]) = (start, step, count);
        axis++;
    }

    private string Subject => operand.Length == 0 ? $"slice of {shape}" : $"slice of '{operand}' {shape}";

    private static string Text(ReadOnlySpan<Slice> slices) => string.Join(", ", slices.ToArray());
}
