using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Stretches of a segment whose results are written past the caches, in whole lines. The elements of a stretch before its first
/// boundary of a line and behind its last one are computed apart; where the next stretch begins in the line that one ends in,
/// both go to a block of memory first, from which the line is written whole. Only what no neighbour completes is stored
/// as usual: a line that is stored both ways is waited for.
/// </summary>
/// <remarks>The methods are optimised at once: a graph that runs once would see nothing but their first, slow, form.</remarks>
internal unsafe struct LineStream : IStretchUse
{
    private const int Line = CacheLine.Bytes;

    // A line, and before and behind it room for the rest of the vectors that reach into it.
    private const int BlockBytes = 3 * Line;

    /// <summary>The memory that each result of a segment takes.</summary>
    public const int BytesOfResult = BlockBytes + sizeof(long);

    private readonly StretchPlan plan;
    private readonly TileMachine machine;
    private readonly LoopSegment segment;
    private readonly nint* table;
    private readonly nint* other;
    private readonly nint* begun;
    private readonly nint count;
    private readonly nint size;
    private readonly int reads;
    private readonly int results;
    private readonly int shift;
    private nint begunBytes;

    /// <summary>Stretches of so many elements, whose addresses come to stand in the machine's table.</summary>
    public LineStream(StretchPlan plan, TileMachine machine, nint count)
    {
        (this.plan, this.machine, this.count, segment) = (plan, machine, count, plan.Segment);
        (reads, results, size) = (segment.Reads.Length, segment.Writes.Length, segment.LaneBytes);
        shift = size == sizeof(float) ? 2 : 3;
        table = machine.Table;
        other = table + reads + results;
        begun = (nint*)(machine.LineBlocks + ((nint)results * BlockBytes));
    }

    /// <summary>Computes a stretch; as usual where it is short, or results go where an operand is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run()
    {
        var head = -table[reads] & (Line - 1);
        var isStreamed = segment.StreamingCode is not null && count >= 2 * Line && AreStreamed(head);
        if (begunBytes > 0 && !(isStreamed && IsContinued()))
            Finish();
        if (isStreamed)
            RunLines(segment.StreamingCode!, head);
        else if (JoinedLines.Pays(count * size) && JoinedLines.Fits(segment, table))
            RunJoined();
        else
            machine.Run(segment, count);
    }

    /// <summary>Results that all begin so many bytes before a line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunLines(SegmentCode code, nint head)
    {
        if (head > 0)
            End(head);
        var lines = ((count * size) - head) & -Line;
        plan.Advance(table, head >> shift, other);
        code(other, lines >> shift);
        if (head + lines < count * size)
            Begin(head + lines);
    }

    /// <summary>Results that begin at different places in a line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void RunJoined()
    {
        var rest = count % segment.Lanes;
        JoinedLines.Run(segment, table, count - rest, machine.LineBlocks);
        if (rest > 0)
            machine.RunRest(segment, count - rest, (int)rest);
    }

    /// <summary>Stores the lines that have begun and that nothing will complete.</summary>
    public void Finish()
    {
        for (var i = 0; i < results && begunBytes > 0; i++)
            Unsafe.CopyBlockUnaligned((byte*)begun[i], LineOf(i), (uint)begunBytes);
        begunBytes = 0;
    }

    /// <summary>So many bytes of elements, which end a line.</summary>
    private void End(nint bytes)
    {
        for (nint first = 0; first < bytes; first += segment.Lanes * size)
            Compute(first, Line - bytes + first);
        for (var i = 0; i < results; i++)
            if (begunBytes > 0)
                Streaming.Write(LineOf(i), (byte*)(table[reads + i] + bytes - Line));
            else
                Unsafe.CopyBlockUnaligned((byte*)table[reads + i], LineOf(i) + Line - bytes, (uint)bytes);
        begunBytes = 0;
    }

    /// <summary>The elements from so many bytes on, which begin a line: whole vectors that end with them are computed.</summary>
    private void Begin(nint first)
    {
        begunBytes = (count * size) - first;
        for (var end = begunBytes; end > 0; end -= segment.Lanes * size)
            Compute(first + end - (segment.Lanes * size), end - (segment.Lanes * size));
        for (var i = 0; i < results; i++)
            begun[i] = table[reads + i] + first;
    }

    /// <summary>The vector that begins so many bytes on, to a place counted from the beginning of the line.</summary>
    private readonly void Compute(nint first, nint place)
    {
        plan.Advance(table, first >> shift, other);
        for (var i = 0; i < results; i++)
            other[reads + i] = (nint)LineOf(i) + place;
        segment.Code(other, segment.Lanes, null, 1);
    }

    /// <summary>Whether so many bytes are whole elements before a boundary in each result, and none is an operand's place.</summary>
    private readonly bool AreStreamed(nint head)
    {
        for (var i = 1; i < results; i++)
            if ((-table[reads + i] & (Line - 1)) != head)
                return false;
        return (head & (size - 1)) == 0 && !TileMachine.WritesWhatItReads(segment, table);
    }

    /// <summary>Whether the stretch begins where the last one has ended.</summary>
    private readonly bool IsContinued()
    {
        for (var i = 0; i < results; i++)
            if (table[reads + i] != begun[i] + begunBytes)
                return false;
        return true;
    }

    private readonly byte* LineOf(int result) => (byte*)machine.LineBlocks + ((nint)result * BlockBytes) + Line;
}
