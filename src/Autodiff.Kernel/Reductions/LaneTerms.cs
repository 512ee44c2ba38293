using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>What the virtual lanes take in at each position of a stretch in memory.</summary>
/// <typeparam name="T">The element type.</typeparam>
internal unsafe interface ILaneTerms<T> where T : unmanaged, INumber<T>
{
    /// <summary>What every lane holds before its first term.</summary>
    T Start { get; }

    /// <summary>The lanes with the terms of a vector from a position on.</summary>
    TVector Add<TVector, TSimd>(TVector lanes, nint position)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>;

    /// <summary>The same for fewer terms than a vector has.</summary>
    TVector AddPart<TVector, TSimd>(TVector lanes, nint position, nint count)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>;
}

/// <summary>The elements of a row, combined.</summary>
/// <param name="row">Where the row begins.</param>
/// <param name="neutral">What changes no result.</param>
internal readonly unsafe struct ReductionTerms<T, TReduction>(T* row, T neutral) : ILaneTerms<T>
    where T : unmanaged, INumber<T>
    where TReduction : struct, IReduction<T>
{
    private readonly T* row = row;

    public T Start { get; } = neutral;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Add<TVector, TSimd>(TVector lanes, nint position)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        // The end of each row, and several instructions for each vector, leave the processor too few loads in sight to
        // keep memory busy.
        Prefetching.PagesAhead(row + position);
        return TReduction.Combine<TVector, TSimd>(lanes, TSimd.Load(row + position));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector AddPart<TVector, TSimd>(TVector lanes, nint position, nint count)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> =>
        TReduction.Combine<TVector, TSimd>(lanes, TSimd.LoadPart(row + position, count, TSimd.Broadcast(Start)));
}

/// <summary>The products of two rows' elements, added.</summary>
/// <param name="a">Where the one row begins.</param>
/// <param name="b">Where the other begins.</param>
internal readonly unsafe struct ProductTerms<T>(T* a, T* b) : ILaneTerms<T>
    where T : unmanaged, INumber<T>
{
    private readonly T* a = a, b = b;

    public T Start => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Add<TVector, TSimd>(TVector lanes, nint position)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> =>
        TSimd.MultiplyAdd(TSimd.Load(a + position), TSimd.Load(b + position), lanes);

    // Lanes without an element add -0 times 0, which changes nothing, not even the sign of a zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector AddPart<TVector, TSimd>(TVector lanes, nint position, nint count)
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> =>
        TSimd.MultiplyAdd(
            TSimd.LoadPart(a + position, count, TSimd.Broadcast(-T.Zero)),
            TSimd.LoadPart(b + position, count, TSimd.Broadcast(T.Zero)), lanes);
}
