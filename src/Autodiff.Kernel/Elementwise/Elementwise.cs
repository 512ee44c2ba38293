using System.Collections.Concurrent;

namespace Autodiff.Kernel;

/// <summary>Single operations on whole arrays, at once.</summary>
internal static class Elementwise
{
    private static readonly ConcurrentDictionary<(LoopOp Op, DType A, DType B, DType C), LoopBody> Bodies = new();

    /// <summary>An operation on one array.</summary>
    /// <exception cref="DTypeException">The operation does not take the array's type.</exception>
    public static NDArray Apply(Opcode code, NDArray x) =>
        Apply(new LoopOp(code, code.Result(x.DType), 0), x);

    /// <summary>An operation on two arrays of one type and one shape.</summary>
    /// <exception cref="DTypeException">The operation does not take the arrays' types.</exception>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static NDArray Apply(Opcode code, NDArray a, NDArray b) =>
        Apply(new LoopOp(code, code.Result(a.DType), 0, 1), a, b);

    /// <summary>a where the condition holds, else b; all of one shape.</summary>
    /// <exception cref="DTypeException">The condition is not Bool, or a and b differ in type.</exception>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static NDArray Select(NDArray condition, NDArray a, NDArray b) =>
        Apply(new LoopOp(Opcode.Select, a.DType, 0, 1, 2), condition, a, b);

    /// <summary>The array with elements of another type.</summary>
    public static NDArray Cast(NDArray x, DType type) => Apply(new LoopOp(Opcode.Cast, type, 0), x);

    private static NDArray Apply(LoopOp op, params ReadOnlySpan<NDArray> operands)
    {
        if (operands.Length != op.Code.Arity())
            throw new ArgumentException($"{op.Code} takes {op.Code.Arity()} operands, not {operands.Length}");
        var (a, b, c) = (operands[0].DType, operands[^1].DType, operands[operands.Length / 2].DType);
        if (!Bodies.TryGetValue((op, a, b, c), out var body))
            body = Bodies[(op, a, b, c)] = Single(op, operands);
        var result = NDArray.Allocate(operands[0].Shape, op.Type);
        var views = new View[operands.Length];
        for (var i = 0; i < views.Length; i++)
            views[i] = View.Of(operands[i]);
        FusedLoop.Run(body, views, [View.Of(result)]);
        return result;
    }

    private static LoopBody Single(LoopOp op, ReadOnlySpan<NDArray> operands)
    {
        var types = new DType[operands.Length];
        for (var i = 0; i < types.Length; i++)
            types[i] = operands[i].DType;
        return new LoopBody(types, [op], [types.Length]);
    }
}
