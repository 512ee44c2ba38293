namespace Autodiff.Kernel;

/// <summary>An instruction that runs between addresses, which it holds while it runs.</summary>
internal abstract class PlacedInstruction(BufferView[] inputs, BufferView[] outputs) : Instruction(inputs, outputs), IPlaced
{
    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) => Places.Run(this, inputs, outputs);

    public abstract void Run(nint[] places);
}
