using System.Collections.Concurrent;

namespace Autodiff.Kernel;

/// <summary>How many vector operations the steps of a loop are.</summary>
internal static class OperatorWeight
{
    /// <summary>The most that one generated loop holds: beyond it the compiler runs out of registers, or of patience.</summary>
    public const int Limit = 400;

    private static readonly ConcurrentDictionary<(Opcode Code, DType Type, DType Result), int> Known = new();

    /// <summary>The number of operations of a step; 0 where it has no vector form.</summary>
    public static int Of(Opcode code, DType type, DType result) =>
        Known.GetOrAdd((code, type, result), static key => Count(key.Code, key.Type, key.Result));

    private static int Count(Opcode code, DType type, DType result)
    {
        if (code == Opcode.Cast && type != result)
            return type != DType.Bool && result != DType.Bool ? 0 : 1;
        if (type == DType.Bool)
            return 1;
        var probe = default(Probe);
        if (!OperatorTable.TryUse(code, type, ref probe))
            return 0;
        var operand = new SegmentRead(0, code == Opcode.Select ? DType.Bool : type, Repeats: false);
        var other = new SegmentRead(1, type, Repeats: false);
        var segment = new LoopSegment(type.Size(), [operand, other], [new SegmentStep(code, type, result, 0, 1, 1)], []);
        return new SegmentTrace(segment, hasScale: true).Nodes.Count(node => node.Op is not (VectorOp.Read or VectorOp.Constant));
    }

    /// <summary>Looks whether the table has an operator.</summary>
    private readonly struct Probe : IOperatorUse
    {
        public void Unary<TOperator>() where TOperator : struct, IUnaryOperator
        {
        }

        public void Binary<TOperator>() where TOperator : struct, IBinaryOperator
        {
        }

        public void Test<TOperator>() where TOperator : struct, IUnaryOperator
        {
        }

        public void Compare<TOperator>() where TOperator : struct, IBinaryOperator
        {
        }

        public void Select()
        {
        }
    }
}
