using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// As many rows as a vector has elements, each combined by the tree of <see cref="VirtualLanes"/> to one vector, and these together
/// to the values.
/// </summary>
internal static unsafe class RowGroups<T, TVector, TSimd>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    private const int MostWidth = 16;

    // Rows of so few vectors are combined without the lanes that they do not reach.
    private const int FewVectors = 4;

    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => LaneLoops<T, TVector, TSimd>.HasRow && FoldedVectors.IsSupported;
    }

    /// <summary>Rows of a chunk at most; see <see cref="VirtualLanes.ReduceRows"/>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reduce<TReduction>(T* row, nint next, nint length, T* totals, nint nextTotal)
        where TReduction : struct, IReduction<T>
    {
        T* lanes = stackalloc T[MostWidth * MostWidth];
        if (length <= FewVectors * TSimd.Width)
            FoldFew<TReduction>(row, next, length, lanes);
        else
            FoldMany<TReduction>(row, next, length, lanes);
        TSimd.Store(TSimd.FoldAll<TReduction>(lanes), nextTotal == 1 ? totals : lanes);
        for (nint i = 0; i < TSimd.Width && nextTotal != 1; i++)
            totals[i * nextTotal] = lanes[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FoldFew<TReduction>(T* row, nint next, nint length, T* lanes) where TReduction : struct, IReduction<T>
    {
        nint width = TSimd.Width, vectors = (length + width - 1) / width, last = (vectors - 1) * width, rest = length - last;
        var neutral = TSimd.Broadcast(TReduction.Neutral);
        for (nint i = 0; i < width; i++, row += next, lanes += width)
        {
            var value = rest == width ? TSimd.Load(row + last) : TSimd.LoadPart(row + last, rest, neutral);
            if (vectors == 2)
                value = Join<TReduction>(TSimd.Load(row), value);
            else if (vectors == 3)
                value = Join<TReduction>(Join<TReduction>(TSimd.Load(row), value), TSimd.Load(row + width));
            else if (vectors == FewVectors)
                value = Join<TReduction>(
                    Join<TReduction>(TSimd.Load(row), TSimd.Load(row + (2 * width))),
                    Join<TReduction>(TSimd.Load(row + width), value));
            TSimd.Store(value, lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FoldMany<TReduction>(T* row, nint next, nint length, T* lanes) where TReduction : struct, IReduction<T>
    {
        var neutral = TReduction.Neutral;
        for (nint i = 0; i < TSimd.Width; i++, row += next, lanes += TSimd.Width)
            TSimd.Store(
                LaneLoops<T, TVector, TSimd>.RowLanes<TReduction, ReductionTerms<T, TReduction>>(
                    new ReductionTerms<T, TReduction>(row, neutral), length),
                lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Join<TReduction>(TVector a, TVector b) where TReduction : struct, IReduction<T> =>
        TReduction.Combine<TVector, TSimd>(a, b);
}
