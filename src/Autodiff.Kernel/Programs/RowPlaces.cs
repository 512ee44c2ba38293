namespace Autodiff.Kernel;

/// <summary>
/// Where the operands of a <see cref="RowChain"/> stand: those from outside in slots, row after row; those of the chain's own
/// in memory of each block, or in the place of what is written over them, as <see cref="InPlace"/> finds.
/// </summary>
internal sealed class RowPlaces
{
    private readonly Dictionary<int, int> slots;
    private readonly Dictionary<int, nint> locals = [];
    private readonly Dictionary<int, int> homes = [];

    /// <param name="chain">The instructions.</param>
    /// <param name="slots">The buffer of each storage that a block is given.</param>
    /// <param name="rowBytes">The chain's own buffers, with the bytes of a row.</param>
    /// <param name="inPlace">Finds which of these may stand in the place of others; null if none may.</param>
    public RowPlaces(RowChain chain, int[] slots, Dictionary<int, long> rowBytes, InPlace? inPlace)
    {
        this.slots = slots.Index().ToDictionary(slot => slot.Item, slot => slot.Index);
        var found = inPlace?.Homes(chain.Members);
        foreach (var (buffer, row) in rowBytes)
        {
            var home = found is null ? buffer : found[buffer];
            homes.Add(buffer, home);
            if (home != buffer)
                continue;
            locals.Add(buffer, (nint)Bytes);
            Bytes += CacheLine.Whole((nint)row * chain.BlockRows);
        }
    }

    /// <summary>The bytes of a block's own memory.</summary>
    public long Bytes { get; }

    /// <summary>Where an operand of an instruction for all rows stands.</summary>
    public RowPlace Of(Instruction instruction, int position, BufferView view)
    {
        var home = homes.GetValueOrDefault(view.Buffer, view.Buffer);
        if (locals.TryGetValue(home, out var place))
            return new RowPlace(-1, place);

        // The step from row to row is that of all rows: an axis of a single one has no stride of its own.
        var step = RowWise.IsWhole(instruction, position) ? 0 : (nint)view.Layout.Strides[0] * view.DType.Size();
        return new RowPlace(slots.GetValueOrDefault(home, -1), step);
    }
}

/// <summary>The place of an operand: the slot and the bytes of a row, or no slot and the place in the block's own memory.</summary>
internal readonly record struct RowPlace(int Slot, nint Bytes)
{
    /// <summary>Where the rows from one on begin.</summary>
    public nint At(nint[] places, nint firstRow, RowState own) =>
        Slot < 0 ? own.Local + Bytes : places[Slot] + (Bytes * firstRow);
}
