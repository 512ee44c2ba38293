using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>1 / x.</summary>
internal readonly struct ReciprocalOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        1 / x;
}

/// <summary>The square root.</summary>
internal readonly struct SqrtOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Sqrt(x);
}

/// <summary>1 over the square root.</summary>
internal readonly struct RsqrtOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        1 / V.Sqrt(x);
}

/// <summary>x where it is positive or NaN, else 0.</summary>
internal readonly struct ReluOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Select(V.LessOrEqual(x, 0), 0, x);
}

/// <summary>The greatest integer up to x.</summary>
internal readonly struct FloorOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Floor(x);
}

/// <summary>The least integer from x on.</summary>
internal readonly struct CeilOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Ceiling(x);
}

/// <summary>The nearest integer, half to even.</summary>
internal readonly struct RoundOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Round(x);
}

/// <summary>The integer part.</summary>
internal readonly struct TruncOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Truncate(x);
}

/// <summary>See <see cref="VectorMath.Exp{V, T}"/>.</summary>
internal readonly struct ExpOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Exp<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Expm1{V, T}"/>.</summary>
internal readonly struct Expm1Operator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Expm1<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Log{V, T}"/>.</summary>
internal readonly struct LogOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Log<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Log1p{V, T}"/>.</summary>
internal readonly struct Log1pOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Log1p<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Sin{V, T}"/>.</summary>
internal readonly struct SinOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Sin<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Cos{V, T}"/>.</summary>
internal readonly struct CosOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Cos<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Tanh{V, T}"/>.</summary>
internal readonly struct TanhOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Tanh<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Sigmoid{V, T}"/>.</summary>
internal readonly struct SigmoidOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Sigmoid<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Softplus{V, T}"/>.</summary>
internal readonly struct SoftplusOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Softplus<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Erf{V, T}"/>.</summary>
internal readonly struct ErfOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Erf<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Erfc{V, T}"/>.</summary>
internal readonly struct ErfcOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Erfc<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Pow{V, T}"/>.</summary>
internal readonly struct PowOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Pow<V, T>(a, b);
}

/// <summary>See <see cref="VectorMath.LogAddExp{V, T}"/>.</summary>
internal readonly struct LogAddExpOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.LogAddExp<V, T>(a, b);
}
