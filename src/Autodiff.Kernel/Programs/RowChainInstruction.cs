namespace Autodiff.Kernel;

/// <summary>
/// The instructions of a <see cref="RowChain"/>, all of them for one block of rows after the other. Blocks are divided among
/// threads; where they begin depends on shapes alone.
/// </summary>
internal sealed class RowChainInstruction : PlacedInstruction
{
    private const int Alignment = 64;

    private readonly RowBlock full;
    private readonly RowBlock last;
    private readonly int blockRows;
    private readonly int blocks;
    private readonly long work;

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
        var bytes = Inputs.Concat(Outputs).Sum(Bytes);
        work = chain.Members.Sum(member => member.Inputs.Concat(member.Outputs).Sum(Bytes)) / 16;
        var slots = Inputs.Concat(Outputs).Select(view => view.Buffer).ToArray();
        var places = Places(locals);
        var streams = chain.Members.Select((_, i) => Streaming.Pays(bytes) && IsLeft(chain.Members, i, locals)).ToArray();
        var asks = LastReader(chain);
        full = new RowBlock(chain.Members, blockRows, slots, places, streams, asks);
        last = new RowBlock(chain.Members, chain.Rows - ((blocks - 1) * blockRows), slots, places, streams, asks);
    }

    public override long Flops { get; }

    public override string Name { get; }

    private long LocalBytes { get; set; }

    public override void Run(nint[] places) => ForkJoin.Run(new Work(this, places), blocks, work);

    /// <summary>Whether nothing within the chain reads again what an instruction writes.</summary>
    private static bool IsLeft(IReadOnlyList<Instruction> members, int index, Dictionary<int, long> locals) =>
        Array.TrueForAll(
            members[index].Outputs,
            output => !locals.ContainsKey(output.Buffer)
                && members.Skip(index + 1).All(later => Array.TrueForAll(later.Inputs, input => input.Buffer != output.Buffer)));

    /// <summary>
    /// The last instruction that reads rows from outside: those of its block are in the cache, so that memory is free to
    /// bring the next ones. -1 where there is none.
    /// </summary>
    private static int LastReader(RowChain chain)
    {
        var last = chain.Members.Count - 1;
        while (last >= 0 && !Array.Exists(chain.Members[last].Inputs, IsRow))
            last--;
        return last;

        bool IsRow(BufferView view) =>
            !chain.Written.Contains(view.Buffer) && view.Layout.Strides.AsSpan().Count(0) < view.Shape.Rank - 1;
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
    private readonly struct Work(RowChainInstruction chain, nint[] places) : IWork
    {
        public void Run(long item)
        {
            var block = item == chain.blocks - 1 ? chain.last : chain.full;
            var own = RowState.Rent(block.MostViews, 0, (int)chain.LocalBytes);
            block.Run(places, (nint)item * chain.blockRows, own);
            own.Return();
        }
    }
}
