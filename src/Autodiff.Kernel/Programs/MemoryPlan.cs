namespace Autodiff.Kernel;

/// <summary>
/// Where in the arena each temporary buffer stands. A buffer lives from the instruction that first writes it to the last
/// one that touches it; two buffers share bytes only if their lives do not overlap. Best fit: a new buffer takes the
/// smallest free block that holds it.
/// </summary>
internal sealed class MemoryPlan
{
    private const int Alignment = 64;

    private readonly SortedSet<(nint Bytes, nint Start)> free = [];
    private readonly Dictionary<nint, nint> freeByStart = [];
    private readonly Dictionary<nint, nint> freeByEnd = [];

    private MemoryPlan(int buffers)
    {
        Offsets = new nint[buffers];
        Offsets.AsSpan().Fill(-1);
    }

    /// <summary>The offset in the arena of each buffer that is a temporary; -1 where no instruction names it.</summary>
    public nint[] Offsets { get; }

    /// <summary>The arena's size.</summary>
    public nint Bytes { get; private set; }

    public static MemoryPlan Create(IReadOnlyList<Buffer> buffers, IReadOnlyList<Instruction> instructions)
    {
        var plan = new MemoryPlan(buffers.Count);
        var lastUse = LastUses(buffers.Count, instructions);
        var isLive = new bool[buffers.Count];
        for (var i = 0; i < instructions.Count; i++)
        {
            foreach (var output in instructions[i].Outputs)
                plan.Begin(buffers, isLive, output.Buffer);
            foreach (var operand in instructions[i].Inputs.Concat(instructions[i].Outputs))
                plan.End(buffers, isLive, operand.Buffer, lastUse[operand.Buffer] == i);
        }

        return plan;
    }

    private static int[] LastUses(int buffers, IReadOnlyList<Instruction> instructions)
    {
        var lastUse = new int[buffers];
        for (var i = 0; i < instructions.Count; i++)
        {
            foreach (var operand in instructions[i].Inputs)
                lastUse[operand.Buffer] = i;
            foreach (var operand in instructions[i].Outputs)
                lastUse[operand.Buffer] = i;
        }

        return lastUse;
    }

    private static nint Rounded(nint bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private void Begin(IReadOnlyList<Buffer> buffers, bool[] isLive, int buffer)
    {
        if (isLive[buffer] || buffers[buffer].Kind != BufferKind.Temporary)
            return;
        isLive[buffer] = true;
        Offsets[buffer] = Take(Rounded(buffers[buffer].Bytes));
    }

    private void End(IReadOnlyList<Buffer> buffers, bool[] isLive, int buffer, bool isLast)
    {
        if (!isLast || !isLive[buffer])
            return;
        isLive[buffer] = false;
        Give(Offsets[buffer], Rounded(buffers[buffer].Bytes));
    }

    private nint Take(nint bytes)
    {
        if (bytes == 0)
            return 0;
        foreach (var block in free.GetViewBetween((bytes, 0), (nint.MaxValue, nint.MaxValue)))
        {
            Remove(block.Start, block.Bytes);
            if (block.Bytes > bytes)
                Add(block.Start + bytes, block.Bytes - bytes);
            return block.Start;
        }

        // The arena grows; a free block at its end is grown into.
        var start = Bytes;
        if (freeByEnd.TryGetValue(Bytes, out var last))
        {
            Remove(last, Bytes - last);
            start = last;
        }

        Bytes = start + bytes;
        return start;
    }

    private void Give(nint start, nint bytes)
    {
        if (bytes == 0)
            return;
        var end = start + bytes;
        if (freeByEnd.TryGetValue(start, out var before))
        {
            Remove(before, start - before);
            start = before;
        }

        if (freeByStart.TryGetValue(end, out var after))
        {
            Remove(end, after - end);
            end = after;
        }

        Add(start, end - start);
    }

    private void Add(nint start, nint bytes)
    {
        free.Add((bytes, start));
        freeByStart[start] = start + bytes;
        freeByEnd[start + bytes] = start;
    }

    private void Remove(nint start, nint bytes)
    {
        free.Remove((bytes, start));
        freeByStart.Remove(start);
        freeByEnd.Remove(start + bytes);
    }
}
