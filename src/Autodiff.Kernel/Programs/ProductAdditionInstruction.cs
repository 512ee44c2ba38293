using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// A contraction whose products are added to a sum, element by element on top of what it holds; in the place of the sum, if
/// nothing else reads that.
/// </summary>
internal sealed class ProductAdditionInstruction : Instruction
{
    private const int Sum = 2;

    private readonly EinsumStep step;
    private readonly Contraction contraction;
    private readonly StridedCopyLoop copy;

    public ProductAdditionInstruction(
        EinsumStep step, BufferView left, BufferView right, BufferView sum, BufferView result)
        : base([left, right, sum], [result])
    {
        this.step = step;
        contraction = step.Bind(left.Layout, right.Layout, result.Layout, result.DType);
        copy = new StridedCopyLoop(sum.Layout, result.Layout);
    }

    public override long Flops => step.Flops;

    public override string Name => $"einsum {step} added";

    public override bool MayReplace(int input) => input == Sum;

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        if (!IsInPlace(inputs[Sum].Storage, outputs[0].Storage))
            copy.Run(inputs[Sum], outputs[0]);
        contraction.Run(inputs[0], inputs[1], outputs[0], 1, true);
    }

    private static bool IsInPlace(Storage sum, Storage result) =>
        sum.Bytes == 0 || Unsafe.AreSame(ref sum.Reference<byte>(), ref result.Reference<byte>());
}
