using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>Where the value of a cell stands while a tile is computed.</summary>
/// <param name="Start">The address of the first element.</param>
/// <param name="Repeats">Whether it is a block of copies of one element.</param>
internal readonly record struct Cell(nint Start, bool Repeats);

/// <summary>
/// Computes a loop body for one tile: consecutive elements, or copies of one, of each input. Each operation is
/// interpreted as a vector loop, unless segments of the body have been compiled. An instance is used again for other
/// bodies, so that none of them allocates.
/// </summary>
/// <remarks>The methods are optimised at once: a graph that runs once would see nothing but their first, slow, form.</remarks>
internal sealed unsafe class TileMachine
{
    private const int KeptBytes = 4 << 20;

    /// <summary>Bytes that the slots of a tile take together, about two thirds of a first cache.</summary>
    private const int CacheBytes = 32 * 1024;

    /// <summary>The most elements of a tile.</summary>
    public const int LongestChunk = 1024;

    private const int ShortestChunk = 128;

    private byte[] memory = [];
    private nint scratch;
    private Cell[] cells = [];
    private LoopBody? body;
    private GeneratedLoop? generated;
    private nint places;
    private nint rowPlaces;
    private nint lastElements;
    private nint firstSlot;
    private nint slotBytes;

    /// <summary>For each output where its elements may be written at once; 0 where they go to a slot.</summary>
    public nint[] OutputPlaces { get; private set; } = [];

    /// <summary>The addresses that a segment takes: of what it reads, then of what it writes.</summary>
    public nint* Table => (nint*)places;

    /// <summary>Room for another such table, behind the one that follows the first.</summary>
    public nint* RowTable => (nint*)rowPlaces;

    /// <summary>Memory for lines of a segment's results, see <see cref="LineStream"/> and <see cref="JoinedLines"/>.</summary>
    public nint LineBlocks { get; private set; }

    /// <summary>Memory behind all that the body needs.</summary>
    public nint Extra { get; private set; }

    /// <summary>Whether the memory is worth keeping.</summary>
    public bool IsSmall => memory.Length <= KeptBytes;

    private LoopBody Body => body ?? throw new InvalidOperationException("a tile is computed before its body is known");

    /// <summary>The elements of a tile whose values all stay in the first cache.</summary>
    public static int ChunkOf(LoopBody body) =>
        Math.Clamp(CacheBytes / sizeof(long) / body.Plan.Cells / 64 * 64, ShortestChunk, LongestChunk);

    /// <summary>
    /// Lays out the scratch memory: for every cell a block of copies; three tables of addresses for a segment, and blocks for
    /// its last elements and for lines of its results; for every cell a slot for the elements of a tile; and what else is asked
    /// for.
    /// </summary>
    public void Set(LoopBody body, GeneratedLoop? generated, nint slotElements, nint extraBytes = 0)
    {
        this.generated = generated;
        Set(body, generated?.MaxPlaces ?? 0, slotElements, extraBytes);
    }

    /// <summary>The same for a segment alone, between addresses of the caller's.</summary>
    public void Set(LoopBody body, LoopSegment segment, nint extraBytes)
    {
        generated = null;
        Set(body, JoinedLines.PlaceOfBlocks(segment) + 1, 0, extraBytes);
    }

    private void Set(LoopBody body, int maxPlaces, nint slotElements, nint extraBytes)
    {
        this.body = body;
        var count = body.Plan.Cells;
        slotBytes = CacheLine.Whole(slotElements * sizeof(long));
        places = (nint)count * Operand.BlockBytes;
        rowPlaces = places + ((nint)maxPlaces * 2 * sizeof(nint));
        lastElements = places + CacheLine.Whole((nint)maxPlaces * 3 * sizeof(nint));
        LineBlocks = lastElements + ((nint)maxPlaces * Operand.BlockBytes);
        firstSlot = LineBlocks + CacheLine.Whole((nint)maxPlaces * LineStream.BytesOfResult);
        Extra = firstSlot + count * slotBytes;
        Reserve(Extra + extraBytes);
        places += scratch;
        rowPlaces += scratch;
        lastElements += scratch;
        LineBlocks += scratch;
        firstSlot += scratch;
        Extra += scratch;
        if (cells.Length < count)
            cells = new Cell[count];
        if (OutputPlaces.Length < body.Outputs.Length)
            OutputPlaces = new nint[body.Outputs.Length];
    }

    /// <summary>The address of a cell's slot.</summary>
    public nint Slot(int cell) => firstSlot + cell * slotBytes;

    /// <summary>Consecutive elements of an input.</summary>
    public void Bind(int input, nint start) => cells[input] = new Cell(start, Repeats: false);

    /// <summary>An element of an input that repeats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void BindRepeating(int input, nint element)
    {
        if (generated is { ReadsElements: true } && Body.Inputs[input] != DType.Bool)
        {
            cells[input] = new Cell(element, Repeats: true);
            return;
        }

        var size = Body.Inputs[input].Size();
        var block = (byte*)Block(input);
        Unsafe.CopyBlockUnaligned(block, (byte*)element, (uint)size);
        ChunkCopy.FillBlock(size, ref *block);
        cells[input] = new Cell((nint)block, Repeats: true);
    }

