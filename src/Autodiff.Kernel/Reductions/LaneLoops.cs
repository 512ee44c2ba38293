using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The innermost loops of <see cref="VirtualLanes"/> over one stretch: all lanes (or, of narrow vectors, some of them at a
/// time) are kept in registers, in locals of their own, since arrays of vectors stay in memory.
/// </summary>
internal static unsafe class LaneLoops<T, TVector, TSimd>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    private const int Lanes = VirtualLanes.Lanes;

    /// <summary>Whether a row that is one stretch takes no memory for its lanes.</summary>
    public static bool HasRow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TSimd.Width is Lanes / 4 or Lanes / 8 or Lanes / 16;
    }

    /// <summary>A row of one stretch, combined to one value.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static T Row<TReduction, TTerms>(TTerms terms, nint count)
        where TReduction : struct, IReduction<T>
        where TTerms : struct, ILaneTerms<T> =>
        RowHere<TReduction, TTerms>(terms, count);

    /// <summary>The same within its caller, for a loop over rows.</summary>
    /// <remarks>There it is all that is inlined: the JIT gives up beyond some size, and runs what it left out slowly.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T RowHere<TReduction, TTerms>(in TTerms terms, nint count)
        where TReduction : struct, IReduction<T>
        where TTerms : struct, ILaneTerms<T> =>
        TSimd.Fold<TReduction>(RowLanes<TReduction, TTerms>(terms, count));

    /// <summary>A row of one stretch, combined to one vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector RowLanes<TReduction, TTerms>(in TTerms terms, nint count)
        where TReduction : struct, IReduction<T>
        where TTerms : struct, ILaneTerms<T> =>
        TSimd.Width == Lanes / 4 ? RowOfFour<TReduction, TTerms>(terms, count)
        : TSimd.Width == Lanes / 8 ? RowOfEight<TReduction, TTerms>(terms, count)
        : RowOfSixteen<TReduction, TTerms>(terms, count);

    /// <summary>The lanes with the terms of a stretch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Stretch<TTerms>(in TTerms terms, nint count, T* lanes) where TTerms : struct, ILaneTerms<T>
    {
        if (TSimd.Width == Lanes / 4)
            StretchOfFour(terms, count, lanes);
        else
            StretchOfEights(terms, count, lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector RowOfFour<TReduction, TTerms>(in TTerms terms, nint count)
        where TReduction : struct, IReduction<T>
        where TTerms : struct, ILaneTerms<T>
    {
        nint width = TSimd.Width, whole = count & -Lanes;
        TVector r0 = TSimd.Broadcast(terms.Start), r1 = r0, r2 = r0, r3 = r0;
        for (nint i = 0; i < whole; i += Lanes)
        {
            r0 = terms.Add<TVector, TSimd>(r0, i);
            r1 = terms.Add<TVector, TSimd>(r1, i + width);
            r2 = terms.Add<TVector, TSimd>(r2, i + (2 * width));
            r3 = terms.Add<TVector, TSimd>(r3, i + (3 * width));
        }

        if (whole < count)
        {
            r0 = Rest(terms, r0, whole, count);
            r1 = Rest(terms, r1, whole + width, count);
            r2 = Rest(terms, r2, whole + (2 * width), count);
            r3 = Rest(terms, r3, whole + (3 * width), count);
        }

        return Join<TReduction>(r0, r1, r2, r3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector RowOfEight<TReduction, TTerms>(in TTerms terms, nint count)
        where TReduction : struct, IReduction<T>
        where TTerms : struct, ILaneTerms<T>
    {
        TVector r0 = TSimd.Broadcast(terms.Start), r1 = r0, r2 = r0, r3 = r0, r4 = r0, r5 = r0, r6 = r0, r7 = r0;
        Rounds(terms, 0, count & -Lanes, ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        Rests(terms, count & -Lanes, count, ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        return Join<TReduction>(
            Join<TReduction>(r0, r4), Join<TReduction>(r1, r5), Join<TReduction>(r2, r6), Join<TReduction>(r3, r7));
    }

    /// <summary>The upper lanes first, which wait on the stack while the lower ones are in registers.</summary>
    /// <remarks>A method of its own: in another's body there is more than the JIT agrees to inline.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static TVector RowOfSixteen<TReduction, TTerms>(TTerms terms, nint count)
        where TReduction : struct, IReduction<T>
        where TTerms : struct, ILaneTerms<T>
    {
        nint half = Lanes / 2, whole = count & -Lanes;
        TVector r0 = TSimd.Broadcast(terms.Start), r1 = r0, r2 = r0, r3 = r0, r4 = r0, r5 = r0, r6 = r0, r7 = r0;
        TVector s0 = r0, s1 = r0, s2 = r0, s3 = r0, s4 = r0, s5 = r0, s6 = r0, s7 = r0;
        if (count > half)
        {
            Rounds(terms, half, whole, ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref s6, ref s7);
            Rests(terms, whole + half, count, ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref s6, ref s7);
        }

        Rounds(terms, 0, whole, ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        Rests(terms, whole, count, ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        r0 = Join<TReduction>(Join<TReduction>(r0, s0), Join<TReduction>(r4, s4));
        r1 = Join<TReduction>(Join<TReduction>(r1, s1), Join<TReduction>(r5, s5));
        r2 = Join<TReduction>(Join<TReduction>(r2, s2), Join<TReduction>(r6, s6));
        r3 = Join<TReduction>(Join<TReduction>(r3, s3), Join<TReduction>(r7, s7));
        return Join<TReduction>(r0, r1, r2, r3);
    }

    /// <summary>Eight vectors of lanes, from a lane on, with the terms of whole rounds of all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rounds<TTerms>(
        in TTerms terms, nint first, nint whole, ref TVector r0, ref TVector r1, ref TVector r2, ref TVector r3,
        ref TVector r4, ref TVector r5, ref TVector r6, ref TVector r7)
        where TTerms : struct, ILaneTerms<T>
    {
        nint width = TSimd.Width;
        for (var i = first; i < whole; i += Lanes)
        {
            r0 = terms.Add<TVector, TSimd>(r0, i);
            r1 = terms.Add<TVector, TSimd>(r1, i + width);
            r2 = terms.Add<TVector, TSimd>(r2, i + (2 * width));
            r3 = terms.Add<TVector, TSimd>(r3, i + (3 * width));
            r4 = terms.Add<TVector, TSimd>(r4, i + (4 * width));
            r5 = terms.Add<TVector, TSimd>(r5, i + (5 * width));
            r6 = terms.Add<TVector, TSimd>(r6, i + (6 * width));
            r7 = terms.Add<TVector, TSimd>(r7, i + (7 * width));
        }
    }

    /// <summary>Eight vectors of lanes with what is left behind the whole rounds, from a position on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rests<TTerms>(
        in TTerms terms, nint position, nint count, ref TVector r0, ref TVector r1, ref TVector r2, ref TVector r3,
        ref TVector r4, ref TVector r5, ref TVector r6, ref TVector r7)
        where TTerms : struct, ILaneTerms<T>
    {
        if (position >= count)
            return;
        nint width = TSimd.Width;
        r0 = Rest(terms, r0, position, count);
        r1 = Rest(terms, r1, position + width, count);
        r2 = Rest(terms, r2, position + (2 * width), count);
        r3 = Rest(terms, r3, position + (3 * width), count);
        r4 = Rest(terms, r4, position + (4 * width), count);
        r5 = Rest(terms, r5, position + (5 * width), count);
        r6 = Rest(terms, r6, position + (6 * width), count);
        r7 = Rest(terms, r7, position + (7 * width), count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StretchOfFour<TTerms>(TTerms terms, nint count, T* lanes) where TTerms : struct, ILaneTerms<T>
    {
        nint width = TSimd.Width, whole = count & -Lanes;
        TVector r0 = TSimd.Load(lanes), r1 = TSimd.Load(lanes + width);
        TVector r2 = TSimd.Load(lanes + (2 * width)), r3 = TSimd.Load(lanes + (3 * width));
        for (nint i = 0; i < whole; i += Lanes)
        {
            r0 = terms.Add<TVector, TSimd>(r0, i);
            r1 = terms.Add<TVector, TSimd>(r1, i + width);
            r2 = terms.Add<TVector, TSimd>(r2, i + (2 * width));
            r3 = terms.Add<TVector, TSimd>(r3, i + (3 * width));
        }

        TSimd.Store(r0, lanes);
        TSimd.Store(r1, lanes + width);
        TSimd.Store(r2, lanes + (2 * width));
        TSimd.Store(r3, lanes + (3 * width));
        Rest(terms, whole, count, lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StretchOfEights<TTerms>(TTerms terms, nint count, T* lanes) where TTerms : struct, ILaneTerms<T>
    {
        nint width = TSimd.Width, whole = count & -Lanes;
        for (nint first = 0; first < Lanes && whole > 0; first += 8 * width)
        {
            var r = lanes + first;
            TVector r0 = TSimd.Load(r), r1 = TSimd.Load(r + width);
            TVector r2 = TSimd.Load(r + (2 * width)), r3 = TSimd.Load(r + (3 * width));
            TVector r4 = TSimd.Load(r + (4 * width)), r5 = TSimd.Load(r + (5 * width));
            TVector r6 = TSimd.Load(r + (6 * width)), r7 = TSimd.Load(r + (7 * width));
            Rounds(terms, first, whole, ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
            TSimd.Store(r0, r);
            TSimd.Store(r1, r + width);
            TSimd.Store(r2, r + (2 * width));
            TSimd.Store(r3, r + (3 * width));
            TSimd.Store(r4, r + (4 * width));
            TSimd.Store(r5, r + (5 * width));
            TSimd.Store(r6, r + (6 * width));
            TSimd.Store(r7, r + (7 * width));
        }

        Rest(terms, whole, count, lanes);
    }

    /// <summary>What is left behind the last whole round of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rest<TTerms>(in TTerms terms, nint position, nint count, T* lanes)
        where TTerms : struct, ILaneTerms<T>
    {
        for (; position < count; position += TSimd.Width, lanes += TSimd.Width)
            TSimd.Store(Rest(terms, TSimd.Load(lanes), position, count), lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Rest<TTerms>(in TTerms terms, TVector lanes, nint position, nint count)
        where TTerms : struct, ILaneTerms<T>
    {
        if (position >= count)
            return lanes;
        return count - position >= TSimd.Width
            ? terms.Add<TVector, TSimd>(lanes, position)
            : terms.AddPart<TVector, TSimd>(lanes, position, count - position);
    }

    /// <summary>Lanes in memory combined to one value: lane j with lane j + 32, then j + 16, and so on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Fold<TReduction>(T* lanes) where TReduction : struct, IReduction<T>
    {
        nint width = TSimd.Width;
        if (width == Lanes / 4)
            return TSimd.Fold<TReduction>(Join<TReduction>(
                TSimd.Load(lanes), TSimd.Load(lanes + width), TSimd.Load(lanes + (2 * width)), TSimd.Load(lanes + (3 * width))));
        if (width == Lanes / 8)
            return TSimd.Fold<TReduction>(Join<TReduction>(
                JoinAt<TReduction>(lanes, 0), JoinAt<TReduction>(lanes, width), JoinAt<TReduction>(lanes, 2 * width),
                JoinAt<TReduction>(lanes, 3 * width)));
        nint half = Lanes / 2;
        for (; half >= width; half /= 2)
            for (nint i = 0; i < half; i += width)
                TSimd.Store(Join<TReduction>(TSimd.Load(lanes + i), TSimd.Load(lanes + half + i)), lanes + i);
        return TSimd.Fold<TReduction>(TSimd.Load(lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Join<TReduction>(TVector r0, TVector r1, TVector r2, TVector r3) where TReduction : struct, IReduction<T> =>
        Join<TReduction>(Join<TReduction>(r0, r2), Join<TReduction>(r1, r3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector JoinAt<TReduction>(T* lanes, nint lane) where TReduction : struct, IReduction<T> =>
        Join<TReduction>(TSimd.Load(lanes + lane), TSimd.Load(lanes + lane + (Lanes / 2)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Join<TReduction>(TVector a, TVector b) where TReduction : struct, IReduction<T> =>
        TReduction.Combine<TVector, TSimd>(a, b);
}
