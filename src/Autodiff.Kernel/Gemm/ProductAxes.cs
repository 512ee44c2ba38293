namespace Autodiff.Kernel;

/// <summary>
/// A contraction seen as matrix products: one axis that only A and the result have (the rows), one that only B and
/// the result have (the columns), one that is summed (the depth), and the axes walked around them. Where it pays, A and
/// B change places: C' = B' A'.
/// </summary>
/// <param name="Rows">The axis of the rows.</param>
/// <param name="Columns">The axis of the columns, the one along which vectors lie.</param>
/// <param name="Depth">The summed axis.</param>
/// <param name="Outer">The other axes of the result.</param>
/// <param name="Depths">The other summed axes.</param>
/// <param name="IsSwapped">Whether A is the second operand.</param>
internal sealed record ProductAxes(
    LoopAxis Rows, LoopAxis Columns, LoopAxis Depth, LoopAxis[] Outer, LoopAxis[] Depths, bool IsSwapped)
{
    // In multiply-adds: what it costs to copy an element into a strip with contiguous columns, and one out of it.
    private const double PackingCost = 40;
    private const double ScatterCost = 80;

    /// <summary>
    /// The cheaper of the two ways to see a contraction as matrix products; null where there is none.
    /// </summary>
    /// <param name="kept">The axes of the result.</param>
    /// <param name="summed">The axes that are summed.</param>
    /// <param name="lanes">The number of elements in the smallest vector: fewer columns are no matrix.</param>
    public static ProductAxes? Find(LoopAxis[] kept, LoopAxis[] summed, int lanes)
    {
        var straight = Find(kept, summed, lanes, false);
        var swapped = Find([.. kept.Select(Swap)], [.. summed.Select(Swap)], lanes, true);
        return swapped is null || straight?.Cost <= swapped.Cost ? straight : swapped;
    }

    /// <summary>An estimate of the time for one multiply-add, with 1 for the best case.</summary>
    private double Cost =>
        1 + (Columns.B == 1 ? 0 : PackingCost / Rows.Size) + (Columns.C == 1 ? 0 : ScatterCost / Depth.Size);

    private static ProductAxes? Find(LoopAxis[] kept, LoopAxis[] summed, int lanes, bool swapped)
    {
        var rows = Largest(kept, axis => axis.A != 0 && axis.B == 0);
        var depth = Largest(summed, _ => true);
        if (rows < 0 || depth < 0)
            return null;
        ProductAxes? best = null;
        for (var columns = 0; columns < kept.Length; columns++)
        {
            if (kept[columns] is not { A: 0, B: not 0 } || kept[columns].Size < lanes)
                continue;
            var outer = kept.Where((_, i) => i != rows && i != columns).ToArray();
            var found = new ProductAxes(
                kept[rows], kept[columns], summed[depth], outer, LoopAxis.Without(summed, depth), swapped);
            if (best is null || found.Cost < best.Cost)
                best = found;
        }

        return best;
    }

    private static LoopAxis Swap(LoopAxis axis) => axis with { A = axis.B, B = axis.A };

    private static int Largest(LoopAxis[] axes, Predicate<LoopAxis> isCandidate)
    {
        var best = -1;
        for (var i = 0; i < axes.Length; i++)
            if (isCandidate(axes[i]) && (best < 0 || axes[i].Size > axes[best].Size))
                best = i;
        return best;
    }
}
