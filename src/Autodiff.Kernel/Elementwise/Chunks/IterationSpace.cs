namespace Autodiff.Kernel;

/// <summary>How a view's elements stand in a tile.</summary>
internal enum Walk : byte
{
    /// <summary>One element, the same for the whole loop.</summary>
    Constant,

    /// <summary>One element, which differs from tile to tile.</summary>
    Repeating,

    /// <summary>One after the other.</summary>
    Consecutive,

    /// <summary>In any other way.</summary>
    Strided,
}

/// <summary>
/// The axes that a loop walks, common to several strided views: axes of size 1 are gone, and neighbours that every view
/// passes in one stride are one. Tiles cut the space: a tile is a range along the axis <see cref="Split"/>, with all
/// axes after it. An instance is used again for other loops, so that none of them allocates.
/// </summary>
internal sealed class IterationSpace
{
    private int[] sizes = [];
    private int[] strides = [];
    private int[] counters = [];
    private nint[] origins = [];
    private Walk[] walks = [];
    private int views;
    private int capacity;

    /// <summary>The number of axes, at least 1.</summary>
    public int Rank { get; private set; }

    /// <summary>The axis that tiles cut.</summary>
    public int Split { get; private set; }

    /// <summary>The number of elements of a tile in one step along the split axis.</summary>
    public int Inner { get; private set; }

    /// <summary>The steps along the split axis in one tile; the last tile may have fewer.</summary>
    public int Rows { get; private set; }

    /// <summary>The strides of a view.</summary>
    public ReadOnlySpan<int> Strides(int view) => strides.AsSpan(view * capacity, Rank);

    /// <summary>How a view's elements stand in the tiles that were cut.</summary>
    public Walk WalkOf(int view) => walks[view];

    /// <summary>Whether a view has one element in each tile.</summary>
    public bool Repeats(int view) => walks[view] is Walk.Constant or Walk.Repeating;

    /// <summary>Whether some view's elements do not follow one another in a tile, nor are one.</summary>
    public bool HasStrided => walks.AsSpan(0, views).Contains(Walk.Strided);

    /// <summary>The sizes of the axes.</summary>
    public ReadOnlySpan<int> Sizes => sizes.AsSpan(0, Rank);

    /// <summary>Where, in elements, a view's part of the tile stands that begins at a row.</summary>
    public nint Origin(int view, int row) => origins[view] + (nint)row * strides[view * capacity + Split];

    /// <summary>
    /// Takes the axes of the views, which all have one shape that is not empty. Where rows are to be cut, those are the axes
    /// from <paramref name="firstOfRow"/> on, and stay apart from the axes before them.
    /// </summary>
    public void Set(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, int firstOfRow = 0)
    {
        var shape = outputs[0].Shape;
        Reserve(inputs.Length + outputs.Length, Math.Max(shape.Rank, 1));
        for (var view = 0; view < views; view++)
            origins[view] = LayoutOf(inputs, outputs, view).Offset;
        (Rank, Split) = (0, 0);
        for (var axis = 0; axis < shape.Rank; axis++)
        {
            if (axis == firstOfRow)
                Split = Rank;
            if (shape[axis] != 1)
                Append(inputs, outputs, axis);
        }

        if (Rank == 0)
            AppendSingle();
        counters.AsSpan(0, Rank).Clear();
    }

    /// <summary>
    /// Chooses the axis that tiles cut: a tile takes in short inner axes, lest it have fewer elements than are
    /// <paramref name="enough"/> and the calls cost more than these. The whole axis is one tile, until its length is set.
    /// </summary>
    public void Cut(int enough)
    {
        (Inner, Split) = (1, Rank - 1);
        while (Split > 0 && Inner * sizes[Split] < enough)
            Inner *= sizes[Split--];
        Rows = sizes[Split];
        for (var view = 0; view < views; view++)
            walks[view] = FindWalk(view);
    }

    /// <summary>Takes each row, of more than one element, as a tile.</summary>
    public void CutRows() => CutAt(Split);

    /// <summary>Cuts tiles of at most <paramref name="chunk"/> elements, or of one step along the split axis.</summary>
    public void SetTile(int chunk) => Rows = Math.Min(sizes[Split], Math.Max(chunk / Inner, 1));

    /// <summary>Takes all elements as one tile.</summary>
    public void CutNothing() => CutAt(0);

