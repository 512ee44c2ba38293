namespace Autodiff.Kernel;

/// <summary>A fused elementwise loop, or some rows of one: these have the bits of the whole, even where they are one number.</summary>
internal sealed class LoopInstruction(LoopBody body, BufferView[] inputs, BufferView[] outputs, bool isPart = false)
    : PlacedInstruction(inputs, outputs)
{
    private ChunkedLoop? loop;

    public LoopBody Body => body;

    public override bool IsElementwise => true;

    public override long Flops => (long)body.Ops.Length * Outputs[0].Shape.Size;

    public override string Name => $"loop of {body.Ops.Length}";

    private ChunkedLoop Loop => loop ??= body.Code.Over(Unbound(Inputs), Unbound(Outputs));

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        var size = Outputs[0].Shape.Size;
        if (size == 1 && !isPart)
            ScalarTape.Run(body.Tape, inputs, outputs);
        else if (size > 0)
            base.Run(inputs, outputs);
    }

    public override void Run(nint[] places) => Loop.Run(places);

    /// <summary>The same on this thread alone, and past the caches where it is told so.</summary>
    public void Run(nint[] places, bool streams, Lookahead lookahead) => Loop.RunHere(places, streams, lookahead);
}

/// <summary>A fused loop whose last output is reduced and not written; the last buffer is the reduction's result.</summary>
internal sealed class LoopReductionInstruction(ReductionPlan plan, BufferView[] inputs, BufferView[] outputs)
    : PlacedInstruction(inputs, outputs)
{
    private FusedReduction? fused;

    public ReductionPlan Plan => plan;

    public override long Flops => (long)(plan.Body.Ops.Length + 1) * plan.Shape.Size;

    public override string Name => $"loop of {plan.Body.Ops.Length} and {plan.Kind}";

    private FusedReduction Fused => fused ??= new FusedReduction(plan, Unbound(Inputs), Unbound(Outputs));

    public override void Run(nint[] places) => Fused.Run(places);

    /// <summary>The same, asking memory for what <paramref name="lookahead"/> says.</summary>
    public void Run(nint[] places, Lookahead lookahead) => Fused.Run(places, lookahead);
}
