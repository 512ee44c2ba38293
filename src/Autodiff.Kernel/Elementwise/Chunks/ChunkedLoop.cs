using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Runs a loop body tile by tile: some hundred elements, whose intermediate results stay in the first cache. Consecutive
/// inputs are read where they are; an input that repeats is an operand by itself, and what is computed from such alone
/// is computed once a tile. Each operation is interpreted as a vector loop, unless segments of the body have been
/// compiled; a body that is one compiled segment needs no tiles.
/// </summary>
/// <remarks>The methods are optimised at once: a graph that runs once would see nothing but their first, slow, form.</remarks>
internal unsafe ref struct ChunkedLoop
{
    /// <summary>Bytes that the slots of a tile take together, about two thirds of a first cache.</summary>
    private const int CacheBytes = 32 * 1024;

    private const int LongestChunk = 1024, ShortestChunk = 128;

    private readonly LoopBody body;
    private readonly LoopStep[] steps;
    private readonly ReadOnlySpan<View> inputs;
    private readonly ReadOnlySpan<View> outputs;
    private readonly Workspace workspace;
    private readonly IterationSpace space;
    private GeneratedLoop? generated;
    private nint scratch;
    private nint firstSlot;
    private int slotBytes;
    private int row;
    private int rows;

    private ChunkedLoop(LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, Workspace workspace)
    {
        this.body = body;
        this.inputs = inputs;
        this.outputs = outputs;
        this.workspace = workspace;
        steps = body.Plan.Steps;
        space = workspace.Space;
    }

    /// <summary>Computes the outputs from the inputs, under one shape that is not empty.</summary>
    public static void Run(LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        Run(body, inputs, outputs, static (body, repeats, elements) => body.Code.Find(repeats, elements));

    /// <summary>The same by the loop that <paramref name="find"/> gives, or interpreted where that is none.</summary>
    internal static void Run(
        LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, FindLoop find)
    {
        var workspace = Workspace.Rent();
        try
        {
            workspace.ReserveViews(inputs.Length + outputs.Length);
            var loop = new ChunkedLoop(body, inputs, outputs, workspace);
            loop.Prepare(find);
            loop.Pin(0);
        }
        finally
        {
            workspace.Return();
        }
    }

    /// <summary>Finds the axes, the code, and the length of a tile.</summary>
    private void Prepare(FindLoop find)
    {
        space.Set(inputs, outputs);
        space.Cut(int.MaxValue);
        var hasStrided = false;
        for (var view = 0; view < inputs.Length + outputs.Length; view++)
        {
            var walk = space.WalkOf(view);
            workspace.Repeats[view] = walk is Walk.Constant or Walk.Repeating;
            hasStrided |= walk == Walk.Strided;
        }

        generated = find(body, workspace.Repeats.AsSpan(0, inputs.Length), outputs[0].Shape.Size);
        Reserve(isWhole: generated is { NeedsNoSlots: true } && !hasStrided);
    }

    /// <summary>
    /// Lays out the scratch memory: for every cell a block of copies, for every address of a segment a block for the last
    /// elements and the address itself, and for every cell a slot for the elements of a tile.
    /// </summary>
    private void Reserve(bool isWhole)
    {
        var cells = body.Plan.Cells;
        if (!isWhole)
        {
            var chunk = CacheBytes / sizeof(long) / cells / 64 * 64;
            space.Cut(Math.Clamp(chunk, ShortestChunk, LongestChunk));
            slotBytes = (space.Rows * space.Inner * sizeof(long) + 63) / 64 * 64;
        }

        firstSlot = Places + Tables + (nint)MaxPlaces * Operand.BlockBytes;
        workspace.Reserve(cells, firstSlot + (nint)cells * slotBytes);
        scratch = workspace.Scratch;
        firstSlot += scratch;
    }

    /// <summary>Pins the storage of one view after the other, and then runs.</summary>
    private void Pin(int view)
    {
        if (view == inputs.Length + outputs.Length)
        {
            Run();
            return;
        }

        fixed (byte* start = &ViewOf(view).Storage.Reference<byte>())
        {
            workspace.Storages[view] = (nint)start;
            Pin(view + 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run()
    {
        BindConstants();
        do
        {
            for (row = 0; row < space.Sizes[space.Split]; row += rows)
            {
                rows = Math.Min(space.Rows, space.Sizes[space.Split] - row);
                BindInputs();
                if (generated is null)
                    foreach (ref readonly var step in steps.AsSpan())
                        Execute(step);
                else
                    foreach (ref readonly var part in generated.Parts.AsSpan())
                        Execute(part);
                StoreOutputs();
            }
        }
        while (space.MoveNext());
    }

    private readonly nint Block(int cell) => scratch + (nint)cell * Operand.BlockBytes;

    /// <summary>Two tables of a segment's addresses, and behind them blocks for its last elements.</summary>
    private readonly nint Places => Block(body.Plan.Cells);

    private readonly nint Tables => ((nint)MaxPlaces * 2 * sizeof(nint) + 63) / 64 * 64;

    private readonly int MaxPlaces => generated?.MaxPlaces ?? 0;

    private readonly nint Slot(int cell) => firstSlot + (nint)cell * slotBytes;

    /// <summary>Inputs that are the same for the whole loop fill their blocks once.</summary>
    private readonly void BindConstants()
    {
        for (var input = 0; input < inputs.Length; input++)
            if (space.WalkOf(input) == Walk.Constant)
                BindRepeating(input);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void BindInputs()
    {
        for (var input = 0; input < inputs.Length; input++)
        {
            switch (space.WalkOf(input))
            {
                case Walk.Consecutive: workspace.Cells[input] = new Cell(Element(input), Repeats: false); break;
                case Walk.Repeating: BindRepeating(input); break;
                case Walk.Strided: BindStrided(input); break;
                case Walk.Constant: break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void BindRepeating(int input)
    {
        var size = inputs[input].DType.Size();
        var block = (byte*)Block(input);
        Unsafe.CopyBlockUnaligned(block, (byte*)Element(input), (uint)size);
        ChunkCopy.FillBlock(size, ref *block);
        workspace.Cells[input] = new Cell((nint)block, Repeats: true);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void BindStrided(int input)
    {
        var slot = Slot(input);
        ChunkCopy.Gather(
            inputs[input].DType.Size(), ref *(byte*)Element(input), rows, space.Sizes[space.Split..],
            space.Strides(input)[space.Split..], ref *(byte*)slot);
        workspace.Cells[input] = new Cell(slot, Repeats: false);
    }

    private readonly void Execute(in LoopPart part)
    {
        if (part.Segment is null)
            Execute(part.Step);
        else
            Execute(part.Segment);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Execute(in LoopStep step)
    {
        var (a, b, c) = (workspace.Cells[step.A], workspace.Cells[step.B], workspace.Cells[step.C]);
        var repeats = a.Repeats && b.Repeats && c.Repeats;
        var target = repeats ? new Cell(Block(step.Target), Repeats: true) : Target(step.Target, step.Output);
        ref var place = ref *(byte*)target.Start;
        OpcodeLoops.Run(
            step.Code, step.Type, step.Result, Read(a), Read(b), Read(c), ref place, repeats ? 1 : rows * space.Inner);
        if (repeats)
            ChunkCopy.FillBlock(step.Result.Size(), ref place);
        workspace.Cells[step.Target] = target;
    }

    /// <summary>Runs a compiled segment over the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Execute(LoopSegment segment)
    {
        var count = (nint)rows * space.Inner;
        var reads = segment.Reads;
        var writes = segment.Writes;
        var places = (nint*)Places;
        for (var i = 0; i < reads.Length; i++)
            places[i] = workspace.Cells[reads[i].Cell].Start;
        for (var i = 0; i < writes.Length; i++)
        {
            var target = Target(writes[i].Cell, writes[i].Output);
            workspace.Cells[writes[i].Cell] = target;
            places[reads.Length + i] = target.Start;
        }

        var rest = count % segment.Lanes;
        if (rest == 0 || (count > rest && !WritesWhatItReads(segment, places)))
            segment.Code(places, count);
        else
            ExecuteInParts(segment, places, count - rest, (int)rest);
    }

    /// <summary>Whole vectors where the elements are, and then the last elements in blocks of their own.</summary>
    private readonly void ExecuteInParts(LoopSegment segment, nint* places, nint whole, int rest)
    {
        if (whole > 0)
            segment.Code(places, whole);
        var reads = segment.Reads;
        var writes = segment.Writes;
        var all = reads.Length + writes.Length;
        var last = places + all;
        var blocks = (byte*)(Places + Tables);
        for (var i = 0; i < reads.Length; i++)
        {
            var block = blocks + i * Operand.BlockBytes;
            var size = reads[i].Type.Size();
            last[i] = reads[i].Repeats ? places[i] : (nint)block;
            if (reads[i].Repeats)
                continue;
            var source = (byte*)places[i] + whole * size;
            Unsafe.CopyBlockUnaligned(block, source, (uint)size);
            ChunkCopy.FillBlock(size, ref *block);
            Unsafe.CopyBlockUnaligned(block, source, (uint)(size * rest));
        }

        for (var i = reads.Length; i < all; i++)
            last[i] = (nint)(blocks + i * Operand.BlockBytes);
        segment.Code(last, segment.Lanes);
        for (var i = 0; i < writes.Length; i++)
        {
            var size = writes[i].Type.Size();
            Unsafe.CopyBlockUnaligned(
                (byte*)places[reads.Length + i] + whole * size, (byte*)last[reads.Length + i], (uint)(size * rest));
        }
    }

    /// <summary>Whether a result goes where an operand is, so that no element may be computed twice.</summary>
    private static bool WritesWhatItReads(LoopSegment segment, nint* places)
    {
        for (var i = 0; i < segment.Reads.Length; i++)
            for (var k = 0; k < segment.Writes.Length; k++)
                if (places[i] == places[segment.Reads.Length + k])
                    return true;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void StoreOutputs()
    {
        for (var output = 0; output < outputs.Length; output++)
        {
            var cell = workspace.Cells[body.Plan.OutputCells[output]];
            var type = outputs[output].DType;
            var source = Read(cell);
            ref var place = ref *(byte*)Element(inputs.Length + output);
            if (!IsConsecutive(output))
                ChunkCopy.Scatter(
                    type.Size(), source, ref place, rows, space.Sizes[space.Split..],
                    space.Strides(inputs.Length + output)[space.Split..]);
            else if (cell.Start != Element(inputs.Length + output))
                OpcodeLoops.Run(Opcode.Copy, type, type, source, source, source, ref place, rows * space.Inner);
        }
    }

    private readonly bool IsConsecutive(int output) => space.WalkOf(inputs.Length + output) == Walk.Consecutive;

    /// <summary>Where a result goes that is no repeated one: to an output at once, or to its slot.</summary>
    private readonly Cell Target(int cell, int output) =>
        new(output >= 0 && IsConsecutive(output) ? Element(inputs.Length + output) : Slot(cell), Repeats: false);

    private static Operand Read(Cell cell) => new(ref *(byte*)cell.Start, cell.Repeats);

    /// <summary>The address of the first element of a view's part of the tile.</summary>
    private readonly nint Element(int view) =>
        workspace.Storages[view] + space.Origin(view, row) * ViewOf(view).DType.Size();

    private readonly ref readonly View ViewOf(int view) =>
        ref view < inputs.Length ? ref inputs[view] : ref outputs[view - inputs.Length];
}

/// <summary>The generated loop of a body for so many elements, of whose inputs certain ones repeat one element.</summary>
internal delegate GeneratedLoop? FindLoop(LoopBody body, ReadOnlySpan<bool> repeatingInputs, long elements);
