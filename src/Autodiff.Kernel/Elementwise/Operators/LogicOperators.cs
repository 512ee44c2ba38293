using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The mask of a &lt; b.</summary>
internal readonly struct LessOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Less(a, b);
}

/// <summary>The mask of a &lt;= b.</summary>
internal readonly struct LessEqualOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.LessOrEqual(a, b);
}

/// <summary>The mask of a = b.</summary>
internal readonly struct EqualOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Equal(a, b);
}

/// <summary>The mask of a != b.</summary>
internal readonly struct NotEqualOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        ~V.Equal(a, b);
}

/// <summary>The mask of NaN.</summary>
internal readonly struct IsNaNOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        ~V.Equal(x, x);
}

/// <summary>The mask of neither NaN nor infinite.</summary>
internal readonly struct IsFiniteOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Less(V.Abs(x), double.PositiveInfinity);
}

/// <summary>Not, of truth values as bytes 0 and 1.</summary>
internal readonly struct NotOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        x ^ 1;
}

/// <summary>And, of truth values as bytes 0 and 1.</summary>
internal readonly struct AndOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        a & b;
}

/// <summary>Or, of truth values as bytes 0 and 1.</summary>
internal readonly struct OrOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        a | b;
}

/// <summary>Whether truth values, as bytes 0 and 1, differ.</summary>
internal readonly struct XorOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        a ^ b;
}

/// <summary>Whether b, or not a: a &lt;= b for truth values as bytes 0 and 1.</summary>
internal readonly struct ImpliedOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        (a ^ 1) | b;
}

/// <summary>b and not a: a &lt; b for truth values as bytes 0 and 1.</summary>
internal readonly struct OnlySecondOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        (a ^ 1) & b;
}

/// <summary>Whether truth values, as bytes 0 and 1, are equal.</summary>
internal readonly struct SameOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        a ^ b ^ 1;
}

/// <summary>Not, of masks.</summary>
internal readonly struct ComplementOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        ~x;
}

/// <summary>Whether b, or not a: a &lt;= b for truth values as masks.</summary>
internal readonly struct ImpliedMaskOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        ~a | b;
}

/// <summary>b and not a: a &lt; b for truth values as masks.</summary>
internal readonly struct OnlySecondMaskOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        ~a & b;
}

/// <summary>Whether truth values, as masks, are equal.</summary>
internal readonly struct SameMaskOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        ~(a ^ b);
}

/// <summary>1 where a mask is set, else 0: the conversion of truth values to numbers.</summary>
internal readonly struct OneWhereOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        x & (V)1;
}

/// <summary>The mask of everything but 0: the conversion of numbers to truth values.</summary>
internal readonly struct NonzeroOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        ~V.Equal(x, 0);
}
