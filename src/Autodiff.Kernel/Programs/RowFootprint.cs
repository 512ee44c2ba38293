namespace Autodiff.Kernel;

/// <summary>
/// The memory that the instructions of a <see cref="RowChain"/> touch: of some buffers a few bytes for each row, and all of
/// the operands of products that have no rows, for every row again. It tells how many rows go into a block.
/// </summary>
/// <param name="rows">The number of rows.</param>
/// <param name="blockBytes">The bytes that a block may touch.</param>
internal sealed class RowFootprint(int rows, long blockBytes)
{
    // Of a product, fewer rows of its matrix leave register blocks half empty.
    private const int LeastProductRows = 48;

    // Every block reads them all, from the same cache.
    private const double MostOfBlock = 0.4;

    private readonly Dictionary<int, long> byRow = [];
    private readonly HashSet<int> whole = [];
    private long rowBytes;
    private long wholeBytes;
    private long sharedBytes;
    private long leastBlock = 1;

    /// <summary>The rows that are computed at a time: blocks are about equal.</summary>
    public int BlockRows => BlockRowsOf(rowBytes, wholeBytes);

    /// <summary>The bytes of what more than one instruction touches.</summary>
    public long SharedBytes => sharedBytes * rows;

    /// <summary>Whether a row has room in a block.</summary>
    public bool FitsRow => rowBytes <= blockBytes;

    /// <summary>The bytes of a row of a buffer that is touched by rows.</summary>
    public long this[int buffer] => byRow[buffer];

    /// <summary>Whether a buffer is touched by rows.</summary>
    public bool HasRowsOf(int buffer) => byRow.ContainsKey(buffer);

    /// <summary>Counts what an instruction touches, unless that leaves products too few rows.</summary>
    public bool TryAdd(Instruction instruction)
    {
        var (newRow, newWhole, least) = (rowBytes, wholeBytes, Math.Max(leastBlock, LeastBlock(instruction)));
        foreach (var (view, isWhole) in Views(instruction).DistinctBy(operand => operand.View.Buffer))
            if (isWhole && !whole.Contains(view.Buffer))
                newWhole += (long)view.Shape.Size * view.DType.Size();
            else if (!isWhole && !byRow.ContainsKey(view.Buffer))
                newRow += RowOf(view);
        if (least > 1 && (newWhole > MostOfBlock * blockBytes || BlockRowsOf(newRow, newWhole) < least))
            return false;
        (rowBytes, wholeBytes, leastBlock) = (newRow, newWhole, least);
        foreach (var (view, isWhole) in Views(instruction))
            if (isWhole)
                whole.Add(view.Buffer);
            else if (!byRow.TryAdd(view.Buffer, RowOf(view)))
                sharedBytes += RowOf(view);
        return true;
    }

    private static IEnumerable<(BufferView View, bool IsWhole)> Views(Instruction instruction) =>
        instruction.Inputs.Select((view, i) => (view, RowWise.IsWhole(instruction, i)))
            .Concat(instruction.Outputs.Select(view => (view, false)));

    private static long RowOf(BufferView view) => (long)view.Layout.Strides[0] * view.DType.Size();

    /// <summary>The rows of a block that an instruction needs to run as well as on all rows.</summary>
    private static long LeastBlock(Instruction instruction)
    {
        if (instruction is not EinsumInstruction { Contraction.IsBlocked: true, Outputs: [{ Shape: var result }] })
            return 1;
        var matrixRows = result.Rank < 3 ? 1 : Math.Max((long)result.Size / result[0] / result[^1], 1);
        return (LeastProductRows + matrixRows - 1) / matrixRows;
    }

    private int BlockRowsOf(long bytesOfRow, long bytesOfAll)
    {
        var most = (int)Math.Clamp((blockBytes - bytesOfAll) / Math.Max(bytesOfRow, 1), 1, rows);
        var blocks = (rows + most - 1) / most;
        return (rows + blocks - 1) / blocks;
    }
}
