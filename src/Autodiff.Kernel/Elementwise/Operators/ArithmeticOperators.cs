using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>x itself.</summary>
internal readonly struct CopyOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        x;
}

/// <summary>-x.</summary>
internal readonly struct NegOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        -x;
}

/// <summary>|x|.</summary>
internal readonly struct AbsOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Abs(x);
}

/// <summary>1, -1, or x itself where it is 0 or NaN.</summary>
internal readonly struct SignOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Select(V.Less(0, x), 1, V.Select(V.Less(x, 0), -1, x));
}

/// <summary>x^2.</summary>
internal readonly struct SquareOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        x * x;
}

/// <summary>a + b.</summary>
internal readonly struct AddOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        a + b;
}

/// <summary>a - b.</summary>
internal readonly struct SubOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        a - b;
}

/// <summary>a b.</summary>
internal readonly struct MulOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        a * b;
}

/// <summary>a / b.</summary>
internal readonly struct DivOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        a / b;
}

/// <summary>The greater; NaN if either is NaN.</summary>
internal readonly struct MaximumOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Max(a, b);
}

/// <summary>The lesser; NaN if either is NaN.</summary>
internal readonly struct MinimumOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Min(a, b);
}
