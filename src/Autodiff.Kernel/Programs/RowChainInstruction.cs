namespace Autodiff.Kernel;

/// <summary>
/// The instructions of a <see cref="RowChain"/>, all of them for one block of rows after the other. Blocks are divided among
/// threads; where they begin depends on shapes alone.
/// </summary>
internal sealed class RowChainInstruction : Instruction
{
    private const int Alignment = 64;

    private readonly RowBlock full;
    private readonly RowBlock last;
    private readonly int blockRows;
    private readonly int blocks;
    private readonly long bytes;

    /// <param name="chain">The instructions.</param>
    /// <param name="locals">The buffers that are memory of the blocks' own, with the bytes of a row.</param>
    public RowChainInstruction(RowChain chain, Dictionary<int, long> locals)
        : base(
            Distinct(chain.Members.SelectMany(member => member.Inputs).Where(view => !chain.Written.Contains(view.Buffer))),
            Distinct(chain.Members.SelectMany(member => member.Outputs).Where(view => !locals.ContainsKey(view.Buffer))))
    {
        blockRows = chain.BlockRows;
        blocks = (chain.Rows + blockRows - 1) / blockRows;
        Flops = chain.Members.Sum(member => member.Flops);
        Name = "rows: " + string.Join("; ", chain.Members.Select(member => member.Name));
        bytes = chain.Members.Sum(member => member.Inputs.Concat(member.Outputs).Sum(Bytes));
        var slots = Inputs.Concat(Outputs).Select(view => view.Buffer).ToArray();
        full = new RowBlock(chain.Members, blockRows, slots, Places(locals));
        last = new RowBlock(chain.Members, chain.Rows - ((blocks - 1) * blockRows), slots, Places(locals));
    }

    public override long Flops { get; }

    public override string Name { get; }

    private long LocalBytes { get; set; }

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        var state = RowState.Rent(inputs.Length + outputs.Length, 0, 0);
        for (var i = 0; i < inputs.Length + outputs.Length; i++)
            state.Storages[i] = (i < inputs.Length ? inputs[i] : outputs[i - inputs.Length]).Storage;
        ForkJoin.Run(new Work(this, state.Storages), blocks, bytes / 16);
        state.Return();
    }

    private static BufferView[] Distinct(IEnumerable<BufferView> views) => [.. views.DistinctBy(view => view.Buffer)];

    private static long Bytes(BufferView view) => (long)view.Layout.Strides[0] * view.Shape[0] * view.DType.Size();

    /// <summary>Where in the memory of a block each local buffer begins.</summary>
    private Dictionary<int, nint> Places(Dictionary<int, long> locals)
    {
        var places = new Dictionary<int, nint>();
        LocalBytes = 0;
        foreach (var (buffer, row) in locals)
        {
            places.Add(buffer, (nint)LocalBytes);
            LocalBytes += ((row * blockRows) + Alignment - 1) / Alignment * Alignment;
        }

        return places;
    }

    /// <summary>Blocks of rows of operands in given places.</summary>
    private readonly struct Work(RowChainInstruction chain, Storage[] storages) : IWork
    {
        public void Run(long item)
        {
            var block = item == chain.blocks - 1 ? chain.last : chain.full;
            var own = RowState.Rent(0, block.MostViews, (int)chain.LocalBytes);
            block.Run(storages, (nint)item * chain.blockRows, own);
            own.Return();
        }
    }
}
