using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>See <see cref="VectorMath.Atan2{V, T}"/>.</summary>
internal readonly struct Atan2Operator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Atan2<V, T>(a, b);
}

/// <summary>See <see cref="VectorMath.Hypot{V, T}"/>.</summary>
internal readonly struct HypotOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Hypot<V, T>(a, b);
}

/// <summary>See <see cref="VectorMath.Fmod{V, T}"/>.</summary>
internal readonly struct FmodOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Fmod<V, T>(a, b);
}

/// <summary>See <see cref="VectorMath.Remainder{V, T}"/>.</summary>
internal readonly struct RemainderOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Remainder<V, T>(a, b);
}
