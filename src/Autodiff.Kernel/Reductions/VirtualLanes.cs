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
        if (length < ShortLength)
            return ReduceShort<T, TReduction, TElements>(ref row, position, stride, length);
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

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T ReduceShort<T, TReduction, TElements>(
        ref TElements elements, nint position, nint stride, nint length)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        T* gathered = stackalloc T[ShortLength];
        var row = stride == 1 ? elements.Run(position, length) : elements.Gather(position, stride, length, gathered);
        var total = *row;
        for (nint i = 1; i < length; i++)
            total = TReduction.Combine(total, row[i]);
        return total;
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
                strideA == 1 ? a : VectorLoops.Gather(a, strideA, count, gatheredA),
                strideB == 1 ? b : VectorLoops.Gather(b, strideB, count, gatheredB)),
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
