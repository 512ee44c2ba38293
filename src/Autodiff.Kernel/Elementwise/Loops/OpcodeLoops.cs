namespace Autodiff.Kernel;

/// <summary>The loop of each operation for each type.</summary>
internal static class OpcodeLoops
{
    /// <summary>
    /// Runs an operation over consecutive elements. <paramref name="type"/> is the operands' (of Select, that of the two
    /// to choose from), <paramref name="result"/> the result's. A target may be an operand of the same element size.
    /// </summary>
    public static void Run(
        Opcode code, DType type, DType result, Operand a, Operand b, Operand c, ref byte target, nint count)
    {
        if (code == Opcode.Cast && type != result)
        {
            Casts.Run(type, result, a, ref target, count);
            return;
        }

        switch (type)
        {
            case DType.Float32: Run<float>(code, type, a, b, c, ref target, count); break;
            case DType.Float64: Run<double>(code, type, a, b, c, ref target, count); break;
            case DType.Int32: Run<int>(code, type, a, b, c, ref target, count); break;
            case DType.Int64: Run<long>(code, type, a, b, c, ref target, count); break;
            case DType.Bool: Run<byte>(code, type, a, b, c, ref target, count); break;
            default: throw DTypes.Unknown(type);
        }
    }

    private static void Run<T>(
        Opcode code, DType type, Operand a, Operand b, Operand c, ref byte target, nint count) where T : unmanaged
    {
        var loop = new Loop<T>(a, b, c, ref target, count);
        if (!OperatorTable.TryUse(code, type, ref loop))
            ScalarLoops.Run(code, type, a, b, ref target, count);
    }

    /// <summary>Runs the operator that the table finds over the operands.</summary>
    private readonly ref struct Loop<T>(Operand a, Operand b, Operand c, ref byte target, nint count) : IOperatorUse
        where T : unmanaged
    {
        private readonly Operand a = a, b = b, c = c;
        private readonly ref byte target = ref target;
        private readonly nint count = count;

        public void Unary<TOperator>() where TOperator : struct, IUnaryOperator =>
            ElementLoops.Unary<TOperator, T>(a, ref target, count);

        public void Binary<TOperator>() where TOperator : struct, IBinaryOperator =>
            ElementLoops.Binary<TOperator, T>(a, b, ref target, count);

        public void Test<TOperator>() where TOperator : struct, IUnaryOperator =>
            ElementLoops.Test<TOperator, T>(a, ref target, count);

        public void Compare<TOperator>() where TOperator : struct, IBinaryOperator =>
            ElementLoops.Compare<TOperator, T>(a, b, ref target, count);

        public void Select() => ElementLoops.Select<T>(a, b, c, ref target, count);
    }
}
