namespace Autodiff.Kernel;

/// <summary>A view of a buffer that an instruction reads or writes.</summary>
/// <param name="Buffer">The number of the buffer in the program.</param>
/// <param name="Layout">Where in the buffer each element stands.</param>
/// <param name="DType">The element type.</param>
internal readonly record struct BufferView(int Buffer, Layout Layout, DType DType)
{
    public Shape Shape => Layout.Shape;

    /// <summary>The view while there is no memory yet, to plan by.</summary>
    public View Unbound => new(default, Layout, DType);
}

/// <summary>One step of a program: a kernel and the views it reads and writes. Immutable.</summary>
internal abstract class Instruction(BufferView[] inputs, BufferView[] outputs)
{
    /// <summary>What is read.</summary>
    public BufferView[] Inputs { get; } = inputs;

    /// <summary>What is written, each element exactly once unless the kernel says otherwise.</summary>
    public BufferView[] Outputs { get; } = outputs;

    /// <summary>Arithmetic operations that one run takes.</summary>
    public virtual long Flops => 0;

    /// <summary>The kernel in words, for <see cref="Program.Explain"/>.</summary>
    public abstract string Name { get; }

    /// <summary>Runs the kernel on views of the operands' memory.</summary>
    public abstract void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs);
}
