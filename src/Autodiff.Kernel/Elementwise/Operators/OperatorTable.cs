namespace Autodiff.Kernel;

/// <summary>What is to be done with the operator of an opcode, once the table has found it.</summary>
internal interface IOperatorUse
{
    void Unary<TOperator>() where TOperator : struct, IUnaryOperator;

    void Binary<TOperator>() where TOperator : struct, IBinaryOperator;

    /// <summary>A test of one element, which gives a mask.</summary>
    void Test<TOperator>() where TOperator : struct, IUnaryOperator;

    /// <summary>A comparison of two elements, which gives a mask.</summary>
    void Compare<TOperator>() where TOperator : struct, IBinaryOperator;

    void Select();
}

/// <summary>The vector operator of each opcode: the one table that interpreted and generated loops share.</summary>
internal static class OperatorTable
{
    /// <summary>Hands the operator for operands of a type over; false where the operation has no vector form.</summary>
    public static bool TryUse<TUse>(Opcode code, DType type, ref TUse use)
        where TUse : struct, IOperatorUse, allows ref struct => type switch
        {
            DType.Bool => TryTruth(code, ref use),
            DType.Int32 or DType.Int64 => TryNumber(code, ref use),
            _ => code >= Opcode.Reciprocal ? TryFunction(code, ref use) : TryFloat(code, ref use),
        };

    /// <summary>Operations on truth values that are masks: all bits set, or none.</summary>
    public static bool TryUseMask<TUse>(Opcode code, ref TUse use)
        where TUse : struct, IOperatorUse, allows ref struct
    {
        switch (code)
        {
            case Opcode.Copy or Opcode.Cast: use.Unary<CopyOperator>(); return true;
            case Opcode.Select: use.Select(); return true;
            case Opcode.Not: use.Unary<ComplementOperator>(); return true;
            case Opcode.And: use.Binary<AndOperator>(); return true;
            case Opcode.Or: use.Binary<OrOperator>(); return true;
            case Opcode.Xor or Opcode.NotEqual: use.Binary<XorOperator>(); return true;
            case Opcode.Less: use.Binary<OnlySecondMaskOperator>(); return true;
            case Opcode.LessEqual: use.Binary<ImpliedMaskOperator>(); return true;
            case Opcode.Equal: use.Binary<SameMaskOperator>(); return true;
            default: return false;
        }
    }

    /// <summary>Truth values, as bytes 0 and 1; false is less than true.</summary>
    private static bool TryTruth<TUse>(Opcode code, ref TUse use)
        where TUse : struct, IOperatorUse, allows ref struct
    {
        switch (code)
        {
            case Opcode.Copy or Opcode.Cast: use.Unary<CopyOperator>(); return true;
            case Opcode.Select: use.Select(); return true;
            case Opcode.Not: use.Unary<NotOperator>(); return true;
            case Opcode.And: use.Binary<AndOperator>(); return true;
            case Opcode.Or: use.Binary<OrOperator>(); return true;
            case Opcode.Xor or Opcode.NotEqual: use.Binary<XorOperator>(); return true;
            case Opcode.Less: use.Binary<OnlySecondOperator>(); return true;
            case Opcode.LessEqual: use.Binary<ImpliedOperator>(); return true;
            case Opcode.Equal: use.Binary<SameOperator>(); return true;
            default: return false;
        }
    }

    private static bool TryNumber<TUse>(Opcode code, ref TUse use)
        where TUse : struct, IOperatorUse, allows ref struct
    {
        switch (code)
        {
            case Opcode.Copy or Opcode.Cast: use.Unary<CopyOperator>(); return true;
            case Opcode.Select: use.Select(); return true;
            case Opcode.Less: use.Compare<LessOperator>(); return true;
            case Opcode.LessEqual: use.Compare<LessEqualOperator>(); return true;
            case Opcode.Equal: use.Compare<EqualOperator>(); return true;
            case Opcode.NotEqual: use.Compare<NotEqualOperator>(); return true;
            case Opcode.Neg: use.Unary<NegOperator>(); return true;
            case Opcode.Abs: use.Unary<AbsOperator>(); return true;
            case Opcode.Sign: use.Unary<SignOperator>(); return true;
            case Opcode.Square: use.Unary<SquareOperator>(); return true;
            case Opcode.Add: use.Binary<AddOperator>(); return true;
            case Opcode.Sub: use.Binary<SubOperator>(); return true;
            case Opcode.Mul: use.Binary<MulOperator>(); return true;
            case Opcode.Maximum: use.Binary<MaximumOperator>(); return true;
            case Opcode.Minimum: use.Binary<MinimumOperator>(); return true;
            default: return false;
        }
    }

