using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// What virtual lanes begin with, from one row or from two, by static methods: values that are passed along keep the JIT from holding
/// in registers what a loop over rows needs.
/// </summary>
internal unsafe interface IRowTerms<T> where T : unmanaged, INumber<T>
{
    /// <summary>The terms of a vector.</summary>
    static abstract TVector Whole<TVector, TSimd>(T* a, T* b)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>;

    /// <summary>Fewer terms than a vector has, and behind them what changes nothing.</summary>
    static abstract TVector Part<TVector, TSimd>(T* a, T* b, nint count)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>;
}

/// <summary>The elements of one row, combined.</summary>
internal readonly unsafe struct RowElements<T, TReduction> : IRowTerms<T>
    where T : unmanaged, INumber<T>
    where TReduction : struct, IReduction<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Whole<TVector, TSimd>(T* a, T* b)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> => TSimd.Load(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Part<TVector, TSimd>(T* a, T* b, nint count)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> => TSimd.LoadPart(a, count, TSimd.Broadcast(TReduction.Neutral));
}

/// <summary>The products of two rows' elements, added.</summary>
internal readonly unsafe struct RowProducts<T> : IRowTerms<T>
    where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Whole<TVector, TSimd>(T* a, T* b)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> =>
        new ProductTerms<T>(a, b).Add<TVector, TSimd>(TSimd.Broadcast(T.Zero), 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Part<TVector, TSimd>(T* a, T* b, nint count)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> =>
        new ProductTerms<T>(a, b).AddPart<TVector, TSimd>(TSimd.Broadcast(T.Zero), 0, count);
}
