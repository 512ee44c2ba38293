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
        new Span<T>(lanes, Lanes).Fill(TReduction.Neutral(*row));
        if (Vector512.IsHardwareAccelerated)
            VirtualLanes<T, Vector512<T>, Simd512<T>>.ReduceChunk<TReduction>(row, count, lanes);
        else if (Vector256.IsHardwareAccelerated)
            VirtualLanes<T, Vector256<T>, Simd256<T>>.ReduceChunk<TReduction>(row, count, lanes);
        else
            VirtualLanes<T, Vector128<T>, Simd128<T>>.ReduceChunk<TReduction>(row, count, lanes);
    }

    /// <summary>The lanes of some chunks, one after the other, combined in order with the total's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join<T, TReduction>(T* total, T* lanes, nint chunks)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        for (nint i = 0; i < chunks; i++)
            VirtualLanes<T, Vector128<T>, Simd128<T>>.Join<TReduction>(total, lanes + (i * Lanes), Lanes);
    }

    /// <summary>All lanes combined to one value.</summary>
    public static T Fold<T, TReduction>(T* lanes)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T> =>
        VirtualLanes<T, Vector128<T>, Simd128<T>>.Fold<TReduction>(lanes);

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

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Reduce<TReduction, TElements>(ref TElements row, nint position, nint stride, nint length)
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        T* total = stackalloc T[Lanes], lanes = stackalloc T[Lanes];
        T* gathered = stackalloc T[stride == 1 ? 0 : ChunkLength];
        var neutral = default(T);
        for (nint start = 0; start < length; start += ChunkLength)
        {
            var target = start == 0 ? total : lanes;
            var count = nint.Min(ChunkLength, length - start);
            var chunk = stride == 1
                ? row.Run(position + start, count)
                : row.Gather(position + (start * stride), stride, count, gathered);
            if (start == 0)
                neutral = TReduction.Neutral(*chunk);
            new Span<T>(target, Lanes).Fill(neutral);
            ReduceChunk<TReduction>(chunk, count, target);
            if (start > 0)
                Join<TReduction>(total, lanes, Lanes);
        }

        return Fold<TReduction>(total);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Dot(T* a, nint strideA, T* b, nint strideB, nint length)
    {
        T* total = stackalloc T[Lanes], lanes = stackalloc T[Lanes];
        T* gatheredA = stackalloc T[strideA == 1 ? 0 : ChunkLength];
        T* gatheredB = stackalloc T[strideB == 1 ? 0 : ChunkLength];
        for (nint start = 0; start < length; start += ChunkLength)
        {
            var target = start == 0 ? total : lanes;
            var count = nint.Min(ChunkLength, length - start);
            new Span<T>(target, Lanes).Clear();
            DotChunk(
                Contiguous(a + (start * strideA), strideA, count, gatheredA),
                Contiguous(b + (start * strideB), strideB, count, gatheredB), count, target);
            if (start > 0)
                Join<SumReduction<T>>(total, lanes, Lanes);
        }

        return Fold<SumReduction<T>>(total);
    }

    private static T* Contiguous(T* row, nint stride, nint count, T* gathered)
    {
        if (stride == 1)
            return row;
        for (nint i = 0; i < count; i++)
            gathered[i] = row[i * stride];
        return gathered;
    }

    /// <summary>
    /// Four vectors at a time are kept in registers; the lanes that they do not hold take another walk.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ReduceChunk<TReduction>(T* row, nint count, T* lanes) where TReduction : struct, IReduction<T>
    {
        var whole = count & -Lanes;
        nint width = TSimd.Width;
        for (nint first = 0; first < Lanes && whole > 0; first += 4 * width)
        {
            TVector r0 = TSimd.Load(lanes + first), r1 = TSimd.Load(lanes + first + width);
            TVector r2 = TSimd.Load(lanes + first + (2 * width)), r3 = TSimd.Load(lanes + first + (3 * width));
            for (var x = row + first; x < row + whole; x += Lanes)
            {
                r0 = TReduction.Combine<TVector, TSimd>(r0, TSimd.Load(x));
                r1 = TReduction.Combine<TVector, TSimd>(r1, TSimd.Load(x + width));
                r2 = TReduction.Combine<TVector, TSimd>(r2, TSimd.Load(x + (2 * width)));
                r3 = TReduction.Combine<TVector, TSimd>(r3, TSimd.Load(x + (3 * width)));
            }

            TSimd.Store(r0, lanes + first);
            TSimd.Store(r1, lanes + first + width);
            TSimd.Store(r2, lanes + first + (2 * width));
            TSimd.Store(r3, lanes + first + (3 * width));
        }

        Join<TReduction>(lanes, row + whole, count - whole);
    }

    /// <summary>As <see cref="ReduceChunk"/>, for the products of two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DotChunk(T* a, T* b, nint count, T* lanes)
    {
        var whole = count & -Lanes;
        nint width = TSimd.Width;
        for (nint first = 0; first < Lanes && whole > 0; first += 4 * width)
        {
            TVector r0 = TSimd.Load(lanes + first), r1 = TSimd.Load(lanes + first + width);
            TVector r2 = TSimd.Load(lanes + first + (2 * width)), r3 = TSimd.Load(lanes + first + (3 * width));
            for (nint i = first; i < whole; i += Lanes)
            {
                r0 = TSimd.MultiplyAdd(TSimd.Load(a + i), TSimd.Load(b + i), r0);
                r1 = TSimd.MultiplyAdd(TSimd.Load(a + i + width), TSimd.Load(b + i + width), r1);
                r2 = TSimd.MultiplyAdd(TSimd.Load(a + i + (2 * width)), TSimd.Load(b + i + (2 * width)), r2);
                r3 = TSimd.MultiplyAdd(TSimd.Load(a + i + (3 * width)), TSimd.Load(b + i + (3 * width)), r3);
            }

            TSimd.Store(r0, lanes + first);
            TSimd.Store(r1, lanes + first + width);
            TSimd.Store(r2, lanes + first + (2 * width));
            TSimd.Store(r3, lanes + first + (3 * width));
        }

        nint j = whole;
        for (; j <= count - width; j += width, lanes += width)
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(a + j), TSimd.Load(b + j), TSimd.Load(lanes)), lanes);
        if (j == count)
            return;
        // Lanes without an element add -0 times 0, which changes nothing, not even the sign of a zero.
        var x = TSimd.LoadPart(a + j, count - j, TSimd.Broadcast(-T.Zero));
        var y = TSimd.LoadPart(b + j, count - j, TSimd.Broadcast(T.Zero));
        TSimd.Store(TSimd.MultiplyAdd(x, y, TSimd.Load(lanes)), lanes);
    }

    /// <summary>Combines the first lanes with as many elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Join<TReduction>(T* lanes, T* elements, nint count) where TReduction : struct, IReduction<T>
    {
        for (; count >= TSimd.Width; count -= TSimd.Width, lanes += TSimd.Width, elements += TSimd.Width)
            TSimd.Store(TReduction.Combine<TVector, TSimd>(TSimd.Load(lanes), TSimd.Load(elements)), lanes);
        if (count == 0)
            return;
        var neutral = TSimd.Broadcast(TReduction.Neutral(*lanes));
        TSimd.Store(
            TReduction.Combine<TVector, TSimd>(TSimd.Load(lanes), TSimd.LoadPart(elements, count, neutral)), lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Fold<TReduction>(T* lanes) where TReduction : struct, IReduction<T>
    {
        nint half = Lanes / 2;
        for (; half >= TSimd.Width; half /= 2)
            Join<TReduction>(lanes, lanes + half, half);
        return TSimd.Fold<TReduction>(TSimd.Load(lanes));
    }
}
