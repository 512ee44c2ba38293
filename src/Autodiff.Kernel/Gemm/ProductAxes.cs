namespace Autodiff.Kernel;

/// <summary>
/// A contraction seen as matrix products. Rows are the axes that only A and the result have, columns those that only B
/// and the result have, the depth those that are summed; the rest is a batch. Each may be any number of axes, of any
/// strides, overlapping ones too. Where it pays, A and B change places: C' = B' A'.
/// </summary>
/// <param name="Rows">The axis along which panels lie.</param>
/// <param name="RowsAround">The other axes of the rows.</param>
/// <param name="Columns">The axis along which vectors lie.</param>
/// <param name="ColumnsAround">The other axes of the columns.</param>
/// <param name="Depth">The summed axes, at least one.</param>
/// <param name="Batch">The other axes of the result.</param>
/// <param name="IsSwapped">Whether A is the second operand.</param>
internal sealed record ProductAxes(
    LoopAxis Rows,
    LoopAxis[] RowsAround,
    LoopAxis Columns,
    LoopAxis[] ColumnsAround,
    LoopAxis[] Depth,
    LoopAxis[] Batch,
    bool IsSwapped)
{
    // In multiply-adds of a vector: what it costs to copy an element into a strip with contiguous columns, and one out
    // of it, and what a vector of columns costs at least.
    private const double PackingCost = 40;
    private const double ScatterCost = 80;

    private static readonly LoopAxis Single = new(1, 0, 0, 0);

    public long RowCount => Rows.Size * LoopAxis.Count(RowsAround);

    public long ColumnCount => Columns.Size * LoopAxis.Count(ColumnsAround);

    public long DepthCount => LoopAxis.Count(Depth);

    /// <summary>The cheaper of the two ways to see a contraction as matrix products.</summary>
    /// <param name="kept">The axes of the result.</param>
    /// <param name="summed">The axes that are summed.</param>
    /// <param name="lanes">The number of elements in the vectors that will be used for many columns.</param>
    public static ProductAxes Find(LoopAxis[] kept, LoopAxis[] summed, int lanes)
    {
        var straight = Find(kept, summed, lanes, false);
        var swapped = Find([.. kept.Select(Swap)], [.. summed.Select(Swap)], lanes, true);
        return straight.Cost(lanes) <= swapped.Cost(lanes) ? straight : swapped;
    }

    /// <summary>An estimate of the time for one multiply-add, with 1 for the best case.</summary>
    private double Cost(int lanes)
    {
        var filled = Columns.Size / (Math.Ceiling(Columns.Size / (double)lanes) * lanes);
        return (1 / filled)
            + (Columns.B == 1 ? 0 : PackingCost / RowCount)
            + (Columns.C == 1 ? 0 : ScatterCost / DepthCount);
    }

    private static ProductAxes Find(LoopAxis[] kept, LoopAxis[] summed, int lanes, bool swapped)
    {
        LoopAxis[] rows = [.. kept.Where(axis => axis.A != 0 && axis.B == 0)];
        LoopAxis[] columns = [.. kept.Where(axis => axis.A == 0 && axis.B != 0)];
        LoopAxis[] batch = [.. kept.Where(axis => (axis.A == 0) == (axis.B == 0))];
        LoopAxis[] depth = summed.Length == 0 ? [Single] : summed;
        var (row, rowsAround) = TakeRows(rows);
        ProductAxes? best = null;
        for (var column = 0; column < Math.Max(columns.Length, 1); column++)
        {
            var chosen = columns.Length == 0 ? Single : columns[column];
            LoopAxis[] around = columns.Length == 0 ? [] : LoopAxis.Without(columns, column);
            var found = new ProductAxes(row, rowsAround, chosen, around, depth, batch, swapped);
            if (best is null || found.Cost(lanes) < best.Cost(lanes))
                best = found;
        }

        return best!;
    }

    private static LoopAxis Swap(LoopAxis axis) => axis with { A = axis.B, B = axis.A };

    /// <summary>
    /// The axis that panels lie along: it fills the most rows of them, and of those that fill as many A's elements are the
    /// closest, so that a step of the depth reads few lines.
    /// </summary>
    private static (LoopAxis Rows, LoopAxis[] Around) TakeRows(LoopAxis[] rows)
    {
        if (rows.Length == 0)
            return (Single, []);
        var best = Enumerable.Range(0, rows.Length)
            .MaxBy(i => (Math.Min(rows[i].Size, Block.MostRows), -Math.Abs((long)rows[i].A)));
        return (rows[best], LoopAxis.Without(rows, best));
    }
}
