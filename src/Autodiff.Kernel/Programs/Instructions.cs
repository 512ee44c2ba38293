namespace Autodiff.Kernel;

/// <summary>Elementwise operations over numbers alone.</summary>
internal sealed class TapeInstruction(TapePlan tape, BufferView[] inputs, BufferView[] outputs) : Instruction(inputs, outputs)
{
    public override long Flops => tape.Operations;

    public override string Name => $"scalars: {tape.Operations}";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        ScalarTape.Run(tape, inputs, outputs);
}

/// <summary>One step of an einsum: a sum over axes of one operand, or a contraction of two, bound to their strides.</summary>
internal sealed class EinsumInstruction : Instruction
{
    private readonly EinsumStep step;
    private readonly Contraction? contraction;
    private readonly StridedCopyLoop? copy;
    private readonly ReductionKernel? sum;

    public EinsumInstruction(EinsumStep step, BufferView left, BufferView right, BufferView result)
        : base(step.IsUnary ? [left] : [left, right], [result])
    {
        this.step = step;
        if (!step.IsUnary)
            contraction = step.Bind(left.Layout, right.Layout, result.Layout, result.DType);
        else if (step.IsView)
            copy = new StridedCopyLoop(step.Apply(left.Layout), result.Layout);
        else if (left.Shape.Size > 0)
            sum = new ReductionKernel(ReductionKind.Sum, step.Summed(left.Layout), result.Shape.Rank, result.Layout);
    }

    public override long Flops => step.Flops;

    public EinsumStep Step => step;

    /// <summary>The product of two operands; null where there is one.</summary>
    public Contraction? Contraction => contraction;

    public override string Name => $"einsum {step}";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        if (contraction is not null)
            contraction.Run(inputs[0], inputs[1], outputs[0]);
        else if (copy is not null)
            copy.Run(inputs[0], outputs[0]);
        else if (sum is not null)
            sum.Run(inputs[0], outputs[0]);
        else
            Copying.Zero(outputs[0]);
    }
}

/// <summary>The end of an einsum whose result has a label twice: zeros around a diagonal.</summary>
internal sealed class ExpandInstruction(EinsumExpansion expansion, BufferView core, BufferView result)
    : Instruction([core], [result])
{
    private readonly StridedCopyLoop loop = expansion.Plan(core.Layout, result.Layout);

    public override string Name => "diagonal";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        expansion.Run(loop, inputs[0], outputs[0]);
}

/// <summary>A maximum, a minimum or its position over the axes after the first <paramref name="keptRank"/>.</summary>
internal sealed class ReductionInstruction(ReductionKind kind, int keptRank, BufferView source, BufferView result)
    : PlacedInstruction([source], [result])
{
    private readonly ReductionKernel? kernel =
        source.Shape.Size == 0 ? null : new ReductionKernel(kind, source.Layout, keptRank, result.Layout);

    public override long Flops => Inputs[0].Shape.Size;

    public ReductionKind Kind => kind;

    public override string Name => $"reduce {kind}";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        if (kernel is null)
            Reduction.Run(kind, inputs[0], keptRank, outputs[0]);
        else
            kernel.Run(inputs[0], outputs[0]);
    }

    // Views without elements have no places.
    public override void Run(nint[] places) => kernel!.Run(Inputs[0].DType, places[0], places[1]);
}

/// <summary>A copy between layouts.</summary>
internal sealed class CopyInstruction(BufferView source, BufferView destination) : Instruction([source], [destination])
{
    private readonly StridedCopyLoop loop = new(source.Layout, destination.Layout);

    public override string Name => "copy";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) => loop.Run(inputs[0], outputs[0]);
}

/// <summary>Zeros with the source written over a part of them: both outputs are views of one buffer.</summary>
internal sealed class EmbedInstruction(BufferView source, BufferView whole, BufferView part)
    : Instruction([source], [whole, part])
{
    private readonly StridedCopyLoop loop = new(source.Layout, part.Layout);

    public override string Name => "embed";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        Copying.Zero(outputs[0]);
        loop.Run(inputs[0], outputs[1]);
    }
}

/// <summary>
/// Windows added up where they overlap, from zero: the outputs are the whole and a view of it as windows, whose last
/// axes are those within a window.
/// </summary>
internal sealed class OverlapAddInstruction(BufferView source, BufferView whole, BufferView windows, int windowRank)
    : Instruction([source], [whole, windows])
{
    private readonly OverlapAdd kernel = new(source.Layout, windows.Layout, windowRank);

    public override long Flops => Inputs[0].Shape.Size;

    public override string Name => "overlap-add";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        kernel.Run(inputs[0], outputs[1], outputs[0]);
}

/// <summary>Sources copied to the parts of one buffer that they fill together.</summary>
internal sealed class ConcatInstruction(BufferView[] sources, BufferView[] parts) : Instruction(sources, parts)
{
    private readonly StridedCopyLoop[] loops =
        [.. sources.Zip(parts, (source, part) => new StridedCopyLoop(source.Layout, part.Layout))];

    public override string Name => $"concat of {Inputs.Length}";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        for (var i = 0; i < inputs.Length; i++)
            loops[i].Run(inputs[i], outputs[i]);
    }
}

/// <summary>Slices picked along an axis by an array of positions.</summary>
internal sealed class GatherInstruction(int batchRank, int axis, BufferView source, BufferView indices, BufferView result)
    : Instruction([source, indices], [result])
{
    private readonly GatherKernel kernel = new(source.Unbound, indices.Unbound, axis, batchRank, result.Unbound);

    public override string Name => $"gather along {axis}";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        kernel.Run(inputs[0], inputs[1], outputs[0]);
}

/// <summary>Slices added along an axis at an array of positions, to zeros.</summary>
internal sealed class ScatterAddInstruction(int batchRank, int axis, BufferView updates, BufferView indices, BufferView result)
    : Instruction([updates, indices], [result])
{
    private readonly ScatterAddKernel kernel = new(updates.Unbound, indices.Unbound, axis, batchRank, result.Unbound);

    public override long Flops => Inputs[0].Shape.Size;

    public override string Name => $"scatter-add along {axis}";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        Copying.Zero(outputs[0]);
        kernel.Run(inputs[0], inputs[1], outputs[0]);
    }
}
