namespace Autodiff.Kernel;

/// <summary>
/// A call of a user's function, once for each element of the batch: the operands and the result share the first
/// <paramref name="batchRank"/> axes. The function gets arrays of its own, which it may keep.
/// </summary>
internal sealed class OpaqueInstruction(
    string name, int batchRank, Func<NDArray[], NDArray> function, BufferView[] operands, BufferView result)
    : Instruction(operands, [result])
{
    private readonly Shape example = Shape.Create(result.Shape.AsSpan()[batchRank..]);

    public override bool CanFail => true;

    public override string Name => $"opaque '{name}'";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        var arrays = new NDArray[inputs.Length];
        for (var i = 0; i < arrays.Length; i++)
            arrays[i] = NDArray.CopyOf(inputs[i]);
        var target = outputs[0].Storage.Span<byte>();
        var bytes = example.Size * outputs[0].DType.Size();
        for (var k = 0; k < BatchSize(outputs[0].Shape); k++)
        {
            var value = Call(Array.ConvertAll(arrays, array => Example(array, k)), outputs[0].DType);
            Storage.Of(value).Span<byte>().CopyTo(target.Slice(k * bytes, bytes));
        }
    }

    private int BatchSize(Shape shape) => Shape.Create(shape.AsSpan()[..batchRank]).Size;

    private NDArray Example(NDArray array, int k) => batchRank == 0
        ? array
        : array.WithShape([BatchSize(array.Shape), .. array.Shape.AsSpan()[batchRank..]])[k];

    private NDArray Call(NDArray[] arguments, DType dtype)
    {
        NDArray value;
        try
        {
            value = function(arguments);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{Name}: {error.Message}", error);
        }

        if (value is null)
            throw new InvalidOperationException($"{Name}: its value is null");
        if (value.Shape != example)
            throw new ShapeException($"{Name}: its value has shape {value.Shape}, where {example} was announced");
        if (value.DType != dtype)
            throw new DTypeException($"{Name}: its value is {value.DType}, where {dtype} was announced");
        return value;
    }
}
