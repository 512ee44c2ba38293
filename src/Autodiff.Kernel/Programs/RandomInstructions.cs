namespace Autodiff.Kernel;

/// <summary>So many elements for each key.</summary>
internal sealed class DrawInstruction(KeyedDraw draw, BufferView keys, BufferView result) : Instruction([keys], [result])
{
    public override string Name => $"draw {draw.Kind}";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) => draw.Run(inputs[0], outputs[0]);
}

/// <summary>The keys that belong to keys and data.</summary>
internal sealed class FoldInInstruction(BufferView keys, BufferView data, BufferView result)
    : Instruction([keys, data], [result])
{
    public override string Name => "fold in";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        KeyedDraw.FoldIn(inputs[0], inputs[1], outputs[0]);
}

/// <summary>Logarithms of gamma variates, one for each element of alpha.</summary>
internal sealed class LogGammaInstruction(BufferView keys, BufferView alpha, BufferView result)
    : Instruction([keys, alpha], [result])
{
    public override string Name => "draw log gamma";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        KeyedDraw.LogGamma(inputs[0], inputs[1], outputs[0]);
}
