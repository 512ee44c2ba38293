namespace Autodiff.Kernel;

/// <summary>Plans that keep within a number of bytes, by computing anew what they cannot keep.</summary>
internal static class MemoryBudget
{
    private const int MostRounds = 4;

    /// <summary>
    /// The program of the instructions whose arena and results keep within a budget, with as little computed twice as was
    /// found to do: nothing where everything fits.
    /// </summary>
    /// <exception cref="MemoryBudgetException">No plan was found that keeps within it.</exception>
    public static Program Plan(Sequence whole, (int Buffer, Shape Shape)[] results, long budget)
    {
        var leastSum = Accumulation.LeastBytes(budget);
        whole = whole with { Instructions = Accumulation.AsTheyCome(whole.Buffers, whole.Instructions, leastSum) };
        var program = Finish(whole, whole, results);
        if (program.PeakBytes <= budget)
            return program;
        var arena = budget - (program.PeakBytes - program.ArenaBytes);
        var (best, bytes) = (whole, (long)program.ArenaBytes);
        for (var round = 0; round < MostRounds && bytes > arena; round++)
        {
            var (next, nextBytes) = Smallest(best, arena);
            if (nextBytes >= bytes)
                break;
            (best, bytes) = (next, nextBytes);
        }

        program = Finish(best, whole, results);
        return program.PeakBytes <= budget ? program : throw new MemoryBudgetException(budget, program.PeakBytes);
    }

    private static Program Finish(Sequence sequence, Sequence whole, (int Buffer, Shape Shape)[] results) => new(
        sequence.Buffers,
        RowChain.Join(sequence.Instructions, sequence.Buffers),
        results,
        whole.Flops == 0 ? 1 : (double)sequence.Flops / whole.Flops);

    /// <summary>
    /// The cut that needs the least arena; among those of as many segments that keep within the given bytes, the one with
    /// the fewest segments computed anew.
    /// </summary>
    private static (Sequence Sequence, long Bytes) Smallest(Sequence sequence, long arena)
    {
        var recomputation = new Recomputation(sequence);
        var (best, bytes, segments) = (sequence, long.MaxValue, 0);
        for (var count = 2; count <= recomputation.MostSegments; count += Math.Max(1, count * 2 / 5))
        {
            var cut = recomputation.Cut(count, count);
            var needed = (long)cut.ArenaBytes;
            if (needed < bytes)
                (best, bytes, segments) = (cut, needed, count);
            else if (needed > bytes + (bytes / 4))
                break;
        }

        return bytes > arena ? (best, bytes) : Fewest(recomputation, segments, arena, best, bytes);
    }

    private static (Sequence, long) Fewest(
        Recomputation recomputation, int segments, long arena, Sequence best, long bytes)
    {
        var (low, high) = (0, segments);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            var cut = recomputation.Cut(segments, middle);
            var needed = (long)cut.ArenaBytes;
            if (needed <= arena)
                (best, bytes, high) = (cut, needed, middle);
            else
                low = middle;
        }

        return (best, bytes);
    }
}
