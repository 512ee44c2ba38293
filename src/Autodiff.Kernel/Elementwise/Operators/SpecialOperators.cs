using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>See <see cref="VectorMath.Log1mExp{V, T}"/>.</summary>
internal readonly struct Log1mExpOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Log1mExp<V, T>(x);
}

/// <summary>See <see cref="VectorMath.ErfInv{V, T}"/>.</summary>
internal readonly struct ErfInvOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.ErfInv<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Lgamma{V, T}"/>.</summary>
internal readonly struct LgammaOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Lgamma<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Digamma{V, T}"/>.</summary>
internal readonly struct DigammaOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Digamma<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Trigamma{V, T}"/>.</summary>
internal readonly struct TrigammaOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Trigamma<V, T>(x);
}
