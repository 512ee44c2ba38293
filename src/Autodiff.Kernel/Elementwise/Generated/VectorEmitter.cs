using System.Reflection;
using System.Reflection.Emit;

namespace Autodiff.Kernel;

/// <summary>Writes single vector operations; the operands are on the stack.</summary>
internal sealed class VectorEmitter(ILGenerator il, VectorWidth width)
{
    /// <summary>Pushes a constant; nothing for other operations.</summary>
    public void BeforeOperands(VectorNode node)
    {
        if (node.Op == VectorOp.Constant)
            Constant(node.Type, node.Bits);
    }

    /// <summary>Makes of the operand on the stack what the operation takes.</summary>
    public void AfterOperand(VectorNode node)
    {
        if (IsOnBits(node.Op))
            Reinterpret(node.Type, Integers(node.Type));
    }

    /// <summary>Makes of all operands the result.</summary>
    public void AfterOperands(VectorNode node)
    {
        var instructions = width.For(node.Type);
        switch (node.Op)
        {
            case VectorOp.Constant: break;
            case VectorOp.Rarely: Call(node.Rare!.In(instructions)); break;
            case VectorOp.AddBits: Call(width.For(Integers(node.Type)).Of(VectorOp.Add)); break;
            case VectorOp.SubtractBits: Call(width.For(Integers(node.Type)).Of(VectorOp.Subtract)); break;
            case VectorOp.ShiftLeft or VectorOp.ShiftRight: Shift(node); break;
            default: Call(instructions.Of(node.Op)); break;
        }

        if (IsOnBits(node.Op))
            Reinterpret(Integers(node.Type), node.Type);
    }

    /// <summary>The vector on the stack with lanes of another type and the same size.</summary>
    public void Reinterpret(DType from, DType to)
    {
        if (from == to)
            return;
        var target = width.For(to);
        Call(from switch
        {
            DType.Float32 => target.From<float>(),
            DType.Float64 => target.From<double>(),
            DType.Int32 => target.From<int>(),
            _ => target.From<long>(),
        });
    }

    /// <summary>The element whose address is on the stack, in all lanes.</summary>
    public void Repeat(DType type)
    {
        il.Emit(type switch
        {
            DType.Float32 => OpCodes.Ldind_R4,
            DType.Float64 => OpCodes.Ldind_R8,
            DType.Int32 => OpCodes.Ldind_I4,
            _ => OpCodes.Ldind_I8,
        });
        Call(width.For(type).Fill);
    }

    private static bool IsOnBits(VectorOp op) =>
        op is VectorOp.AddBits or VectorOp.SubtractBits or VectorOp.ShiftLeft or VectorOp.ShiftRight;

    private static DType Integers(DType type) => type.Size() == sizeof(int) ? DType.Int32 : DType.Int64;

    private void Shift(VectorNode node)
    {
        il.Emit(OpCodes.Ldc_I4, (int)node.Bits);
        var integers = width.For(Integers(node.Type));
        Call(node.Op == VectorOp.ShiftLeft ? integers.ShiftLeft : integers.ShiftRight);
    }

    /// <summary>A number as such; a pattern that is no number as an integer, lest loading it changes it.</summary>
    private void Constant(DType type, long bits)
    {
        var single = BitConverter.Int32BitsToSingle((int)bits);
        var @double = BitConverter.Int64BitsToDouble(bits);
        if (type == DType.Float32 && !float.IsNaN(single))
            il.Emit(OpCodes.Ldc_R4, single);
        else if (type == DType.Float64 && !double.IsNaN(@double))
            il.Emit(OpCodes.Ldc_R8, @double);
        else
        {
            Pattern(type, bits);
            return;
        }

        Call(width.For(type).Fill);
    }

    private void Pattern(DType type, long bits)
    {
        var integers = Integers(type);
        if (integers == DType.Int32)
            il.Emit(OpCodes.Ldc_I4, (int)bits);
        else
            il.Emit(OpCodes.Ldc_I8, bits);
        Call(width.For(integers).Fill);
        Reinterpret(integers, type);
    }

    private void Call(MethodInfo method) => il.Emit(OpCodes.Call, method);
}
