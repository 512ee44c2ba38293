using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The instructions of a chain for a number of rows.</summary>
internal sealed class RowBlock
{
    private readonly RowKernel[] kernels;
    private readonly RowPlace[][] operands;

    /// <param name="chain">The instructions for all rows.</param>
    /// <param name="rows">The rows of the block.</param>
    /// <param name="places">Where the operands stand.</param>
    /// <param name="streams">For each instruction whether it writes past the caches.</param>
    /// <param name="asks">The instruction that asks for the rows of the next block.</param>
    public RowBlock(
        IReadOnlyList<Instruction> chain, int rows, RowPlaces places, IReadOnlyList<bool> streams, int asks)
    {
        Instruction[] members = [.. chain.Select(member => RowWise.WithRows(member, rows)
            ?? throw new ArgumentException($"{member.Name} does not work row by row"))];
        kernels = [.. members.Select((member, i) => RowKernel.Of(
            member, streams[i], i == asks ? Lookahead.NextBlock : Lookahead.NextTurns))];
        operands = [.. chain.Select(all => all.Inputs.Concat(all.Outputs).Select((view, k) => places.Of(all, k, view)).ToArray())];
        MostViews = members.Max(member => member.Inputs.Length + member.Outputs.Length);
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
}