    private static bool TryFloat<TUse>(Opcode code, ref TUse use)
        where TUse : struct, IOperatorUse, allows ref struct
    {
        switch (code)
        {
            case Opcode.Div: use.Binary<DivOperator>(); return true;
            case Opcode.Pow: use.Binary<PowOperator>(); return true;
            case Opcode.Remainder: use.Binary<RemainderOperator>(); return true;
            case Opcode.Fmod: use.Binary<FmodOperator>(); return true;
            case Opcode.Atan2: use.Binary<Atan2Operator>(); return true;
            case Opcode.Hypot: use.Binary<HypotOperator>(); return true;
            case Opcode.LogAddExp: use.Binary<LogAddExpOperator>(); return true;
            case Opcode.IsNaN: use.Test<IsNaNOperator>(); return true;
            case Opcode.IsFinite: use.Test<IsFiniteOperator>(); return true;
            default: return TryNumber(code, ref use);
        }
    }

    private static bool TryFunction<TUse>(Opcode code, ref TUse use)
        where TUse : struct, IOperatorUse, allows ref struct
    {
        switch (code)
        {
            case Opcode.Reciprocal: use.Unary<ReciprocalOperator>(); return true;
            case Opcode.Sqrt: use.Unary<SqrtOperator>(); return true;
            case Opcode.Rsqrt: use.Unary<RsqrtOperator>(); return true;
            case Opcode.Exp: use.Unary<ExpOperator>(); return true;
            case Opcode.Expm1: use.Unary<Expm1Operator>(); return true;
            case Opcode.Log: use.Unary<LogOperator>(); return true;
            case Opcode.Log1p: use.Unary<Log1pOperator>(); return true;
            case Opcode.Sin: use.Unary<SinOperator>(); return true;
            case Opcode.Cos: use.Unary<CosOperator>(); return true;
            case Opcode.Tanh: use.Unary<TanhOperator>(); return true;
            case Opcode.Exp2: use.Unary<Exp2Operator>(); return true;
            case Opcode.Log2: use.Unary<Log2Operator>(); return true;
            case Opcode.Log10: use.Unary<Log10Operator>(); return true;
            case Opcode.Cbrt: use.Unary<CbrtOperator>(); return true;
            case Opcode.Tan: use.Unary<TanOperator>(); return true;
            case Opcode.Asin: use.Unary<AsinOperator>(); return true;
            case Opcode.Acos: use.Unary<AcosOperator>(); return true;
            case Opcode.Atan: use.Unary<AtanOperator>(); return true;
            case Opcode.Sinh: use.Unary<SinhOperator>(); return true;
            case Opcode.Cosh: use.Unary<CoshOperator>(); return true;
            case Opcode.Asinh: use.Unary<AsinhOperator>(); return true;
            case Opcode.Acosh: use.Unary<AcoshOperator>(); return true;
            case Opcode.Atanh: use.Unary<AtanhOperator>(); return true;
            case Opcode.Erf: use.Unary<ErfOperator>(); return true;
            case Opcode.Erfc: use.Unary<ErfcOperator>(); return true;
            case Opcode.ErfInv: use.Unary<ErfInvOperator>(); return true;
            case Opcode.Lgamma: use.Unary<LgammaOperator>(); return true;
            case Opcode.Digamma: use.Unary<DigammaOperator>(); return true;
            case Opcode.Trigamma: use.Unary<TrigammaOperator>(); return true;
            case Opcode.Log1mExp: use.Unary<Log1mExpOperator>(); return true;
            case Opcode.Sigmoid: use.Unary<SigmoidOperator>(); return true;
            case Opcode.Softplus: use.Unary<SoftplusOperator>(); return true;
            case Opcode.Relu: use.Unary<ReluOperator>(); return true;
            case Opcode.Floor: use.Unary<FloorOperator>(); return true;
            case Opcode.Ceil: use.Unary<CeilOperator>(); return true;
            case Opcode.Round: use.Unary<RoundOperator>(); return true;
            case Opcode.Trunc: use.Unary<TruncOperator>(); return true;
            default: return false;
        }
    }
}
