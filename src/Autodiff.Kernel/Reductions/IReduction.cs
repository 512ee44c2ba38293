using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// A commutative and associative operation that elements are combined with, as scalars and as vectors.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
internal interface IReduction<T> where T : unmanaged, INumber<T>
{
    /// <summary>What changes no result.</summary>
    static abstract T Neutral { get; }

    static abstract T Combine(T a, T b);

    static abstract TVector Combine<TVector, TSimd>(TVector a, TVector b)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>;
}

/// <summary>a + b.</summary>
internal readonly struct SumReduction<T> : IReduction<T> where T : unmanaged, INumber<T>
{
    // Not +0, which would turn a sum of -0 into +0.
    public static T Neutral => -T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine(T a, T b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Combine<TVector, TSimd>(TVector a, TVector b)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> => TSimd.Add(a, b);
}

/// <summary>a b.</summary>
internal readonly struct ProductReduction<T> : IReduction<T> where T : unmanaged, INumber<T>
{
    public static T Neutral => T.One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine(T a, T b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Combine<TVector, TSimd>(TVector a, TVector b)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> => TSimd.Multiply(a, b);
}

/// <summary>The larger of a and b, NaN where one is NaN.</summary>
internal readonly struct MaxReduction<T> : IReduction<T> where T : unmanaged, INumber<T>
{
    public static T Neutral => T.CreateSaturating(double.NegativeInfinity);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine(T a, T b) => T.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Combine<TVector, TSimd>(TVector a, TVector b)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> => TSimd.Max(a, b);
}

/// <summary>The smaller of a and b, NaN where one is NaN.</summary>
internal readonly struct MinReduction<T> : IReduction<T> where T : unmanaged, INumber<T>
{
    public static T Neutral => T.CreateSaturating(double.PositiveInfinity);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine(T a, T b) => T.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Combine<TVector, TSimd>(TVector a, TVector b)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> => TSimd.Min(a, b);
}