    /// <summary>Computes the outputs of so many elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(nint count)
    {
        if (generated is null)
            foreach (ref readonly var step in Body.Plan.Steps.AsSpan())
                Execute(step, count);
        else
            foreach (ref readonly var part in generated.Parts.AsSpan())
                if (part.Segment is null)
                    Execute(part.Step, count);
                else
                    Execute(part.Segment, count);
    }

    /// <summary>The computed elements of an output.</summary>
    public Operand Read(int output) => Read(cells[Body.Plan.OutputCells[output]]);

    /// <summary>Copies the computed elements of an output to a place, unless they are there.</summary>
    public void Store(int output, nint place, nint count)
    {
        if (cells[Body.Plan.OutputCells[output]].Start == place)
            return;
        var type = Body.TypeOf(Body.Outputs[output]);
        var source = Read(output);
        OpcodeLoops.Run(Opcode.Copy, type, type, source, source, source, ref *(byte*)place, count);
    }

    /// <summary>The same past the caches.</summary>
    public void StreamOutput(int output, nint place, nint count)
    {
        var source = cells[Body.Plan.OutputCells[output]];
        var bytes = count * Body.TypeOf(Body.Outputs[output]).Size();
        if (source.Repeats)
            Store(output, place, count);
        else
            Streaming.Copy((byte*)source.Start, (byte*)place, bytes);
    }

    private static Operand Read(Cell cell) => new(ref *(byte*)cell.Start, cell.Repeats);

    private nint Block(int cell) => scratch + (nint)cell * Operand.BlockBytes;

    private void Reserve(nint bytes)
    {
        if (memory.Length >= bytes + CacheLine.Bytes)
            return;
        memory = GC.AllocateUninitializedArray<byte>(checked((int)(bytes + CacheLine.Bytes)), pinned: true);
        scratch = CacheLine.Whole((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory)));
    }

    /// <summary>Where a result goes that is no repeated one.</summary>
    private Cell Target(int cell, int output) =>
        new(output >= 0 && OutputPlaces[output] != 0 ? OutputPlaces[output] : Slot(cell), Repeats: false);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Execute(in LoopStep step, nint count)
    {
        var (a, b, c) = (cells[step.A], cells[step.B], cells[step.C]);
        var repeats = a.Repeats && b.Repeats && c.Repeats;
        var target = repeats ? new Cell(Block(step.Target), Repeats: true) : Target(step.Target, step.Output);
        ref var place = ref *(byte*)target.Start;
        OpcodeLoops.Run(step.Code, step.Type, step.Result, Read(a), Read(b), Read(c), ref place, repeats ? 1 : count);
        if (repeats)
            ChunkCopy.FillBlock(step.Result.Size(), ref place);
        cells[step.Target] = target;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Execute(LoopSegment segment, nint count)
    {
        var reads = segment.Reads;
        var writes = segment.Writes;
        var table = Table;
        for (var i = 0; i < reads.Length; i++)
            table[i] = cells[reads[i].Cell].Start;
        for (var i = 0; i < writes.Length; i++)
        {
            var target = Target(writes[i].Cell, writes[i].Output);
            cells[writes[i].Cell] = target;
            table[reads.Length + i] = target.Start;
        }

        Run(segment, count);
    }

    /// <summary>
    /// Runs a segment between the addresses that stand in the table, and for further stretches, to which these move by steps. A
    /// stretch of fewer elements than a vector has is alone.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(LoopSegment segment, nint count, nint* steps = null, nint stretches = 1)
    {
        if (count < segment.Lanes)
            RunRest(segment, 0, (int)count);
        else
            segment.Code(Table, count, steps, stretches);
    }

    /// <summary>The last elements, behind whole vectors, in blocks of their own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RunRest(LoopSegment segment, nint whole, int rest)
    {
        var table = Table;
        var reads = segment.Reads;
        var writes = segment.Writes;
        var last = table + reads.Length + writes.Length;
        for (var i = 0; i < reads.Length; i++)
            last[i] = reads[i].Repeats ? table[i] : LastElements(i, table[i], reads[i].Type.Size(), whole, rest);
        for (var i = 0; i < writes.Length; i++)
            last[reads.Length + i] = LastBlock(reads.Length + i);
        segment.Code(last, segment.Lanes, null, 1);
        for (var i = reads.Length; i < reads.Length + writes.Length; i++)
        {
            var size = writes[i - reads.Length].Type.Size();
            Unsafe.CopyBlockUnaligned((byte*)table[i] + whole * size, (byte*)last[i], (uint)(size * rest));
        }
    }

    private nint LastBlock(int place) => lastElements + (nint)place * Operand.BlockBytes;

    /// <summary>The last elements, in a block whose other places repeat one of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private nint LastElements(int place, nint start, int size, nint whole, int rest)
    {
        var block = (byte*)LastBlock(place);
        var source = (byte*)start + whole * size;
        Unsafe.CopyBlockUnaligned(block, source, (uint)size);
        ChunkCopy.FillBlock(size, ref *block);
        Unsafe.CopyBlockUnaligned(block, source, (uint)(size * rest));
        return (nint)block;
    }

    /// <summary>Whether a result goes where an operand is, so that no element may be computed twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool WritesWhatItReads(LoopSegment segment, nint* table)
    {
        var reads = segment.Reads.Length;
        for (var i = 0; i < reads; i++)
            for (var k = 0; k < segment.Writes.Length; k++)
                if (table[i] == table[reads + k])
                    return true;
        return false;
    }
}
