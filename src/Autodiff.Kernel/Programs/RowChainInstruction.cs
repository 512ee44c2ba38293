namespace Autodiff.Kernel;

/// <summary>
/// The instructions of a <see cref="RowChain"/>, all of them for one block of rows after the other. Blocks are divided among
/// threads; where they begin depends on shapes alone.
/// </summary>
internal sealed class RowChainInstruction : PlacedInstruction
{
    private readonly RowBlock full;
    private readonly RowBlock last;
    private readonly int blockRows;
    private readonly int blocks;
    private readonly long work;
    private readonly long localBytes;

    /// <param name="chain">The instructions.</param>
    /// <param name="locals">The buffers that are memory of the blocks' own, with the bytes of a row.</param>
    /// <param name="inPlace">Finds which buffers of the program may stand in the place of others.</param>
    public RowChainInstruction(RowChain chain, Dictionary<int, long> locals, InPlace inPlace)
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
        var places = new RowPlaces(chain, slots, locals, Streaming.Pays(bytes) ? null : inPlace);
        localBytes = places.Bytes;
        var streams = Streaming.Pays(bytes) ? Unread(chain, locals) : new bool[chain.Members.Count];
        var asks = LastReader(chain);
        full = new RowBlock(chain.Members, blockRows, places, streams, asks);
        last = new RowBlock(chain.Members, chain.Rows - ((blocks - 1) * blockRows), places, streams, asks);
    }

    public override long Flops { get; }

    public override string Name { get; }

    public override void Run(nint[] places) => ForkJoin.Run(new Work(this, places), blocks, work);

    /// <summary>Whether nothing within the chain reads again what each of its instructions writes.</summary>
    private static bool[] Unread(RowChain chain, Dictionary<int, long> locals)
    {
        var unread = new bool[chain.Members.Count];
        var later = new HashSet<int>();
        for (var i = unread.Length - 1; i >= 0; i--)
        {
            unread[i] = Array.TrueForAll(
                chain.Members[i].Outputs, output => !locals.ContainsKey(output.Buffer) && !later.Contains(output.Buffer));
            later.UnionWith(chain.Members[i].Inputs.Select(input => input.Buffer));
        }

        return unread;
    }

    /// <summary>
    /// The last instruction that reads rows from outside: those of its block are in the cache, so that memory is free to
    /// bring the next ones. -1 where there is none.
    /// </summary>
    private static int LastReader(RowChain chain)
    {
        var last = chain.Members.Count - 1;
        while (last >= 0 && !Enumerable.Range(0, chain.Members[last].Inputs.Length).Any(input => IsRow(chain.Members[last], input)))
            last--;
        return last;

        bool IsRow(Instruction member, int input)
        {
            var (view, written) = (member.Inputs[input], chain.Written);
            return !RowWise.IsWhole(member, input) && !written.Contains(view.Buffer)
                && view.Layout.Strides.AsSpan().Count(0) < view.Shape.Rank - 1;
        }
    }

    private static BufferView[] Distinct(IEnumerable<BufferView> views) => [.. views.DistinctBy(view => view.Buffer)];

    private static long Bytes(BufferView view) => (long)view.Layout.Strides[0] * view.Shape[0] * view.DType.Size();

    /// <summary>Blocks of rows of operands in given places.</summary>
    private readonly struct Work(RowChainInstruction chain, nint[] places) : IWork
    {
        public void Run(long item)
        {
            var block = item == chain.blocks - 1 ? chain.last : chain.full;
            var own = RowState.Rent(block.MostViews, 0, (int)chain.localBytes);
            block.Run(places, (nint)item * chain.blockRows, own);
            own.Return();
        }
    }
}
