namespace Autodiff.Kernel;

/// <summary>So many elements for each key.</summary>
internal sealed class DrawInstruction(KeyedDraw draw, BufferView keys, BufferView result) : Instruction([keys], [result])
{
    private readonly OrderedElements keys = new(keys.Layout);

    public override string Name => $"draw {draw.Kind}";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        using var seeds = keys.Read<long>(inputs[0]);
        draw.Run(seeds.Elements, outputs[0]);
    }
}

/// <summary>The keys that belong to keys and data.</summary>
internal sealed class FoldInInstruction(BufferView keys, BufferView data, BufferView result)
    : Instruction([keys, data], [result])
{
    private readonly OrderedElements keys = new(keys.Layout), data = new(data.Layout);

    public override string Name => "fold in";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        using var seeds = keys.Read<long>(inputs[0]);
        using var numbers = data.Read<long>(inputs[1]);
        KeyedMaps.FoldIn(seeds.Elements, numbers.Elements, outputs[0].Storage.Span<long>());
    }
}

/// <summary>Logarithms of gamma variates, one for each element of alpha.</summary>
internal sealed class LogGammaInstruction(BufferView keys, BufferView alpha, BufferView result)
    : Instruction([keys, alpha], [result])
{
    private readonly OrderedElements keys = new(keys.Layout), alpha = new(alpha.Layout);

    public override string Name => "draw log gamma";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        using var seeds = keys.Read<long>(inputs[0]);
        if (outputs[0].DType == DType.Float32)
        {
            using var shapes = alpha.Read<float>(inputs[1]);
            KeyedMaps.LogGamma(seeds.Elements, shapes.Elements, outputs[0].Storage.Span<float>());
        }
        else
        {
            using var shapes = alpha.Read<double>(inputs[1]);
            KeyedMaps.LogGamma(seeds.Elements, shapes.Elements, outputs[0].Storage.Span<double>());
        }
    }
}
