using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>
/// Runs a loop body on single elements: flat operations over an array of numbers, for bodies of millions of them. Plain
/// arithmetic is done here; whatever could round in another way runs through the vector code itself, with one value in
/// all lanes, so that the bits are those of the loops.
/// </summary>
internal static class ScalarTape
{
    /// <summary>Computes the outputs from the inputs; each view has one element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(LoopBody body, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        var plan = body.Plan;
        var rented = ArrayPool<long>.Shared.Rent(plan.Cells);
        try
        {
            var cells = rented.AsSpan(0, plan.Cells);
            for (var i = 0; i < inputs.Length; i++)
                Copy(inputs[i].DType, ref Element(inputs[i]), ref Cell(cells, i));
            foreach (ref readonly var step in plan.Steps.AsSpan())
                Run(step, cells);
            for (var i = 0; i < outputs.Length; i++)
                Copy(outputs[i].DType, ref Cell(cells, plan.OutputCells[i]), ref Element(outputs[i]));
        }
        finally
        {
            ArrayPool<long>.Shared.Return(rented);
        }
    }

    private static ref byte Element(in View view) =>
        ref Unsafe.AddByteOffset(
            ref view.Storage.Reference<byte>(), (nint)view.Layout.Offset * view.DType.Size());

    private static ref byte Cell(Span<long> cells, int index) => ref Unsafe.As<long, byte>(ref cells[index]);

    private static void Copy(DType type, ref byte source, ref byte target) =>
        Unsafe.CopyBlockUnaligned(ref target, ref source, (uint)type.Size());

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(in LoopStep step, Span<long> cells)
    {
        ref var first = ref MemoryMarshal.GetReference(cells);
        var done = step.Type switch
        {
            DType.Float64 => TryFloat64(step, ref Unsafe.As<long, double>(ref first)),
            DType.Float32 => TryFloat32(step, ref Unsafe.As<long, float>(ref first)),
            _ => false,
        };
        if (done)
            return;
        var a = new Operand(ref Cell(cells, step.A), repeats: false);
        var b = new Operand(ref Cell(cells, step.B), repeats: false);
        var c = new Operand(ref Cell(cells, step.C), repeats: false);
        OpcodeLoops.Run(step.Code, step.Type, step.Result, a, b, c, ref Cell(cells, step.Target), 1);
    }

    /// <summary>What is correctly rounded by itself, and so cannot differ from a vector's lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryFloat64(in LoopStep step, ref double cells)
    {
        var a = Unsafe.Add(ref cells, step.A);
        var b = Unsafe.Add(ref cells, step.B);
        double result;
        switch (step.Code)
        {
            case Opcode.Add: result = a + b; break;
            case Opcode.Sub: result = a - b; break;
            case Opcode.Mul: result = a * b; break;
            case Opcode.Div: result = a / b; break;
            case Opcode.Neg: result = -a; break;
            case Opcode.Square: result = a * a; break;
            case Opcode.Reciprocal: result = 1 / a; break;
            case Opcode.Sqrt: result = Math.Sqrt(a); break;
            case Opcode.Abs: result = Math.Abs(a); break;
            case Opcode.Copy: result = a; break;
            default: return false;
        }

        Unsafe.Add(ref cells, step.Target) = result;
        return true;
    }

    /// <summary>The same for float, each in the lower half of its cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryFloat32(in LoopStep step, ref float cells)
    {
        var a = Unsafe.Add(ref cells, 2 * (nint)step.A);
        var b = Unsafe.Add(ref cells, 2 * (nint)step.B);
        float result;
        switch (step.Code)
        {
            case Opcode.Add: result = a + b; break;
            case Opcode.Sub: result = a - b; break;
            case Opcode.Mul: result = a * b; break;
            case Opcode.Div: result = a / b; break;
            case Opcode.Neg: result = -a; break;
            case Opcode.Square: result = a * a; break;
            case Opcode.Reciprocal: result = 1 / a; break;
            case Opcode.Sqrt: result = MathF.Sqrt(a); break;
            case Opcode.Abs: result = MathF.Abs(a); break;
            case Opcode.Copy: result = a; break;
            default: return false;
        }

        Unsafe.Add(ref cells, 2 * (nint)step.Target) = result;
        return true;
    }
}
