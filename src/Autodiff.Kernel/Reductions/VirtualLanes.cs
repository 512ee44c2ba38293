using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// Reductions of a row to one value by a tree that depends on the row's length alone: element i belongs to lane i mod
/// 64, a lane takes its elements in order, and at the end lane j meets lane j + 32, then j + 16, and so on. Vectors of
/// any width hold some of the lanes, so the bits are the same on every machine. Lanes start afresh every
/// <see cref="ChunkLength"/> elements and the chunks' lanes are combined in order, which keeps the rounding error of a
/// sum over n elements near n / 1024 + 16 units instead of n.
/// </summary>
internal static unsafe class VirtualLanes
{
    public const int Lanes = 64;

    /// <summary>The elements after which the lanes start afresh: they stay in the first-level cache.</summary>
    public const int ChunkLength = 1024;

    /// <summary>Rows shorter than this are reduced one element after the other.</summary>
    public const int ShortLength = 16;

    /// <summary>The elements of a row in memory combined; at least one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Reduce<T, TReduction>(T* row, nint stride, nint length)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var elements = new MemoryElements<T>(row);
        return Reduce<T, TReduction, MemoryElements<T>>(ref elements, 0, stride, length);
    }

    /// <summary>The elements of a row from a position on, combined; at least one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Reduce<T, TReduction, TElements>(ref TElements row, nint position, nint stride, nint length)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        if (length < ShortLength && stride == 1)
            return ReduceShort<T, TReduction>(row.Run(position, length), length);
        if (length < ShortLength)
            return ReduceShortGathered<T, TReduction, TElements>(ref row, position, stride, length);
        if (sizeof(T) == 1)
            return VirtualLanes<T, Vector128<T>, Simd128<T>>.Reduce<TReduction, TElements>(
                ref row, position, stride, length);
        if (Vector512.IsHardwareAccelerated)
            return VirtualLanes<T, Vector512<T>, Simd512<T>>.Reduce<TReduction, TElements>(
                ref row, position, stride, length);
        if (Vector256.IsHardwareAccelerated)
            return VirtualLanes<T, Vector256<T>, Simd256<T>>.Reduce<TReduction, TElements>(
                ref row, position, stride, length);
        return VirtualLanes<T, Vector128<T>, Simd128<T>>.Reduce<TReduction, TElements>(
            ref row, position, stride, length);
    }

    /// <summary>
    /// Whether rows of so many consecutive elements are reduced one after the other by <see cref="ReduceRows"/>: what leads
    /// to a row takes as long as a row of some tens of elements.
    /// </summary>
    public static bool HasRows<T>(nint length) where T : unmanaged =>
        sizeof(T) > 1 && length is >= ShortLength and <= ChunkLength;

    /// <summary>Rows of consecutive elements, each combined to one value.</summary>
    /// <param name="row">The first of the rows.</param>
    /// <param name="next">How far apart they are.</param>
    /// <param name="length">The length of a row, one that <see cref="HasRows"/> says yes to.</param>
    /// <param name="totals">Where the first value goes.</param>
    /// <param name="nextTotal">How far apart the values are.</param>
    /// <param name="count">The number of rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ReduceRows<T, TReduction>(T* row, nint next, nint length, T* totals, nint nextTotal, nint count)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        if (Vector512.IsHardwareAccelerated)
            VirtualLanes<T, Vector512<T>, Simd512<T>>.ReduceRows<TReduction>(row, next, length, totals, nextTotal, count);
        else if (Vector256.IsHardwareAccelerated)
            VirtualLanes<T, Vector256<T>, Simd256<T>>.ReduceRows<TReduction>(row, next, length, totals, nextTotal, count);
        else
            VirtualLanes<T, Vector128<T>, Simd128<T>>.ReduceRows<TReduction>(row, next, length, totals, nextTotal, count);
    }

    /// <summary>The lanes of the elements of a chunk in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Chunk<T, TReduction>(T* row, nint stride, nint count, T* lanes)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var elements = new MemoryElements<T>(row);
        if (sizeof(T) == 1)
            VirtualLanes<T, Vector128<T>, Simd128<T>>.ReduceChunk<TReduction, MemoryElements<T>>(
                ref elements, 0, stride, count, lanes);
        else if (Vector512.IsHardwareAccelerated)
            VirtualLanes<T, Vector512<T>, Simd512<T>>.ReduceChunk<TReduction, MemoryElements<T>>(
                ref elements, 0, stride, count, lanes);
        else if (Vector256.IsHardwareAccelerated)
            VirtualLanes<T, Vector256<T>, Simd256<T>>.ReduceChunk<TReduction, MemoryElements<T>>(
                ref elements, 0, stride, count, lanes);
        else
            VirtualLanes<T, Vector128<T>, Simd128<T>>.ReduceChunk<TReduction, MemoryElements<T>>(
                ref elements, 0, stride, count, lanes);
    }

    /// <summary>The lanes of some chunks, one after the other, combined in order with the total's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join<T, TReduction>(T* total, T* lanes, nint chunks)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        for (nint i = 0; i < chunks; i++)
            if (Vector512.IsHardwareAccelerated)
                VirtualLanes<T, Vector512<T>, Simd512<T>>.Join<TReduction>(total, lanes + (i * Lanes));
            else
                VirtualLanes<T, Vector128<T>, Simd128<T>>.Join<TReduction>(total, lanes + (i * Lanes));
    }

    /// <summary>All lanes combined to one value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Fold<T, TReduction>(T* lanes)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        if (sizeof(T) == 1)
            return LaneLoops<T, Vector128<T>, Simd128<T>>.Fold<TReduction>(lanes);
        if (Vector512.IsHardwareAccelerated)
            return LaneLoops<T, Vector512<T>, Simd512<T>>.Fold<TReduction>(lanes);
        if (Vector256.IsHardwareAccelerated)
            return LaneLoops<T, Vector256<T>, Simd256<T>>.Fold<TReduction>(lanes);
        return LaneLoops<T, Vector128<T>, Simd128<T>>.Fold<TReduction>(lanes);
    }

    /// <summary>The sums of the products of pairs of rows, whose elements are consecutive.</summary>
    /// <param name="a">The first of the one rows.</param>
    /// <param name="nextA">How far apart they are.</param>
    /// <param name="b">The first of the others.</param>
    /// <param name="nextB">How far apart they are.</param>
    /// <param name="length">The length of a row.</param>
    /// <param name="c">Where the first sum goes.</param>
    /// <param name="nextC">How far apart the sums are.</param>
    /// <param name="count">The number of pairs.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots<T>(T* a, nint nextA, T* b, nint nextB, nint length, T* c, nint nextC, nint count)
        where T : unmanaged, INumber<T>
    {
        if (length < ShortLength)
            DotsShort(a, nextA, b, nextB, length, c, nextC, count);
        else if (Vector512.IsHardwareAccelerated)
            VirtualLanes<T, Vector512<T>, Simd512<T>>.Dots(a, nextA, b, nextB, length, c, nextC, count);
        else if (Vector256.IsHardwareAccelerated)
            VirtualLanes<T, Vector256<T>, Simd256<T>>.Dots(a, nextA, b, nextB, length, c, nextC, count);
        else
            VirtualLanes<T, Vector128<T>, Simd128<T>>.Dots(a, nextA, b, nextB, length, c, nextC, count);
    }

    /// <summary>The sum of the products of two rows' elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Dot<T>(T* a, nint strideA, T* b, nint strideB, nint length)
        where T : unmanaged, INumber<T>
    {
        if (length < ShortLength)
            return DotShort(a, strideA, b, strideB, length);
        if (Vector512.IsHardwareAccelerated)
            return VirtualLanes<T, Vector512<T>, Simd512<T>>.Dot(a, strideA, b, strideB, length);
        if (Vector256.IsHardwareAccelerated)
            return VirtualLanes<T, Vector256<T>, Simd256<T>>.Dot(a, strideA, b, strideB, length);
        return VirtualLanes<T, Vector128<T>, Simd128<T>>.Dot(a, strideA, b, strideB, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T ReduceShort<T, TReduction>(T* row, nint length)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var total = *row;
        for (nint i = 1; i < length; i++)
            total = TReduction.Combine(total, row[i]);
        return total;
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T ReduceShortGathered<T, TReduction, TElements>(
        ref TElements elements, nint position, nint stride, nint length)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        T* gathered = stackalloc T[ShortLength];
        return ReduceShort<T, TReduction>(elements.Gather(position, stride, length, gathered), length);
    }

    /// <summary>Four sums at a time: a multiply-add waits for the one before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DotsShort<T>(T* a, nint nextA, T* b, nint nextB, nint length, T* c, nint nextC, nint count)
        where T : unmanaged, INumber<T>
    {
        for (; count >= 4; count -= 4)
        {
            T* a1 = a + nextA, a2 = a1 + nextA, a3 = a2 + nextA, b1 = b + nextB, b2 = b1 + nextB, b3 = b2 + nextB;
            T sum0 = T.Zero, sum1 = T.Zero, sum2 = T.Zero, sum3 = T.Zero;
            for (nint i = 0; i < length; i++)
            {
                sum0 = SimdWidths.MultiplyAdd(a[i], b[i], sum0);
                sum1 = SimdWidths.MultiplyAdd(a1[i], b1[i], sum1);
                sum2 = SimdWidths.MultiplyAdd(a2[i], b2[i], sum2);
                sum3 = SimdWidths.MultiplyAdd(a3[i], b3[i], sum3);
            }

            (c[0], c[nextC], c[2 * nextC], c[3 * nextC]) = (sum0, sum1, sum2, sum3);
            a = a3 + nextA;
            b = b3 + nextB;
            c += 4 * nextC;
        }

        for (; count > 0; count--, a += nextA, b += nextB, c += nextC)
            *c = DotShort(a, 1, b, 1, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T DotShort<T>(T* a, nint strideA, T* b, nint strideB, nint length)
        where T : unmanaged, INumber<T>
    {
        var total = T.Zero;
        for (nint i = 0; i < length; i++)
            total = SimdWidths.MultiplyAdd(a[i * strideA], b[i * strideB], total);
        return total;
    }
}

/// <summary>The loops of <see cref="VirtualLanes"/> for one width of vectors.</summary>
internal static unsafe class VirtualLanes<T, TVector, TSimd>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    private const int Lanes = VirtualLanes.Lanes;
    private const int ChunkLength = VirtualLanes.ChunkLength;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Reduce<TReduction, TElements>(ref TElements row, nint position, nint stride, nint length)
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        if (!LaneLoops<T, TVector, TSimd>.HasRow || stride != 1 || length > ChunkLength)
            return ReduceChunks<TReduction, TElements>(ref row, position, stride, length);
        var elements = row.Run(position, length);
        return LaneLoops<T, TVector, TSimd>.Row<TReduction, ReductionTerms<T, TReduction>>(
            new ReductionTerms<T, TReduction>(elements, TReduction.Neutral), length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ReduceRows<TReduction>(T* row, nint next, nint length, T* totals, nint nextTotal, nint count)
        where TReduction : struct, IReduction<T>
    {
        var neutral = TReduction.Neutral;
        if (RowGroups<T, TVector, TSimd>.Takes(length))
            for (nint group = TSimd.Width; count >= group; count -= group, row += group * next, totals += group * nextTotal)
                RowGroups<T, TVector, TSimd>.Reduce<TReduction, RowElements<T, TReduction>>(
                    row, next, row, next, length, totals, nextTotal);
        for (; count > 0; count--, row += next, totals += nextTotal)
            if (LaneLoops<T, TVector, TSimd>.HasRow)
                *totals = LaneLoops<T, TVector, TSimd>.Row<TReduction, ReductionTerms<T, TReduction>>(
                    new ReductionTerms<T, TReduction>(row, neutral), length);
            else
                *totals = VirtualLanes.Reduce<T, TReduction>(row, 1, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots(T* a, nint nextA, T* b, nint nextB, nint length, T* c, nint nextC, nint count)
    {
        var isRow = LaneLoops<T, TVector, TSimd>.HasRow && length <= ChunkLength;
        // All lanes of products take as long alone.
        if (RowGroups<T, TVector, TSimd>.Takes(length) && length < Lanes)
            for (nint group = TSimd.Width; count >= group; count -= group, a += group * nextA, b += group * nextB, c += group * nextC)
                RowGroups<T, TVector, TSimd>.Reduce<SumReduction<T>, RowProducts<T>>(a, nextA, b, nextB, length, c, nextC);
        for (; count > 0; count--, a += nextA, b += nextB, c += nextC)
            *c = isRow
                ? LaneLoops<T, TVector, TSimd>.RowHere<SumReduction<T>, ProductTerms<T>>(new ProductTerms<T>(a, b), length)
                : DotChunks(a, 1, b, 1, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Dot(T* a, nint strideA, T* b, nint strideB, nint length)
    {
        if (!LaneLoops<T, TVector, TSimd>.HasRow || strideA != 1 || strideB != 1 || length > ChunkLength)
            return DotChunks(a, strideA, b, strideB, length);
        return LaneLoops<T, TVector, TSimd>.Row<SumReduction<T>, ProductTerms<T>>(new ProductTerms<T>(a, b), length);
    }

    /// <summary>The lanes of one chunk of a row; those that no element belongs to hold what changes no result.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ReduceChunk<TReduction, TElements>(
        ref TElements row, nint position, nint stride, nint count, T* lanes)
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        T* gathered = stackalloc T[stride == 1 ? 0 : ChunkLength];
        var chunk = stride == 1 ? row.Run(position, count) : row.Gather(position, stride, count, gathered);
        var neutral = TReduction.Neutral;
        new Span<T>(lanes, Lanes).Fill(neutral);
        LaneLoops<T, TVector, TSimd>.Stretch(new ReductionTerms<T, TReduction>(chunk, neutral), count, lanes);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T ReduceChunks<TReduction, TElements>(ref TElements row, nint position, nint stride, nint length)
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        T* total = stackalloc T[Lanes], lanes = stackalloc T[Lanes];
        for (nint start = 0; start < length; start += ChunkLength)
        {
            ReduceChunk<TReduction, TElements>(
                ref row, position + (start * stride), stride, nint.Min(ChunkLength, length - start),
                start == 0 ? total : lanes);
            if (start > 0)
                Join<TReduction>(total, lanes);
        }

        return LaneLoops<T, TVector, TSimd>.Fold<TReduction>(total);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T DotChunks(T* a, nint strideA, T* b, nint strideB, nint length)
    {
        T* total = stackalloc T[Lanes], lanes = stackalloc T[Lanes];
        for (nint start = 0; start < length; start += ChunkLength)
        {
            DotChunk(
                a + (start * strideA), strideA, b + (start * strideB), strideB, nint.Min(ChunkLength, length - start),
                start == 0 ? total : lanes);
            if (start > 0)
                Join<SumReduction<T>>(total, lanes);
        }

        return LaneLoops<T, TVector, TSimd>.Fold<SumReduction<T>>(total);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DotChunk(T* a, nint strideA, T* b, nint strideB, nint count, T* lanes)
    {
        T* gatheredA = stackalloc T[strideA == 1 ? 0 : ChunkLength];
        T* gatheredB = stackalloc T[strideB == 1 ? 0 : ChunkLength];
        new Span<T>(lanes, Lanes).Clear();
        LaneLoops<T, TVector, TSimd>.Stretch(
            new ProductTerms<T>(
                strideA == 1 ? a : StridedElements.Gather(a, strideA, count, gatheredA),
                strideB == 1 ? b : StridedElements.Gather(b, strideB, count, gatheredB)),
            count, lanes);
    }

    /// <summary>Every lane combined with that of the next chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join<TReduction>(T* total, T* lanes) where TReduction : struct, IReduction<T>
    {
        for (nint i = 0; i < Lanes; i += TSimd.Width)
            TSimd.Store(TReduction.Combine<TVector, TSimd>(TSimd.Load(total + i), TSimd.Load(lanes + i)), total + i);
    }
}
