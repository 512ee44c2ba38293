namespace Autodiff.Kernel;

/// <summary>
/// Where in the arena each temporary buffer stands. A buffer lives from the instruction that first writes it to the last
/// one that touches it; two buffers share bytes only if their lives do not overlap, or if an elementwise instruction
/// computes the one in the place of the other (<see cref="Homes"/>). Best fit: a new buffer takes the smallest free block
/// that holds it.
/// </summary>
internal sealed class MemoryPlan
{
    private readonly IReadOnlyList<Buffer> buffers;
    private readonly int[] homes;
    private readonly FreeBlocks free = new();

    private MemoryPlan(IReadOnlyList<Buffer> buffers, int[] homes)
    {
        this.buffers = buffers;
        this.homes = homes;
        Offsets = new nint[buffers.Count];
        Offsets.AsSpan().Fill(-1);
    }

    /// <summary>The offset in the arena of each buffer that stands there; -1 for the others.</summary>
    public nint[] Offsets { get; }

    /// <summary>The buffer in whose memory each one stands: its own, if it shares none.</summary>
    public IReadOnlyList<int> Homes => homes;

    /// <summary>The arena's size.</summary>
    public nint Bytes => free.End;

    public static MemoryPlan Create(IReadOnlyList<Buffer> buffers, IReadOnlyList<Instruction> instructions)
    {
        var inPlace = new InPlace(buffers);
        var plan = new MemoryPlan(buffers, inPlace.Homes(instructions));
        var lastUse = plan.LastUsesOfHomes(inPlace.Lives);
        for (var i = 0; i < instructions.Count; i++)
        {
            foreach (var output in instructions[i].Outputs)
                plan.Begin(output.Buffer);
            foreach (var operand in instructions[i].Inputs)
                plan.End(operand.Buffer, lastUse, i);
            foreach (var operand in instructions[i].Outputs)
                plan.End(operand.Buffer, lastUse, i);
        }

        for (var i = 0; i < buffers.Count; i++)
            plan.Offsets[i] = plan.Offsets[plan.homes[i]];
        return plan;
    }

    private int[] LastUsesOfHomes(Lives lives)
    {
        var last = new int[homes.Length];
        for (var i = 0; i < homes.Length; i++)
            last[homes[i]] = Math.Max(last[homes[i]], lives.Last(i));
        return last;
    }

    private void Begin(int buffer)
    {
        var home = homes[buffer];
        if (Offsets[home] < 0 && buffers[home].Kind == BufferKind.Temporary)
            Offsets[home] = free.Take(buffers[home].Bytes);
    }

    private void End(int buffer, int[] lastUse, int instruction)
    {
        var home = homes[buffer];
        if (lastUse[home] != instruction || Offsets[home] < 0)
            return;
        lastUse[home] = -1;
        free.Give(Offsets[home], buffers[home].Bytes);
    }
}
