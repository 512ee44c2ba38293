using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Interprets a loop body tile by tile: each operation runs as a vector loop over some hundred elements, whose
/// intermediate results stay in the first cache. Consecutive inputs are read where they are; an input that repeats is
/// an operand by itself, and what is computed from such alone is computed once a tile.
/// </summary>
/// <remarks>The methods are optimised at once: a graph that runs once would see nothing but their first, slow, form.</remarks>
internal ref struct ChunkedLoop
{
    /// <summary>Bytes that the slots of a tile take together, about two thirds of a first cache.</summary>
    private const int CacheBytes = 32 * 1024;

    private const int LongestChunk = 1024, ShortestChunk = 128;

    private readonly LoopBody body;
    private readonly ReadOnlySpan<View> inputs;
    private readonly ReadOnlySpan<View> outputs;
    private readonly Workspace workspace;
    private readonly IterationSpace space;
    private int slotBytes;
    private int row;
    private int rows;

    private ChunkedLoop(LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, Workspace workspace)
    {
        this.body = body;
        this.inputs = inputs;
        this.outputs = outputs;
        this.workspace = workspace;
        space = workspace.Space;
    }

    /// <summary>Computes the outputs from the inputs, under one shape that is not empty.</summary>
    public static void Run(LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        var workspace = Workspace.Rent();
        try
        {
            new ChunkedLoop(body, inputs, outputs, workspace).Run();
        }
        finally
        {
            workspace.Return();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run()
    {
        space.Set(inputs, outputs);
        Reserve();
        BindConstants();
        do
        {
            for (row = 0; row < space.Sizes[space.Split]; row += rows)
            {
                rows = Math.Min(space.Rows, space.Sizes[space.Split] - row);
                BindInputs();
                foreach (ref readonly var step in body.Plan.Steps.AsSpan())
                    Execute(step);
                StoreOutputs();
            }
        }
        while (space.MoveNext());
    }

    /// <summary>
    /// Lays out the scratch memory: for every cell a block of copies and a slot for the elements of a tile.
    /// </summary>
    private void Reserve()
    {
        var cells = body.Plan.Cells;
        var chunk = CacheBytes / sizeof(long) / cells / 64 * 64;
        chunk = Math.Clamp(chunk, ShortestChunk, LongestChunk);
        space.Cut(chunk);
        slotBytes = (space.Rows * space.Inner * sizeof(long) + 63) / 64 * 64;
        workspace.Reserve(cells, (nint)cells * (Operand.BlockBytes + slotBytes));
    }

    private static nint Block(int cell) => (nint)cell * Operand.BlockBytes;

    private readonly nint Slot(int cell) => Block(body.Plan.Cells) + (nint)cell * slotBytes;

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
                case Walk.Consecutive:
                    var position = space.Origin(input, row) * inputs[input].DType.Size();
                    workspace.Cells[input] = new Cell(Place.Input, input, position, Repeats: false);
                    break;
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
        var cell = new Cell(Place.Scratch, 0, Block(input), Repeats: true);
        ref var block = ref Locate(cell);
        Unsafe.CopyBlockUnaligned(ref block, ref Element(inputs[input], space.Origin(input, row)), (uint)size);
        ChunkCopy.FillBlock(size, ref block);
        workspace.Cells[input] = cell;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void BindStrided(int input)
    {
        var cell = new Cell(Place.Scratch, 0, Slot(input), Repeats: false);
        ChunkCopy.Gather(
            inputs[input].DType.Size(), ref Element(inputs[input], space.Origin(input, row)), rows,
            space.Sizes[space.Split..], space.Strides(input)[space.Split..], ref Locate(cell));
        workspace.Cells[input] = cell;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Execute(in LoopStep step)
    {
        var (a, b, c) = (workspace.Cells[step.A], workspace.Cells[step.B], workspace.Cells[step.C]);
        var repeats = a.Repeats && b.Repeats && c.Repeats;
        var target = repeats ? new Cell(Place.Scratch, 0, Block(step.Target), Repeats: true)
            : step.Output >= 0 && IsConsecutive(step.Output) ? OutputCell(step.Output)
            : new Cell(Place.Scratch, 0, Slot(step.Target), Repeats: false);
        ref var place = ref Locate(target);
        OpcodeLoops.Run(
            step.Code, step.Type, step.Result, Read(a), Read(b), Read(c), ref place, repeats ? 1 : rows * space.Inner);
        if (repeats)
            ChunkCopy.FillBlock(step.Result.Size(), ref place);
        workspace.Cells[step.Target] = target;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void StoreOutputs()
    {
        for (var output = 0; output < outputs.Length; output++)
        {
            var cell = workspace.Cells[body.Plan.OutputCells[output]];
            var type = outputs[output].DType;
            var source = Read(cell);
            if (!IsConsecutive(output))
                ChunkCopy.Scatter(
                    type.Size(), source, ref Element(outputs[output], space.Origin(inputs.Length + output, row)), rows,
                    space.Sizes[space.Split..], space.Strides(inputs.Length + output)[space.Split..]);
            else if (cell.Place != Place.Output || cell.Index != output)
                OpcodeLoops.Run(
                    Opcode.Copy, type, type, source, source, source, ref Locate(OutputCell(output)), rows * space.Inner);
        }
    }

    private readonly bool IsConsecutive(int output) => space.WalkOf(inputs.Length + output) == Walk.Consecutive;

    private readonly Cell OutputCell(int output)
    {
        var position = space.Origin(inputs.Length + output, row) * outputs[output].DType.Size();
        return new Cell(Place.Output, output, position, Repeats: false);
    }

    private readonly Operand Read(Cell cell) => new(ref Locate(cell), cell.Repeats);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ref byte Locate(Cell cell)
    {
        switch (cell.Place)
        {
            case Place.Scratch: return ref Unsafe.AddByteOffset(ref workspace.Scratch, cell.Position);
            case Place.Input: return ref Element(inputs[cell.Index], 0, cell.Position);
            default: return ref Element(outputs[cell.Index], 0, cell.Position);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Element(in View view, nint index, nint bytes = 0) =>
        ref Unsafe.AddByteOffset(ref view.Storage.Reference<byte>(), index * view.DType.Size() + bytes);
}
