namespace Autodiff.Kernel;

/// <summary>Reductions over the last axes of a view.</summary>
internal static class Reduction
{
    /// <summary>
    /// The first <paramref name="keptRank"/> axes of <paramref name="source"/> are the axes of
    /// <paramref name="result"/>; the elements along the others become one. Strides are any. A sum or product has the
    /// element type of the source (not Bool), Max and Min too, ArgMax and ArgMin give Int64.
    /// </summary>
    /// <exception cref="ShapeException">The shapes do not fit, or there are no elements to choose from.</exception>
    /// <exception cref="DTypeException">The element types do not fit.</exception>
    public static void Run(ReductionKind kind, View source, int keptRank, View result)
    {
        Check(kind, source, keptRank, result);
        if (result.Shape.Size == 0)
            return;
        if (source.Shape.Size == 0)
            Neutral(kind, source, result);
        else
            new ReductionKernel(kind, source.Layout, keptRank, result.Layout).Run(source, result);
    }

    /// <summary>The result of reducing no elements at all.</summary>
    private static void Neutral(ReductionKind kind, View source, View result)
    {
        switch (kind, result.DType)
        {
            case (ReductionKind.Sum, _):
                Copying.Zero(result);
                break;
            case (ReductionKind.Prod, DType.Float32):
                Copying.Fill(result, 1f);
                break;
            case (ReductionKind.Prod, DType.Float64):
                Copying.Fill(result, 1.0);
                break;
            case (ReductionKind.Prod, DType.Int32):
                Copying.Fill(result, 1);
                break;
            case (ReductionKind.Prod, DType.Int64):
                Copying.Fill(result, 1L);
                break;
            default:
                throw new ShapeException($"{kind}: an empty axis of {source.Shape} has no element to choose");
        }
    }

    private static void Check(ReductionKind kind, View source, int keptRank, View result)
    {
        if (keptRank < 0 || keptRank > source.Shape.Rank
            || !source.Shape.AsSpan()[..keptRank].SequenceEqual(result.Shape.AsSpan()))
            throw new ShapeException(
                $"{kind}: the first {keptRank} axes of {source.Shape} are not those of the result, {result.Shape}");
        var chooses = kind is ReductionKind.ArgMax or ReductionKind.ArgMin;
        if (result.DType != (chooses ? DType.Int64 : source.DType))
            throw new DTypeException($"{kind} of {source.DType} does not give {result.DType}");
        if (source.DType == DType.Bool && kind is ReductionKind.Sum or ReductionKind.Prod)
            throw new DTypeException($"{kind}: truth values have none; convert them to Int64 first");
    }
}
