using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Operations without a vector form over consecutive elements, one by one.</summary>
internal static class ScalarLoops
{
    /// <summary>Runs an operation over operands of a type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type has no such operation.</exception>
    public static void Run(Opcode code, DType type, Operand a, Operand b, ref byte target, nint count)
    {
        switch (type)
        {
            case DType.Float32: Float<float>(code, a, b, ref target, count); break;
            case DType.Float64: Float<double>(code, a, b, ref target, count); break;
            case DType.Int32: Integer<int>(code, a, b, ref target, count); break;
            case DType.Int64: Integer<long>(code, a, b, ref target, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(code), code, $"no operation on {type}");
        }
    }

    private static void Float<T>(Opcode code, Operand a, Operand b, ref byte target, nint count) where T : unmanaged
    {
        if (code.Arity() == 1)
            Unary<T>(code, a, ref target, count);
        else
            Binary<T>(code, a, b, ref target, count);
    }

    /// <summary>A function of one float; float runs it in double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Unary<T>(Opcode code, Operand x, ref byte target, nint count) where T : unmanaged
    {
        ref var source = ref x.First<T>();
        ref var result = ref Unsafe.As<byte, T>(ref target);
        for (nint i = 0; i < count; i++)
        {
            var value = ScalarMath.Evaluate(code, Lanes.ToDouble(Unsafe.Add(ref source, i & x.Mask)));
            Unsafe.Add(ref result, i) = Lanes.FromDouble<T>(value);
        }
    }

    /// <summary>A function of two floats; float runs it in double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Binary<T>(Opcode code, Operand a, Operand b, ref byte target, nint count) where T : unmanaged
    {
        ref var left = ref a.First<T>();
        ref var right = ref b.First<T>();
        ref var result = ref Unsafe.As<byte, T>(ref target);
        for (nint i = 0; i < count; i++)
        {
            var x = Lanes.ToDouble(Unsafe.Add(ref left, i & a.Mask));
            var y = Lanes.ToDouble(Unsafe.Add(ref right, i & b.Mask));
            Unsafe.Add(ref result, i) = Lanes.FromDouble<T>(ScalarMath.Evaluate(code, x, y));
        }
    }

    /// <summary>A function of two integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Integer<T>(Opcode code, Operand a, Operand b, ref byte target, nint count)
        where T : unmanaged, IBinaryInteger<T>
    {
        ref var left = ref a.First<T>();
        ref var right = ref b.First<T>();
        ref var result = ref Unsafe.As<byte, T>(ref target);
        for (nint i = 0; i < count; i++)
        {
            var value = IntegerMath.Evaluate(code, Unsafe.Add(ref left, i & a.Mask), Unsafe.Add(ref right, i & b.Mask));
            Unsafe.Add(ref result, i) = value;
        }
    }
}
