using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Rows of a few vectors, as many as a vector has elements: each is combined by the tree of <see cref="VirtualLanes"/> to one
/// vector, without the lanes that it does not reach, and these together to the values.
/// </summary>
internal static unsafe class RowGroups<T, TVector, TSimd>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    private const int MostWidth = 16, FewVectors = 4;

    /// <summary>Whether rows of a length, a vector's elements at least, gain by it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Takes(nint length) =>
        LaneLoops<T, TVector, TSimd>.HasRow && FoldedVectors.IsSupported && length <= FewVectors * TSimd.Width;

    /// <summary>Combines rows, or the products of pairs of them.</summary>
    /// <param name="a">The first row.</param>
    /// <param name="nextA">How far apart they are.</param>
    /// <param name="b">The first of the others, if there are.</param>
    /// <param name="nextB">How far apart they are.</param>
    /// <param name="length">The length of a row, one that <see cref="Takes"/> says yes to.</param>
    /// <param name="totals">Where the first value goes.</param>
    /// <param name="nextTotal">How far apart the values are.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reduce<TReduction, TTerms>(T* a, nint nextA, T* b, nint nextB, nint length, T* totals, nint nextTotal)
        where TReduction : struct, IReduction<T>
        where TTerms : struct, IRowTerms<T>
    {
        T* lanes = stackalloc T[MostWidth * MostWidth];
        FoldRows<TReduction, TTerms>(a, nextA, b, nextB, length, lanes);
        TSimd.Store(TSimd.FoldAll<TReduction>(lanes), nextTotal == 1 ? totals : lanes);
        for (nint i = 0; i < TSimd.Width && nextTotal != 1; i++)
            totals[i * nextTotal] = lanes[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FoldRows<TReduction, TTerms>(T* a, nint nextA, T* b, nint nextB, nint length, T* lanes)
        where TReduction : struct, IReduction<T>
        where TTerms : struct, IRowTerms<T>
    {
        nint width = TSimd.Width, vectors = (length + width - 1) / width, last = (vectors - 1) * width, rest = length - last;
        for (nint i = 0; i < width; i++, a += nextA, b += nextB, lanes += width)
        {
            var value = rest == width
                ? TTerms.Whole<TVector, TSimd>(a + last, b + last)
                : TTerms.Part<TVector, TSimd>(a + last, b + last, rest);
            if (vectors == 2)
                value = Join<TReduction>(TTerms.Whole<TVector, TSimd>(a, b), value);
            else if (vectors == 3)
                value = Join<TReduction>(
                    Join<TReduction>(TTerms.Whole<TVector, TSimd>(a, b), value),
                    TTerms.Whole<TVector, TSimd>(a + width, b + width));
            else if (vectors == FewVectors)
                value = Join<TReduction>(
                    Join<TReduction>(
                        TTerms.Whole<TVector, TSimd>(a, b), TTerms.Whole<TVector, TSimd>(a + (2 * width), b + (2 * width))),
                    Join<TReduction>(TTerms.Whole<TVector, TSimd>(a + width, b + width), value));
            TSimd.Store(value, lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Join<TReduction>(TVector a, TVector b) where TReduction : struct, IReduction<T> =>
        TReduction.Combine<TVector, TSimd>(a, b);
}
