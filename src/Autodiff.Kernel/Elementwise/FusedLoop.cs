namespace Autodiff.Kernel;

/// <summary>Runs a loop body over all elements of its inputs.</summary>
internal static class FusedLoop
{
    /// <summary>
    /// Computes the outputs of a body from its inputs, element by element. All views have one shape; broadcast inputs
    /// have strides of 0. An output may be the memory of an input under the same layout, and nothing else may overlap.
    /// </summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The element types are not the body's.</exception>
    /// <exception cref="ArgumentException">There are more or fewer views than the body has inputs or outputs.</exception>
    public static void Run(LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        if (inputs.Length != body.Inputs.Length || outputs.Length != body.Outputs.Length)
            throw new ArgumentException(
                $"a loop body of {body.Inputs.Length} inputs and {body.Outputs.Length} outputs "
                + $"was given {inputs.Length} and {outputs.Length}");
        var shape = outputs[0].Shape;
        for (var i = 0; i < inputs.Length; i++)
            Check("input", i, inputs[i], body.Inputs[i], shape);
        for (var i = 0; i < outputs.Length; i++)
            Check("output", i, outputs[i], body.TypeOf(body.Outputs[i]), shape);
        if (shape.Size == 1)
            ScalarTape.Run(body.Tape, inputs, outputs);
        else if (shape.Size > 1)
            Places.Run(body.Code.Over(inputs, outputs), inputs, outputs);
    }

    private static void Check(string kind, int index, in View view, DType type, Shape shape)
    {
        if (view.DType != type)
            throw new DTypeException($"{kind} {index} of a fused loop is {view.DType}, and its body has {type}");
        if (view.Shape != shape)
            throw new ShapeException($"{kind} {index} of a fused loop has shape {view.Shape}, and output 0 has {shape}");
    }
}
