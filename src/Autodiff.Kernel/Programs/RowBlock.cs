using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The instructions of a chain for a number of rows.</summary>
internal sealed class RowBlock
{
    private readonly RowKernel[] kernels;
    private readonly Operand[][] operands;

    /// <param name="chain">The instructions for all rows.</param>
    /// <param name="rows">The rows of the block.</param>
    /// <param name="slots">The buffer of each storage that the block is given.</param>
    /// <param name="locals">The buffers in memory of the block's own, and where they begin.</param>
    /// <param name="streams">For each instruction whether it writes past the caches.</param>
    /// <param name="asks">The instruction that asks for the rows of the next block.</param>
    public RowBlock(
        IReadOnlyList<Instruction> chain, int rows, int[] slots, Dictionary<int, nint> locals, IReadOnlyList<bool> streams,
        int asks)
    {
        Instruction[] members = [.. chain.Select(member => RowWise.WithRows(member, rows)
            ?? throw new ArgumentException($"{member.Name} does not work row by row"))];
        kernels = [.. members.Select((member, i) => RowKernel.Of(
            member, streams[i], i == asks ? Lookahead.NextBlock : Lookahead.NextTurns))];
        operands = [.. chain.Zip(members, (whole, part) => Views(whole).Zip(Views(part), Locate).ToArray())];
        MostViews = members.Max(member => member.Inputs.Length + member.Outputs.Length);

        static IEnumerable<BufferView> Views(Instruction member) => member.Inputs.Concat(member.Outputs);

        // The step from row to row is that of the whole: an axis of a single row has no stride of its own.
        Operand Locate(BufferView whole, BufferView part) => locals.TryGetValue(part.Buffer, out var place)
            ? new Operand(-1, place)
            : new Operand(Array.IndexOf(slots, part.Buffer), (nint)whole.Layout.Strides[0] * part.DType.Size());
    }

    /// <summary>The most operands of an instruction.</summary>
    public int MostViews { get; }

    /// <summary>Computes the rows from one on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(nint[] places, nint firstRow, RowState own)
    {
        for (var i = 0; i < kernels.Length; i++)
        {
            for (var k = 0; k < operands[i].Length; k++)
                own.Places[k] = operands[i][k].At(places, firstRow, own);
            kernels[i].Run(own.Places);
        }
    }

    /// <summary>An operand: the slot and the bytes of a row, or no slot and the place in the block's own memory.</summary>
    private readonly record struct Operand(int Slot, nint Bytes)
    {
        public nint At(nint[] places, nint firstRow, RowState own) =>
            Slot < 0 ? own.Local + Bytes : places[Slot] + (Bytes * firstRow);
    }
}
