using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>An instruction of a chain, for a number of rows, with all that does not depend on where the rows stand found beforehand.</summary>
internal abstract class RowKernel
{
    /// <summary>The kernel of an instruction for rows; <paramref name="streams"/> where it writes large results past the caches.</summary>
    public static RowKernel Of(Instruction rows, bool streams) => rows switch
    {
        LoopInstruction { Outputs: [var first, ..] } loop when first.Shape.Size > 0 => new LoopRows(loop, streams),
        LoopReductionInstruction loop => new LoopReductionRows(loop),
        _ => new OtherRows(rows),
    };

    /// <summary>Runs the kernel on operands whose memory, pinned, begins at the places.</summary>
    public abstract void Run(nint[] places);

    private static bool[] Repeats(IterationSpace space, int inputs) => [.. Enumerable.Range(0, inputs).Select(space.Repeats)];

    private static View[] Unbound(BufferView[] views) => Array.ConvertAll(views, view => view.Unbound);

    /// <summary>A loop, with its axes.</summary>
    private sealed class LoopRows : RowKernel
    {
        private readonly LoopBody body;
        private readonly IterationSpace space = new();
        private readonly bool[] repeats;
        private readonly long elements;
        private readonly bool streams;

        public LoopRows(LoopInstruction loop, bool streams)
        {
            (body, this.streams) = (loop.Body, streams);
            elements = loop.Outputs[0].Shape.Size;
            space.Set(Unbound(loop.Inputs), Unbound(loop.Outputs));
            space.Cut();
            repeats = Repeats(space, loop.Inputs.Length);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Run(nint[] places)
        {
            var own = Workspace.Rent();
            own.Space.Take(space);
            new LoopPass(body, body.Code.Find(repeats, elements, new LoopForm(Streams: streams)), own, places, streams).Run();
            own.Return();
        }
    }

    /// <summary>A loop that ends in a reduction of each row, with its axes.</summary>
    private sealed class LoopReductionRows : RowKernel
    {
        private readonly ReductionPlan plan;
        private readonly IterationSpace space = new();
        private readonly bool[] repeats;
        private readonly bool hasRows;
        private readonly BufferView result;
        private readonly int resultPlace;
        private readonly RowKernel other;

        public LoopReductionRows(LoopReductionInstruction loop)
        {
            (plan, result) = (loop.Plan, loop.Outputs[^1]);
            resultPlace = loop.Inputs.Length + loop.Outputs.Length - 1;
            other = new OtherRows(loop);
            View[] inputs = Unbound(loop.Inputs), outputs = Unbound(loop.Outputs);
            outputs[^1] = outputs[^1].With(plan.Layout);
            hasRows = FusedRows.TryCut(plan, inputs, outputs, space);
            repeats = hasRows ? Repeats(space, inputs.Length) : [];
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Run(nint[] places)
        {
            if (!hasRows || plan.Body.Code.Find(repeats, plan.Shape.Size, new LoopForm(plan.Kind))?.Folding is not { } segment)
            {
                other.Run(places);
                return;
            }

            var type = result.DType;
            var target = places[resultPlace] + ((nint)result.Layout.Offset * type.Size());
            var rows = new FusedRows(plan, segment, space, places, target);
            TrailingReduction.Run(type, plan.Kind, ref rows);
        }
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
