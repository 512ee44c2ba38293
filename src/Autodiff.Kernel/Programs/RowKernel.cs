namespace Autodiff.Kernel;

/// <summary>An instruction of a chain, for a number of rows, with all that does not depend on where the rows stand found beforehand.</summary>
internal abstract class RowKernel
{
    /// <summary>
    /// The kernel of an instruction for rows; <paramref name="streams"/> where it writes large results past the caches.
    /// </summary>
    public static RowKernel Of(Instruction rows, bool streams, Lookahead lookahead) => rows switch
    {
        LoopInstruction { Outputs: [var first, ..] } loop when first.Shape.Size > 0 => new LoopRows(loop, streams, lookahead),
        LoopReductionInstruction loop => new ReducedRows(loop, lookahead),
        ReductionInstruction reduction => new Reductions(reduction),
        _ => new OtherRows(rows),
    };

    /// <summary>Runs the kernel on operands whose memory, pinned, begins at the places.</summary>
    public abstract void Run(nint[] places);

    /// <summary>A loop.</summary>
    private sealed class LoopRows(LoopInstruction loop, bool streams, Lookahead lookahead) : RowKernel
    {
        public override void Run(nint[] places) => loop.Run(places, streams, lookahead);
    }

    /// <summary>A loop that ends in a reduction.</summary>
    private sealed class ReducedRows(LoopReductionInstruction loop, Lookahead lookahead) : RowKernel
    {
        public override void Run(nint[] places) => loop.Run(places, lookahead);
    }

    /// <summary>A reduction.</summary>
    private sealed class Reductions(ReductionInstruction reduction) : RowKernel
    {
        public override void Run(nint[] places) => reduction.Run(places);
    }

    /// <summary>Any other instruction.</summary>
    private sealed class OtherRows(Instruction rows) : RowKernel
    {
        public override unsafe void Run(nint[] places)
        {
            var state = RowState.Rent(0, rows.Inputs.Length + rows.Outputs.Length, 0);
            for (var i = 0; i < rows.Inputs.Length + rows.Outputs.Length; i++)
            {
                var view = i < rows.Inputs.Length ? rows.Inputs[i] : rows.Outputs[i - rows.Inputs.Length];
                state.Views[i] = view.Unbound with { Storage = Storage.Pinned((void*)places[i], nint.MaxValue) };
            }

            rows.Run(
                state.Views.AsSpan(0, rows.Inputs.Length), state.Views.AsSpan(rows.Inputs.Length, rows.Outputs.Length));
            state.Return();
        }
    }
}
