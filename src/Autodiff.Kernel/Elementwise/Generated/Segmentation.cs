namespace Autodiff.Kernel;

/// <summary>A part of a loop body: a segment that runs in one generated loop, or a step that is interpreted.</summary>
/// <param name="Segment">The segment, if it is one.</param>
/// <param name="Step">The step otherwise.</param>
internal readonly record struct LoopPart(LoopSegment? Segment, LoopStep Step);

/// <summary>
/// Divides the steps of a loop body into segments, each as long as it can be, and steps that have no vector operator or
/// go between numbers of different widths.
/// </summary>
internal sealed class Segmentation
{
    private readonly LoopPlan plan;
    private readonly int inputs;
    private readonly bool[] repeats;
    private readonly DType[] types;
    private readonly List<(int Start, int End, int LaneBytes)> ranges = [];

    private Segmentation(LoopBody body, ReadOnlySpan<bool> repeatingInputs)
    {
        plan = body.Plan;
        inputs = body.Inputs.Length;
        repeats = new bool[plan.Cells];
        repeatingInputs.CopyTo(repeats);
        types = new DType[plan.Cells];
        body.Inputs.CopyTo(types);
    }

    /// <summary>The parts of a body, of which some inputs repeat one element.</summary>
    public static LoopPart[] Divide(LoopBody body, ReadOnlySpan<bool> repeatingInputs) =>
        new Segmentation(body, repeatingInputs).Divide();

    private LoopPart[] Divide()
    {
        FindRanges();
        var isLive = LiveAfterRanges();
        var parts = new List<LoopPart>();
        for (var range = 0; range < ranges.Count; range++)
        {
            var (start, end, laneBytes) = ranges[range];
            if (laneBytes > 0)
                parts.Add(new LoopPart(Segment(start, end, laneBytes, isLive[range]), default));
            else
                for (var i = start; i < end; i++)
                    parts.Add(new LoopPart(null, Interpreted(plan.Steps[i])));
        }

        return [.. parts];
    }

    /// <summary>The width of the numbers of a step: 0 where it has truth values alone, -1 where it is interpreted.</summary>
    private static int LaneBytes(in LoopStep step)
    {
        var type = step.Type == DType.Bool ? step.Result : step.Type;
        if (step.Code == Opcode.Cast && step.Type != step.Result)
            return step.Type != DType.Bool && step.Result != DType.Bool ? -1 : type.Size();
        if (step.Type == DType.Bool)
            return 0;
        return Weight(step) == 0 ? -1 : step.Type.Size();
    }

    private static int Weight(in LoopStep step) => OperatorWeight.Of(step.Code, step.Type, step.Result);

    private void FindRanges()
    {
        int start = 0, laneBytes = 0, weight = 0;
        for (var i = 0; i < plan.Steps.Length; i++)
        {
            var own = LaneBytes(plan.Steps[i]);
            var ownWeight = Weight(plan.Steps[i]);
            var fits = own >= 0 && (own == 0 || laneBytes == 0 || own == laneBytes);
            if (!fits || weight + ownWeight > OperatorWeight.Limit)
            {
                Close(start, i, laneBytes);
                (start, laneBytes, weight) = (i, 0, 0);
            }

            if (own < 0)
            {
                Close(i, i + 1, 0);
                start = i + 1;
                continue;
            }

            laneBytes = Math.Max(laneBytes, own);
            weight += ownWeight;
        }

        Close(start, plan.Steps.Length, laneBytes);
    }

    private void Close(int start, int end, int laneBytes)
    {
        if (end > start)
            ranges.Add((start, end, laneBytes));
    }

    /// <summary>For each range the cells whose values are read after it, or are outputs.</summary>
    private HashSet<int>[] LiveAfterRanges()
    {
        var live = new HashSet<int>(plan.OutputCells);
        var result = new HashSet<int>[ranges.Count];
        for (var range = ranges.Count - 1; range >= 0; range--)
        {
            result[range] = [.. live];
            for (var i = ranges[range].End - 1; i >= ranges[range].Start; i--)
            {
                var step = plan.Steps[i];
                live.Remove(step.Target);
                live.Add(step.A);
                live.Add(step.B);
                live.Add(step.C);
            }
        }

        return result;
    }

    private LoopStep Interpreted(LoopStep step)
    {
        repeats[step.Target] = repeats[step.A] && repeats[step.B] && repeats[step.C];
        types[step.Target] = step.Result;
        return step;
    }

    private LoopSegment Segment(int start, int end, int laneBytes, HashSet<int> isLive)
    {
        var steps = plan.Steps.AsSpan(start, end - start);
        var reads = Reads(steps);
        var valueOf = new Dictionary<int, int>();
        for (var i = 0; i < reads.Length; i++)
            valueOf[reads[i].Cell] = i;
        var own = new SegmentStep[steps.Length];
        for (var i = 0; i < own.Length; i++)
        {
            var step = steps[i];
            own[i] = new SegmentStep(
                step.Code, step.Type, step.Result, valueOf[step.A], valueOf[step.B], valueOf[step.C]);
            valueOf[step.Target] = reads.Length + i;
            (types[step.Target], repeats[step.Target]) = (step.Result, false);
        }

        return new LoopSegment(laneBytes, reads, own, Writes(steps, isLive, valueOf, end));
    }

    /// <summary>The cells that are read before they are written.</summary>
    private SegmentRead[] Reads(ReadOnlySpan<LoopStep> steps)
    {
        var reads = new List<SegmentRead>();
        var known = new HashSet<int>();
        foreach (var step in steps)
        {
            foreach (var cell in (ReadOnlySpan<int>)[step.A, step.B, step.C])
                if (known.Add(cell))
                    reads.Add(new SegmentRead(cell, types[cell], repeats[cell]));
            known.Add(step.Target);
        }

        return [.. reads];
    }

    private SegmentWrite[] Writes(
        ReadOnlySpan<LoopStep> steps, HashSet<int> isLive, Dictionary<int, int> valueOf, int end)
    {
        var writes = new List<SegmentWrite>();
        var known = new HashSet<int>();
        var mayWriteAtOnce = !ReadsInput(end);
        foreach (var step in steps)
            if (isLive.Contains(step.Target) && known.Add(step.Target))
                writes.Add(new SegmentWrite(
                    step.Target, types[step.Target], valueOf[step.Target],
                    mayWriteAtOnce && !IsWritten(step.Target, end) ? Array.LastIndexOf(plan.OutputCells, step.Target) : -1));
        return [.. writes];
    }

    /// <summary>Whether a step from here on reads an input.</summary>
    private bool ReadsInput(int start)
    {
        foreach (ref readonly var step in plan.Steps.AsSpan(start))
            if (step.A < inputs || step.B < inputs || step.C < inputs)
                return true;
        return false;
    }

    private bool IsWritten(int cell, int start)
    {
        foreach (ref readonly var step in plan.Steps.AsSpan(start))
            if (step.Target == cell)
                return true;
        return false;
    }
}
