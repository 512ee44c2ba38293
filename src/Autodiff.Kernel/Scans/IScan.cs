using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// What a scan makes of the element before and of the elements of two operands at its place, as scalars and as vectors.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
internal interface IScan<T> where T : unmanaged, INumber<T>
{
    static abstract T Step(T previous, T a, T b);

    static abstract TVector Step<TVector, TSimd>(TVector previous, TVector a, TVector b)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>;
}

/// <summary>a y + b.</summary>
internal readonly struct LinearScan<T> : IScan<T> where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Step(T previous, T a, T b) => SimdWidths.MultiplyAdd(a, previous, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Step<TVector, TSimd>(TVector previous, TVector a, TVector b)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> => TSimd.MultiplyAdd(a, previous, b);
}

/// <summary>y and b combined; a is not looked at.</summary>
internal readonly struct RunningScan<T, TReduction> : IScan<T>
    where T : unmanaged, INumber<T>
    where TReduction : struct, IReduction<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Step(T previous, T a, T b) => TReduction.Combine(previous, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Step<TVector, TSimd>(TVector previous, TVector a, TVector b)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> => TReduction.Combine<TVector, TSimd>(previous, b);
}
