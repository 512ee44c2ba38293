using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Rows of a loop, one generated segment, whose last output is folded into lanes as it is computed. Only addresses change from
/// row to row.
/// </summary>
internal readonly unsafe struct FoldedRow<T, TReduction>
    where T : unmanaged, INumber<T>
    where TReduction : struct, IReduction<T>
{
    private const int Lanes = VirtualLanes.Lanes, ChunkLength = VirtualLanes.ChunkLength;

    // The chunks of a row whose lanes are made at a time.
    private const int Chunks = 16;

    // The last elements of a row, fewer than there are lanes, of any type.
    private const int BlockBytes = Lanes * sizeof(long);

    private readonly StretchPlan plan;
    private readonly LoopSegment segment;
    private readonly TileMachine machine;

    /// <summary>Rows of a plan; they are computed by a machine.</summary>
    public FoldedRow(StretchPlan plan, TileMachine machine)
    {
        (this.plan, this.machine, segment) = (plan, machine, plan.Segment);
        var places = segment.Reads.Length + segment.Writes.Length;
        machine.Set(plan.Body, segment, ((Chunks + 2) * Lanes * sizeof(T)) + (places * BlockBytes));
    }

    private T* Total => (T*)machine.Extra;

    // Behind the lanes of the row and of its chunks.
    private T* Values => Total + ((Chunks + 1) * Lanes);

    /// <summary>The row whose addresses stand in the table of rows, combined to one value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public T Reduce()
    {
        var length = plan.Length;
        T* total = Total, lanes = total + Lanes;
        Fold(0, nint.Min(length, ChunkLength), total);
        for (nint start = ChunkLength; start < length; start += Chunks * ChunkLength)
        {
            var count = nint.Min(Chunks * ChunkLength, length - start);
            Fold(start, count, lanes);
            VirtualLanes.Join<T, TReduction>(total, lanes, (count + ChunkLength - 1) / ChunkLength);
        }

        return VirtualLanes.Fold<T, TReduction>(total);
    }

    /// <summary>The lanes of the chunks of so many elements of the row from a position on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fold(nint position, nint count, T* lanes)
    {
        var chunks = (count + ChunkLength - 1) / ChunkLength;
        new Span<T>(lanes, (int)chunks * Lanes).Fill(TReduction.Neutral);
        var table = machine.Table;
        plan.Advance(machine.RowTable, position, table);
        var whole = count & -Lanes;
        table[segment.Reads.Length + segment.Writes.Length] = (nint)lanes;
        var joins = whole > 0 && JoinedLines.Fits(segment, table);
        if (joins)
            JoinedLines.Run(segment, table, whole, machine.LineBlocks);
        else if (whole > 0)
            CodeFor(table, isAll: whole == count)(table, whole);
        if (whole == count)
            return;
        var last = lanes + ((chunks - 1) * Lanes);
        if (!joins && position + count >= Lanes && !TileMachine.WritesWhatItReads(segment, table))
            FoldLast(table, count - Lanes, (int)(count - whole), last);
        else
            FoldRest(table, whole, (int)(count - whole), last);
    }

    /// <summary>
    /// The loop that writes past the caches, if there is one and all that is written begins on a line; what is stored apart
    /// behind it would wait for its last one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private SegmentCode CodeFor(nint* table, bool isAll)
    {
        if (!isAll || segment.StreamingCode is not { } streaming || TileMachine.WritesWhatItReads(segment, table))
            return segment.FoldingCode;
        for (var i = 0; i < segment.Writes.Length; i++)
            if (!segment.IsOnlyFolded(i) && table[segment.Reads.Length + i] % CacheLine.Bytes != 0)
                return segment.FoldingCode;
        return streaming;
    }

    /// <summary>
    /// The last elements of a row, computed with those before them that fill a block up: these are stored again as they are,
    /// and not combined again.
    /// </summary>
    private void FoldLast(nint* table, nint first, int count, T* lanes)
    {
        var rest = table + segment.Reads.Length + segment.Writes.Length + 1;
        plan.Advance(table, first, rest);
        var values = FoldBlock(rest);
        new Span<T>(values + Lanes - count, count).CopyTo(new Span<T>(values, count));
        JoinFirst(values, count, lanes);
    }

    /// <summary>
    /// The last elements in blocks, each filled up with its first one, where they are written over what is read: combined with
    /// lanes that hold what changes nothing they are themselves.
    /// </summary>
    private void FoldRest(nint* table, nint first, int count, T* lanes)
    {
        var reads = segment.Reads;
        var writes = segment.Writes;
        var places = reads.Length + writes.Length;
        var rest = table + places + 1;
        var block = (byte*)(Values + Lanes);
        for (var i = 0; i < places; i++, block += BlockBytes)
        {
            rest[i] = (nint)block;
            if (i < reads.Length && reads[i].Repeats)
                rest[i] = table[i];
            else if (i < reads.Length)
                FillUp(block, (byte*)table[i], reads[i].Type.Size(), first, count);
        }

        var values = FoldBlock(rest);
        for (var i = 0; i < writes.Length; i++)
            if (!segment.IsOnlyFolded(i))
            {
                var size = writes[i].Type.Size();
                var place = reads.Length + i;
                Unsafe.CopyBlockUnaligned((byte*)table[place] + (first * size), (byte*)rest[place], (uint)(count * size));
            }

        JoinFirst(values, count, lanes);
    }

    /// <summary>What a block computes between the addresses of a table, combined with lanes of what changes nothing.</summary>
    private T* FoldBlock(nint* table)
    {
        table[segment.Reads.Length + segment.Writes.Length] = (nint)Values;
        new Span<T>(Values, Lanes).Fill(TReduction.Neutral);
        segment.FoldingCode(table, Lanes);
        return Values;
    }

    /// <summary>Combines the first values of a block with lanes.</summary>
    private static void JoinFirst(T* values, int count, T* lanes)
    {
        new Span<T>(values + count, Lanes - count).Fill(TReduction.Neutral);
        VirtualLanes.Join<T, TReduction>(lanes, values, 1);
    }

    private static void FillUp(byte* block, byte* source, int size, nint first, int count)
    {
        source += first * size;
        Unsafe.CopyBlockUnaligned(block, source, (uint)(count * size));
        for (var i = count; i < Lanes; i++)
            Unsafe.CopyBlockUnaligned(block + (i * size), source, (uint)size);
    }
}
