namespace Autodiff.Kernel;

/// <summary>A loop body and the reduction of its last output.</summary>
internal sealed class ReductionPlan
{
    private readonly Layout result;

    /// <summary>
    /// The first <paramref name="keptRank"/> axes of <paramref name="source"/>, which has the elements of a contiguous array
    /// of the shape in some order of the axes, are those of the result.
    /// </summary>
    public ReductionPlan(LoopBody body, Shape shape, ReductionKind kind, Layout source, int keptRank)
    {
        (Body, Shape, Kind, Source, KeptRank) = (body, shape, kind, source, keptRank);
        Layout = Layout.Contiguous(shape);
        result = Layout.Contiguous(Shape.Create(source.Shape.AsSpan()[..keptRank]));
        Loop = new ReductionLoop(source, keptRank, result);
        RowLength = result.Shape.Size == 1 ? shape.Size : source.IsContiguous ? shape.Size / result.Shape.Size : 0;
        FirstOfRow = shape.Rank;
        for (var length = 1; length < RowLength;)
            length *= shape[--FirstOfRow];
        Parts = Divide();
    }

    public LoopBody Body { get; }

    /// <summary>The shape of what the body computes.</summary>
    public Shape Shape { get; }

    /// <summary>That of the last output, if it were written.</summary>
    public Layout Layout { get; }

    public ReductionKind Kind { get; }

    /// <summary>The last output with the axes that are kept first.</summary>
    public Layout Source { get; }

    /// <summary>The number of axes that are kept.</summary>
    public int KeptRank { get; }

    /// <summary>The reduction of the last output as if it were a contiguous array.</summary>
    public ReductionLoop Loop { get; }

    /// <summary>The elements of each result, where these are a row of consecutive ones; else 0.</summary>
    public int RowLength { get; }

    /// <summary>The first axis of a row in <see cref="Shape"/>: an axis of size 1 that is kept may stand after it.</summary>
    public int FirstOfRow { get; }

    /// <summary>
    /// The same in parts, each for some of the results: each result is reduced by the same tree as by <see cref="Loop"/>.
    /// </summary>
    public ReductionPart[] Parts { get; }

    private ReductionPart[] Divide()
    {
        var axis = 0;
        while (axis < KeptRank && Source.Shape[axis] <= 1)
            axis++;
        if (axis == KeptRank || Source.Shape.Size == 0)
            return [];
        var size = Source.Shape[axis];
        var steps = SpaceParts.Along(0, size, 1, Source.Shape.Size).Steps;
        if (Source.Strides[axis] == 1)
            steps = Math.Max(steps, FusedReduction.ShortestRun);
        var parts = new ReductionPart[Math.Max(size / steps, 1)];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = Part(axis, i * steps, i == parts.Length - 1 ? size - (i * steps) : steps);

        // Shorter runs are slow, and rows of results cut too short would be reduced by another tree.
        return Array.TrueForAll(parts, part => part.Loop.RunLength >= FusedReduction.ShortestRun) ? parts : [];
    }

    private ReductionPart Part(int axis, int first, int count)
    {
        var loop = new ReductionLoop(Cut(Source, axis, first, count), KeptRank, Cut(result, axis, first, count));
        return new ReductionPart(loop, (nint)first * Source.Strides[axis], (nint)first * result.Strides[axis]);
    }

    private static Layout Cut(Layout layout, int axis, int first, int count)
    {
        var (starts, steps, counts) = (new int[layout.Shape.Rank], new int[layout.Shape.Rank], layout.Shape.ToArray());
        steps.AsSpan().Fill(1);
        (starts[axis], counts[axis]) = (first, count);
        return layout.Slice(starts, steps, counts);
    }
}

/// <summary>A part of the results of a <see cref="ReductionPlan"/>.</summary>
/// <param name="Loop">Their reduction, by offsets from the first element that belongs to them.</param>
/// <param name="Position">That element, counted in row-major order.</param>
/// <param name="Result">The first of the results.</param>
internal readonly record struct ReductionPart(ReductionLoop Loop, nint Position, nint Result);
