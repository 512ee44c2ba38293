using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// What a tape's steps run. The operators are those of the loops, in the narrowest vector with one value in all lanes, so
/// that the bits are those of the loops.
/// </summary>
internal static unsafe class TapeKernels
{
    /// <summary>The kernel of operations that have none of their own.</summary>
    public static nint Other { get; } = (nint)(delegate*<in TapeStep, ref long, LoopStep[], void>)&RunOther;

    /// <summary>The address of the kernel for an operation on operands of a type.</summary>
    public static nint Find(Opcode code, DType type, DType result) => type switch
    {
        _ when code == Opcode.Cast && type != result => Other,
        DType.Float32 => Find<float>(code, type),
        DType.Float64 => Find<double>(code, type),
        DType.Int32 => Find<int>(code, type),
        DType.Int64 => Find<long>(code, type),
        _ => Other,
    };

    private static nint Find<T>(Opcode code, DType type) where T : unmanaged
    {
        var search = new Search<T>();
        return OperatorTable.TryUse(code, type, ref search) ? search.Kernel : Other;
    }

    private static ref T Cell<T>(ref long cells, int index) where T : unmanaged =>
        ref Unsafe.As<long, T>(ref Unsafe.Add(ref cells, index));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Unary<TOperator, T>(in TapeStep step, ref long cells, LoopStep[] others)
        where TOperator : struct, IUnaryOperator
        where T : unmanaged
    {
        var x = Wide128<T>.Fill(Cell<T>(ref cells, step.A));
        Cell<T>(ref cells, step.Target) = Wide128<T>.First(TOperator.Apply<Wide128<T>, T>(x));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Binary<TOperator, T>(in TapeStep step, ref long cells, LoopStep[] others)
        where TOperator : struct, IBinaryOperator
        where T : unmanaged
    {
        var a = Wide128<T>.Fill(Cell<T>(ref cells, step.A));
        var b = Wide128<T>.Fill(Cell<T>(ref cells, step.B));
        Cell<T>(ref cells, step.Target) = Wide128<T>.First(TOperator.Apply<Wide128<T>, T>(a, b));
    }

    private static void RunOther(in TapeStep step, ref long cells, LoopStep[] others)
    {
        ref readonly var other = ref others[step.A];
        var a = new Operand(ref Cell<byte>(ref cells, other.A), repeats: false);
        var b = new Operand(ref Cell<byte>(ref cells, other.B), repeats: false);
        var c = new Operand(ref Cell<byte>(ref cells, other.C), repeats: false);
        OpcodeLoops.Run(other.Code, other.Type, other.Result, a, b, c, ref Cell<byte>(ref cells, other.Target), 1);
    }

    /// <summary>Notes the kernel of the operator that the table finds; choices and tests have none of their own.</summary>
    private struct Search<T>() : IOperatorUse where T : unmanaged
    {
        public nint Kernel { get; private set; } = Other;

        public void Unary<TOperator>() where TOperator : struct, IUnaryOperator =>
            Kernel = (nint)(delegate*<in TapeStep, ref long, LoopStep[], void>)&TapeKernels.Unary<TOperator, T>;

        public void Binary<TOperator>() where TOperator : struct, IBinaryOperator =>
            Kernel = (nint)(delegate*<in TapeStep, ref long, LoopStep[], void>)&TapeKernels.Binary<TOperator, T>;

        public readonly void Test<TOperator>() where TOperator : struct, IUnaryOperator
        {
        }

        public readonly void Compare<TOperator>() where TOperator : struct, IBinaryOperator
        {
        }

        public readonly void Select()
        {
        }
    }
}
