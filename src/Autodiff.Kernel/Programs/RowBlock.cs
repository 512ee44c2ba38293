namespace Autodiff.Kernel;

/// <summary>The instructions of a chain for a number of rows.</summary>
internal sealed class RowBlock
{
    private readonly Instruction[] members;
    private readonly Operand[][] operands;

    /// <param name="chain">The instructions for all rows.</param>
    /// <param name="rows">The rows of the block.</param>
    /// <param name="slots">The buffer of each storage that the block is given.</param>
    /// <param name="locals">The buffers in memory of the block's own, and where they begin.</param>
    public RowBlock(IReadOnlyList<Instruction> chain, int rows, int[] slots, Dictionary<int, nint> locals)
    {
        members = [.. chain.Select(member => RowWise.WithRows(member, rows)
            ?? throw new ArgumentException($"{member.Name} does not work row by row"))];
        operands = [.. chain.Zip(members, (whole, part) => Views(whole).Zip(Views(part), Locate).ToArray())];
        MostViews = members.Max(member => member.Inputs.Length + member.Outputs.Length);

        static IEnumerable<BufferView> Views(Instruction member) => member.Inputs.Concat(member.Outputs);

        // The step from row to row is that of the whole: an axis of a single row has no stride of its own.
        Operand Locate(BufferView whole, BufferView part) => locals.TryGetValue(part.Buffer, out var place)
            ? new Operand(part, -1, place)
            : new Operand(part, Array.IndexOf(slots, part.Buffer), (nint)whole.Layout.Strides[0] * part.DType.Size());
    }

    /// <summary>The most operands of an instruction.</summary>
    public int MostViews { get; }

    /// <summary>Computes the rows from one on.</summary>
    public void Run(Storage[] storages, nint firstRow, RowState own)
    {
        for (var i = 0; i < members.Length; i++)
        {
            var count = members[i].Inputs.Length;
            for (var k = 0; k < operands[i].Length; k++)
                own.Views[k] = operands[i][k].At(storages, firstRow, own);
            members[i].Run(own.Views.AsSpan(0, count), own.Views.AsSpan(count, operands[i].Length - count));
        }
    }

    /// <summary>An operand: the slot and the bytes of a row, or no slot and the place in the block's own memory.</summary>
    private readonly record struct Operand(BufferView View, int Slot, nint Bytes)
    {
        public View At(Storage[] storages, nint firstRow, RowState own) => new(
            Slot < 0 ? own.Local(Bytes) : storages[Slot].From(Bytes * firstRow), View.Layout, View.DType);
    }
}
