using System.Numerics;

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
            case DType.Float32: Float<float>(code, a, b, c, ref target, count); break;
            case DType.Float64: Float<double>(code, a, b, c, ref target, count); break;
            case DType.Int32: Integer<int>(code, a, b, c, ref target, count); break;
            case DType.Int64: Integer<long>(code, a, b, c, ref target, count); break;
            case DType.Bool: Bool(code, a, b, c, ref target, count); break;
            default: throw DTypes.Unknown(type);
        }
    }

    private static void Float<T>(Opcode code, Operand a, Operand b, Operand c, ref byte target, nint count)
        where T : unmanaged
    {
        switch (code)
        {
            case Opcode.Pow: ElementLoops.Binary<PowOperator, T>(a, b, ref target, count); break;
            case Opcode.LogAddExp: ElementLoops.Binary<LogAddExpOperator, T>(a, b, ref target, count); break;
            case Opcode.Div: ElementLoops.Binary<DivOperator, T>(a, b, ref target, count); break;
            case Opcode.IsNaN: ElementLoops.Test<IsNaNOperator, T>(a, ref target, count); break;
            case Opcode.IsFinite: ElementLoops.Test<IsFiniteOperator, T>(a, ref target, count); break;
            case >= Opcode.Remainder and <= Opcode.Polygamma: ScalarLoops.Binary<T>(code, a, b, ref target, count); break;
            case >= Opcode.Reciprocal: FloatUnary<T>(code, a, ref target, count); break;
            default: AnyNumber<T>(code, a, b, c, ref target, count); break;
        }
    }

    private static void FloatUnary<T>(Opcode code, Operand x, ref byte target, nint count) where T : unmanaged
    {
        switch (code)
        {
            case Opcode.Reciprocal: ElementLoops.Unary<ReciprocalOperator, T>(x, ref target, count); break;
            case Opcode.Sqrt: ElementLoops.Unary<SqrtOperator, T>(x, ref target, count); break;
            case Opcode.Rsqrt: ElementLoops.Unary<RsqrtOperator, T>(x, ref target, count); break;
            case Opcode.Exp: ElementLoops.Unary<ExpOperator, T>(x, ref target, count); break;
            case Opcode.Expm1: ElementLoops.Unary<Expm1Operator, T>(x, ref target, count); break;
            case Opcode.Log: ElementLoops.Unary<LogOperator, T>(x, ref target, count); break;
            case Opcode.Log1p: ElementLoops.Unary<Log1pOperator, T>(x, ref target, count); break;
            case Opcode.Sin: ElementLoops.Unary<SinOperator, T>(x, ref target, count); break;
            case Opcode.Cos: ElementLoops.Unary<CosOperator, T>(x, ref target, count); break;
            case Opcode.Tanh: ElementLoops.Unary<TanhOperator, T>(x, ref target, count); break;
            case Opcode.Erf: ElementLoops.Unary<ErfOperator, T>(x, ref target, count); break;
            case Opcode.Erfc: ElementLoops.Unary<ErfcOperator, T>(x, ref target, count); break;
            case Opcode.Sigmoid: ElementLoops.Unary<SigmoidOperator, T>(x, ref target, count); break;
            case Opcode.Softplus: ElementLoops.Unary<SoftplusOperator, T>(x, ref target, count); break;
            case Opcode.Relu: ElementLoops.Unary<ReluOperator, T>(x, ref target, count); break;
            case Opcode.Floor: ElementLoops.Unary<FloorOperator, T>(x, ref target, count); break;
            case Opcode.Ceil: ElementLoops.Unary<CeilOperator, T>(x, ref target, count); break;
            case Opcode.Round: ElementLoops.Unary<RoundOperator, T>(x, ref target, count); break;
            case Opcode.Trunc: ElementLoops.Unary<TruncOperator, T>(x, ref target, count); break;
            default: ScalarLoops.Unary<T>(code, x, ref target, count); break;
        }
    }

    private static void Integer<T>(Opcode code, Operand a, Operand b, Operand c, ref byte target, nint count)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (code is Opcode.Div or Opcode.Pow or Opcode.Remainder or Opcode.Fmod)
            ScalarLoops.Integer<T>(code, a, b, ref target, count);
        else
            AnyNumber<T>(code, a, b, c, ref target, count);
    }

    private static void AnyNumber<T>(Opcode code, Operand a, Operand b, Operand c, ref byte target, nint count)
        where T : unmanaged
    {
        switch (code)
        {
            case Opcode.Copy or Opcode.Cast: ElementLoops.Unary<CopyOperator, T>(a, ref target, count); break;
            case Opcode.Select: ElementLoops.Select<T>(a, b, c, ref target, count); break;
            case Opcode.Less: ElementLoops.Compare<LessOperator, T>(a, b, ref target, count); break;
            case Opcode.LessEqual: ElementLoops.Compare<LessEqualOperator, T>(a, b, ref target, count); break;
            case Opcode.Equal: ElementLoops.Compare<EqualOperator, T>(a, b, ref target, count); break;
            case Opcode.NotEqual: ElementLoops.Compare<NotEqualOperator, T>(a, b, ref target, count); break;
            case Opcode.Neg: ElementLoops.Unary<NegOperator, T>(a, ref target, count); break;
            case Opcode.Abs: ElementLoops.Unary<AbsOperator, T>(a, ref target, count); break;
            case Opcode.Sign: ElementLoops.Unary<SignOperator, T>(a, ref target, count); break;
            case Opcode.Square: ElementLoops.Unary<SquareOperator, T>(a, ref target, count); break;
            case Opcode.Add: ElementLoops.Binary<AddOperator, T>(a, b, ref target, count); break;
            case Opcode.Sub: ElementLoops.Binary<SubOperator, T>(a, b, ref target, count); break;
            case Opcode.Mul: ElementLoops.Binary<MulOperator, T>(a, b, ref target, count); break;
            case Opcode.Maximum: ElementLoops.Binary<MaximumOperator, T>(a, b, ref target, count); break;
            case Opcode.Minimum: ElementLoops.Binary<MinimumOperator, T>(a, b, ref target, count); break;
            default: throw Untyped(code);
        }
    }

    /// <summary>Truth values, as bytes 0 and 1; false is less than true.</summary>
    private static void Bool(Opcode code, Operand a, Operand b, Operand c, ref byte target, nint count)
    {
        switch (code)
        {
            case Opcode.Copy or Opcode.Cast: ElementLoops.Unary<CopyOperator, byte>(a, ref target, count); break;
            case Opcode.Select: ElementLoops.Select<byte>(a, b, c, ref target, count); break;
            case Opcode.Not: ElementLoops.Unary<NotOperator, byte>(a, ref target, count); break;
            case Opcode.And: ElementLoops.Binary<AndOperator, byte>(a, b, ref target, count); break;
            case Opcode.Or: ElementLoops.Binary<OrOperator, byte>(a, b, ref target, count); break;
            case Opcode.Xor or Opcode.NotEqual: ElementLoops.Binary<XorOperator, byte>(a, b, ref target, count); break;
            case Opcode.Less: ElementLoops.Binary<OnlySecondOperator, byte>(a, b, ref target, count); break;
            case Opcode.LessEqual: ElementLoops.Binary<ImpliedOperator, byte>(a, b, ref target, count); break;
            case Opcode.Equal: ElementLoops.Binary<SameOperator, byte>(a, b, ref target, count); break;
            default: throw Untyped(code);
        }
    }

    private static ArgumentOutOfRangeException Untyped(Opcode code) =>
        new(nameof(code), code, "the operation does not take operands of this type");
}
