namespace Autodiff.Kernel;

/// <summary>y_i = a_i y_(i-1) + b_i along an axis.</summary>
internal sealed class RecurrenceInstruction(int axis, bool reverse, BufferView a, BufferView b, BufferView result)
    : Instruction([a, b], [result])
{
    private readonly ScanLoop? loop = ScanLoop.Plan(a.Layout, b.Layout, result.Layout, axis, reverse);

    public override long Flops => 2 * (long)Outputs[0].Shape.Size;

    public override string Name => $"recurrence along {axis}{(reverse ? " from its end" : "")}";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        Scan.Recurrence(loop, inputs[0], inputs[1], outputs[0]);
}

/// <summary>The largest or smallest element so far along an axis.</summary>
internal sealed class RunningInstruction(ReductionKind kind, int axis, bool reverse, BufferView source, BufferView result)
    : Instruction([source], [result])
{
    private readonly ScanLoop? loop = ScanLoop.Plan(source.Layout, source.Layout, result.Layout, axis, reverse);

    public override long Flops => Outputs[0].Shape.Size;

    public override string Name => $"running {kind} along {axis}{(reverse ? " from its end" : "")}";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        Scan.Running(kind, loop, inputs[0], outputs[0]);
}

/// <summary>The positions of the elements along an axis in their order.</summary>
internal sealed class ArgSortInstruction(int axis, bool descending, BufferView source, BufferView result)
    : Instruction([source], [result])
{
    private readonly ArgSort sort = new(source.Layout, axis, descending, result.Layout);

    public override string Name => $"argsort along {axis}{(descending ? ", falling" : "")}";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        sort.Run(inputs[0], outputs[0]);
}
