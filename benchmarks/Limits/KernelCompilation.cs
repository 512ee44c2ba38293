using Autodiff.Kernel;

namespace Autodiff.Benchmarks.Limits;

/// <summary>How long it takes to compile a fused loop of eight operations, when others were compiled before.</summary>
internal static class KernelCompilation
{
    private static readonly Opcode[] Opcodes = [Opcode.Tanh, Opcode.Exp, Opcode.Add, Opcode.Mul, Opcode.Sub];

    public static void Run(LimitReport report)
    {
        var array = NDArray.Ones(64);
        View from = View.Of(array), to = View.Of(NDArray.Allocate(array.Shape, array.DType));
        var number = 0;
        report.Run("compile", array.DType, Unit.Calls, new("kernel", Compile, 1));

        // A body is interpreted when it first runs, and compiled at the second run.
        void Compile()
        {
            var body = Body(array.DType, number++);
            FusedLoop.Run(body, [from], [to]);
            FusedLoop.Run(body, [from], [to]);
        }
    }

    /// <summary>A chain of eight operations, in all of them about as many of each kind, a different one for each number.</summary>
    private static LoopBody Body(DType dtype, int number)
    {
        var ops = new LoopOp[8];
        for (var i = 0; i < ops.Length; i++, number /= Opcodes.Length)
            ops[i] = new LoopOp(Opcodes[(i + number) % Opcodes.Length], dtype, i, i);
        return new LoopBody([dtype], ops, [ops.Length]);
    }
}
