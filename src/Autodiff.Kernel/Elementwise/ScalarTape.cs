using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>Runs an expression on single elements: flat operations over an array of numbers, for expressions of millions of them.</summary>
internal static unsafe class ScalarTape
{
    /// <summary>Computes the outputs from the inputs; each view has one element.</summary>
    public static void Run(TapePlan plan, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        var rented = ArrayPool<long>.Shared.Rent(plan.Cells);
        try
        {
            var cells = rented.AsSpan(0, plan.Cells);
            for (var i = 0; i < inputs.Length; i++)
                Copy(inputs[i].DType, ref Element(inputs[i]), ref Cell(cells, i));
            Run(plan, ref MemoryMarshal.GetReference(cells));
            for (var i = 0; i < outputs.Length; i++)
                Copy(outputs[i].DType, ref Cell(cells, plan.OutputCells[i]), ref Element(outputs[i]));
        }
        finally
        {
            ArrayPool<long>.Shared.Return(rented);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(TapePlan plan, ref long cells)
    {
        var others = plan.Others;
        ref var kernels = ref MemoryMarshal.GetArrayDataReference(plan.Kernels);
        foreach (var chunk in plan.Steps)
            foreach (ref readonly var step in chunk.AsSpan())
                ((delegate*<in TapeStep, ref long, LoopStep[], void>)Unsafe.Add(ref kernels, step.Kernel))(
                    in step, ref cells, others);
    }

    private static ref byte Element(in View view) =>
        ref Unsafe.AddByteOffset(
            ref view.Storage.Reference<byte>(), (nint)view.Layout.Offset * view.DType.Size());

    private static ref byte Cell(Span<long> cells, int index) => ref Unsafe.As<long, byte>(ref cells[index]);

    private static void Copy(DType type, ref byte source, ref byte target) =>
        Unsafe.CopyBlockUnaligned(ref target, ref source, (uint)type.Size());
}
