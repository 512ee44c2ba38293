using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>See <see cref="VectorMath.Exp2{V, T}"/>.</summary>
internal readonly struct Exp2Operator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Exp2<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Log2{V, T}"/>.</summary>
internal readonly struct Log2Operator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Log2<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Cbrt{V, T}"/>.</summary>
internal readonly struct CbrtOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Cbrt<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Tan{V, T}"/>.</summary>
internal readonly struct TanOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Tan<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Asin{V, T}"/>.</summary>
internal readonly struct AsinOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Asin<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Acos{V, T}"/>.</summary>
internal readonly struct AcosOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Acos<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Atan{V, T}"/>.</summary>
internal readonly struct AtanOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Atan<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Sinh{V, T}"/>.</summary>
internal readonly struct SinhOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Sinh<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Cosh{V, T}"/>.</summary>
internal readonly struct CoshOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Cosh<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Asinh{V, T}"/>.</summary>
internal readonly struct AsinhOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Asinh<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Acosh{V, T}"/>.</summary>
internal readonly struct AcoshOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Acosh<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Atanh{V, T}"/>.</summary>
internal readonly struct AtanhOperator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Atanh<V, T>(x);
}

/// <summary>See <see cref="VectorMath.Log10{V, T}"/>.</summary>
internal readonly struct Log10Operator : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        VectorMath.Log10<V, T>(x);
}
