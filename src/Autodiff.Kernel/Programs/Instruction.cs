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

    /// <summary>Another view of the same buffer.</summary>
    public BufferView Under(Layout layout) => this with { Layout = layout };
}

/// <summary>One step of a program: a kernel and the views it reads and writes. Immutable.</summary>
internal abstract class Instruction(BufferView[] inputs, BufferView[] outputs)
{
    /// <summary>What is read.</summary>
    public BufferView[] Inputs { get; private set; } = inputs;

    /// <summary>What is written, each element exactly once unless the kernel says otherwise.</summary>
    public BufferView[] Outputs { get; private set; } = outputs;

    /// <summary>
    /// Whether each element of the outputs is computed from the elements of the inputs at the same place, so that an
    /// output may be the memory of an input under the same layout.
    /// </summary>
    public virtual bool IsElementwise => false;

    /// <summary>
    /// Whether an output may be the memory of the input at a position under the same layout, as far as the kernel is
    /// concerned.
    /// </summary>
    public virtual bool MayReplace(int input) => IsElementwise;

    /// <summary>Whether a run can fail, for values on which the kernel is not defined or by what a user's function does.</summary>
    public virtual bool CanFail => false;

    /// <summary>Arithmetic operations that one run takes.</summary>
    public virtual long Flops => 0;

    /// <summary>The kernel in words, for <see cref="Program.Explain"/>.</summary>
    public abstract string Name { get; }

    /// <summary>The same kernel over other buffers, under the same layouts.</summary>
    public Instruction Over(BufferView[] inputs, BufferView[] outputs)
    {
        var copy = (Instruction)MemberwiseClone();
        (copy.Inputs, copy.Outputs) = (inputs, outputs);
        return copy;
    }

    /// <summary>Views while there is no memory yet.</summary>
    protected static View[] Unbound(BufferView[] views) => Array.ConvertAll(views, view => view.Unbound);

    /// <summary>Runs the kernel on views of the operands' memory.</summary>
    public abstract void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs);
}