    /// <summary>Steps along the axes before the split; false after the last step.</summary>
    public bool MoveNext()
    {
        for (var axis = Split - 1; axis >= 0; axis--)
        {
            var wraps = ++counters[axis] == sizes[axis];
            for (var view = 0; view < views; view++)
                origins[view] += strides[view * capacity + axis] * (nint)(wraps ? 1 - sizes[axis] : 1);
            if (!wraps)
                return true;
            counters[axis] = 0;
        }

        return false;
    }

    /// <summary>
    /// Parts of some ten thousand elements, cut along the axis before which there are not enough steps for many threads.
    /// </summary>
    public SpaceParts Divide()
    {
        long elements = 1, before = 1;
        foreach (var size in Sizes)
            elements *= size;
        var axis = 0;
        while (axis < Split && before * sizes[axis] < SpaceParts.Enough)
            before *= sizes[axis++];
        return SpaceParts.Along(axis, sizes[axis], before, elements);
    }

    /// <summary>Takes the axes of another space, cut as they are there, but for a part of them.</summary>
    public void TakePart(IterationSpace whole, SpaceParts parts, long part)
    {
        Take(whole);
        var (index, block) = Math.DivRem(part, parts.Blocks);
        for (var axis = parts.Axis - 1; axis >= 0; axis--)
        {
            (index, var step) = Math.DivRem(index, sizes[axis]);
            Restrict(axis, (int)step, 1);
        }

        var first = (int)block * parts.Steps;
        Restrict(parts.Axis, first, Math.Min(parts.Steps, sizes[parts.Axis] - first));
    }

    /// <summary>Takes the axes of another space, cut as they are there.</summary>
    public void Take(IterationSpace other)
    {
        Reserve(other.views, other.capacity);
        (Rank, Split, Inner, Rows) = (other.Rank, other.Split, other.Inner, other.Rows);
        other.sizes.AsSpan(0, Rank).CopyTo(sizes);
        other.strides.AsSpan(0, views * capacity).CopyTo(strides);
        other.origins.AsSpan(0, views).CopyTo(origins);
        other.walks.AsSpan(0, views).CopyTo(walks);
        counters.AsSpan(0, Rank).Clear();
    }

    private void CutAt(int axis)
    {
        (Split, Rows, Inner) = (axis, sizes[axis], 1);
        for (var inner = axis + 1; inner < Rank; inner++)
            Inner *= sizes[inner];
        for (var view = 0; view < views; view++)
            walks[view] = FindWalk(view);
    }

    private void Restrict(int axis, int first, int count)
    {
        for (var view = 0; view < views; view++)
            origins[view] += (nint)first * strides[view * capacity + axis];
        sizes[axis] = count;
    }

    private Walk FindWalk(int view)
    {
        var own = Strides(view);
        if (!own[Split..].ContainsAnyExcept(0))
            return own.ContainsAnyExcept(0) ? Walk.Repeating : Walk.Constant;
        long expected = 1;
        for (var axis = Rank - 1; axis >= Split; axis--)
        {
            if (own[axis] != expected)
                return Walk.Strided;
            expected *= sizes[axis];
        }

        return Walk.Consecutive;
    }

    private static Layout LayoutOf(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, int view) =>
        view < inputs.Length ? inputs[view].Layout : outputs[view - inputs.Length].Layout;

    private void Append(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, int axis)
    {
        var size = outputs[0].Shape[axis];
        var merges = Rank > Split;
        for (var view = 0; view < views && merges; view++)
            merges = strides[view * capacity + Rank - 1] == (long)LayoutOf(inputs, outputs, view).Strides[axis] * size;
        if (!merges)
            sizes[Rank++] = 1;
        sizes[Rank - 1] *= size;
        for (var view = 0; view < views; view++)
            strides[view * capacity + Rank - 1] = LayoutOf(inputs, outputs, view).Strides[axis];
    }

    /// <summary>The axis of a lone element: of size 1, and stepped as if it were consecutive.</summary>
    private void AppendSingle()
    {
        (sizes[0], Rank) = (1, 1);
        for (var view = 0; view < views; view++)
            strides[view * capacity] = 1;
    }

    private void Reserve(int viewCount, int rank)
    {
        (views, capacity) = (viewCount, rank);
        if (sizes.Length < rank)
            (sizes, counters) = (new int[rank], new int[rank]);
        if (strides.Length < viewCount * rank)
            strides = new int[viewCount * rank];
        if (origins.Length < viewCount)
            (origins, walks) = (new nint[viewCount], new Walk[viewCount]);
        strides.AsSpan(0, viewCount * rank).Clear();
    }
}
