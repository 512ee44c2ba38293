using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// The innermost loops over one axis: sums and products of operands with any stride. Strides of 1 (and 0 where an
/// operand is read) take vectors; each element is computed alone, so that its bits do not depend on the width.
/// </summary>
internal static unsafe class VectorLoops
{
    /// <summary>c = c + a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(T* a, nint strideA, T* c, nint strideC, nint count) where T : unmanaged, INumber<T>
    {
        if (strideA != 1 || strideC != 1)
            for (nint i = 0; i < count; i++)
                c[i * strideC] += a[i * strideA];
        else if (Vector512.IsHardwareAccelerated)
            VectorLoops<T, Vector512<T>, Simd512<T>>.Add(a, c, count);
        else if (Vector256.IsHardwareAccelerated)
            VectorLoops<T, Vector256<T>, Simd256<T>>.Add(a, c, count);
        else
            VectorLoops<T, Vector128<T>, Simd128<T>>.Add(a, c, count);
    }

    /// <summary>Adds a to every other element of c; to those between, zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddToEven<T>(T* a, T* c, nint count) where T : unmanaged, INumber<T>
    {
        if (Vector512.IsHardwareAccelerated)
            VectorLoops<T, Vector512<T>, Simd512<T>>.AddToEven(a, c, count);
        else if (Vector256.IsHardwareAccelerated)
            VectorLoops<T, Vector256<T>, Simd256<T>>.AddToEven(a, c, count);
        else
            VectorLoops<T, Vector128<T>, Simd128<T>>.AddToEven(a, c, count);
    }

    /// <summary>
    /// c = a b, written past the caches; c is consecutive, a and b are too or are one element.
    /// </summary>
    public static void Stream<T>(T* a, nint strideA, T* b, nint strideB, T* c, nint count) where T : unmanaged, INumber<T>
    {
        var head = Streaming.Before(c, count);
        var tail = head + ((count - head) & -(CacheLine.Bytes / sizeof(T)));
        Multiply(a, strideA, b, strideB, c, 1, head, false);
        T* left = a + (head * strideA), right = b + (head * strideB);
        if (Vector512.IsHardwareAccelerated)
            VectorLoops<T, Vector512<T>, Simd512<T>>.Stream(left, strideA, right, strideB, c + head, tail - head);
        else if (Vector256.IsHardwareAccelerated)
            VectorLoops<T, Vector256<T>, Simd256<T>>.Stream(left, strideA, right, strideB, c + head, tail - head);
        else
            VectorLoops<T, Vector128<T>, Simd128<T>>.Stream(left, strideA, right, strideB, c + head, tail - head);
        Multiply(a + (tail * strideA), strideA, b + (tail * strideB), strideB, c + tail, 1, count - tail, false);
    }

    /// <summary>c = a b, or c = a b + c where <paramref name="accumulate"/> says so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<T>(
        T* a, nint strideA, T* b, nint strideB, T* c, nint strideC, nint count, bool accumulate)
        where T : unmanaged, INumber<T>
    {
        if (strideC != 1 || strideA is not (0 or 1) || strideB is not (0 or 1))
            MultiplyStrided(a, strideA, b, strideB, c, strideC, count, accumulate);
        else if (Vector512.IsHardwareAccelerated)
            VectorLoops<T, Vector512<T>, Simd512<T>>.Multiply(a, strideA, b, strideB, c, count, accumulate);
        else if (Vector256.IsHardwareAccelerated)
            VectorLoops<T, Vector256<T>, Simd256<T>>.Multiply(a, strideA, b, strideB, c, count, accumulate);
        else
            VectorLoops<T, Vector128<T>, Simd128<T>>.Multiply(a, strideA, b, strideB, c, count, accumulate);
    }

    /// <summary>
    /// c = a b for row after row; the elements of c are consecutive, those of a and b are too or are one element.
    /// </summary>
    /// <param name="a">The first row of a.</param>
    /// <param name="strideA">1, or 0 where each row of a is one element.</param>
    /// <param name="nextA">How far apart the rows of a are.</param>
    /// <param name="b">The first row of b.</param>
    /// <param name="strideB">1, or 0 where each row of b is one element.</param>
    /// <param name="nextB">How far apart the rows of b are.</param>
    /// <param name="c">The first row of c.</param>
    /// <param name="nextC">How far apart the rows of c are.</param>
    /// <param name="length">The length of a row.</param>
    /// <param name="count">The number of rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyRows<T>(
        T* a, nint strideA, nint nextA, T* b, nint strideB, nint nextB, T* c, nint nextC, nint length, nint count)
        where T : unmanaged, INumber<T>
    {
        if (Vector512.IsHardwareAccelerated)
            VectorLoops<T, Vector512<T>, Simd512<T>>.MultiplyRows(
                a, strideA, nextA, b, strideB, nextB, c, nextC, length, count);
        else if (Vector256.IsHardwareAccelerated)
            VectorLoops<T, Vector256<T>, Simd256<T>>.MultiplyRows(
                a, strideA, nextA, b, strideB, nextB, c, nextC, length, count);
        else
            VectorLoops<T, Vector128<T>, Simd128<T>>.MultiplyRows(
                a, strideA, nextA, b, strideB, nextB, c, nextC, length, count);
    }

    /// <summary>
    /// c = f_0 r_0 + f_1 r_1 + ... for consecutive rows r a stride apart, added in this order.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaledSum<T>(T* rows, nint stride, T* factors, nint factorStride, nint terms, T* c, nint count)
        where T : unmanaged, INumber<T>
    {
        Multiply(factors, 0, rows, 1, c, 1, count, false);
        nint term = 1;
        for (; term <= terms - 4; term += 4)
        {
            T* row = rows + (term * stride), factor = factors + (term * factorStride);
            if (Vector512.IsHardwareAccelerated)
                VectorLoops<T, Vector512<T>, Simd512<T>>.AddFour(row, stride, factor, factorStride, c, count);
            else if (Vector256.IsHardwareAccelerated)
                VectorLoops<T, Vector256<T>, Simd256<T>>.AddFour(row, stride, factor, factorStride, c, count);
            else
                VectorLoops<T, Vector128<T>, Simd128<T>>.AddFour(row, stride, factor, factorStride, c, count);
        }

        for (; term < terms; term++)
            Multiply(factors + (term * factorStride), 0, rows + (term * stride), 1, c, 1, count, true);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyStrided<T>(
        T* a, nint strideA, T* b, nint strideB, T* c, nint strideC, nint count, bool accumulate)
        where T : unmanaged, INumber<T>
    {
        if (accumulate)
            for (nint i = 0; i < count; i++)
                c[i * strideC] = SimdWidths.MultiplyAdd(a[i * strideA], b[i * strideB], c[i * strideC]);
        else
            for (nint i = 0; i < count; i++)
                c[i * strideC] = a[i * strideA] * b[i * strideB];
    }
}

/// <summary>The loops of <see cref="VectorLoops"/> for one width of vectors.</summary>
internal static unsafe class VectorLoops<T, TVector, TSimd>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(T* a, T* c, nint count)
    {
        nint i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
            TSimd.Store(TSimd.Add(TSimd.Load(c + i), TSimd.Load(a + i)), c + i);
        for (; i < count; i++)
            c[i] += a[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddToEven(T* a, T* c, nint count)
    {
        nint i = 0, half = TSimd.Width / 2;
        for (; i < count - half; i += half)
            TSimd.Store(TSimd.Add(TSimd.Load(c + (2 * i)), TSimd.LoadSpread(a + i)), c + (2 * i));
        for (; i < count; i++)
            c[2 * i] += a[i];
    }

    /// <summary>Whole lines of c.</summary>
    /// <remarks>
    /// Stores alone wait for the addresses of their pages. Four quarters side by side wait for four at once.
    /// </remarks>
    public static void Stream(T* a, nint strideA, T* b, nint strideB, T* c, nint count)
    {
        var quarter = count / 4 & -(CacheLine.Bytes / sizeof(T));
        if (strideA == 0)
            Stream(b, strideB, a, strideA, c, count, quarter);
        else
            Stream(a, strideA, b, strideB, c, count, quarter);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Stream(T* a, nint strideA, T* b, nint strideB, T* c, nint count, nint quarter)
    {
        nint i = 0;
        for (; i < quarter; i += TSimd.Width)
        {
            StreamVector(a, strideA, b, strideB, c, i);
            StreamVector(a, strideA, b, strideB, c, i + quarter);
            StreamVector(a, strideA, b, strideB, c, i + (2 * quarter));
            StreamVector(a, strideA, b, strideB, c, i + (3 * quarter));
        }

        for (i = 4 * quarter; i < count; i += TSimd.Width)
            StreamVector(a, strideA, b, strideB, c, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StreamVector(T* a, nint strideA, T* b, nint strideB, T* c, nint i)
    {
        var left = strideA == 0 ? TSimd.Broadcast(*a) : TSimd.Load(a + i);
        var right = strideB == 0 ? TSimd.Broadcast(*b) : TSimd.Load(b + i);
        TSimd.StoreStreaming(TSimd.Multiply(left, right), c + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyRows(
        T* a, nint strideA, nint nextA, T* b, nint strideB, nint nextB, T* c, nint nextC, nint length, nint count)
    {
        for (; count > 0; count--, a += nextA, b += nextB, c += nextC)
            if (strideA != 0 && strideB != 0)
                Multiply(a, b, c, length);
            else if (strideA != 0)
                Scale(*b, a, c, length);
            else if (strideB != 0)
                Scale(*a, b, c, length);
            else
                Constant(*a, *b, c, length, false);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(T* a, nint strideA, T* b, nint strideB, T* c, nint count, bool accumulate)
    {
        if (strideA == 0)
            Scale(*a, b, strideB, c, count, accumulate);
        else if (strideB == 0)
            Scale(*b, a, strideA, c, count, accumulate);
        else if (accumulate)
            MultiplyAdd(a, b, c, count);
        else
            Multiply(a, b, c, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(T* a, T* b, T* c, nint count)
    {
        nint i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
            TSimd.Store(TSimd.Multiply(TSimd.Load(a + i), TSimd.Load(b + i)), c + i);
        for (; i < count; i++)
            c[i] = a[i] * b[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyAdd(T* a, T* b, T* c, nint count)
    {
        nint i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(a + i), TSimd.Load(b + i), TSimd.Load(c + i)), c + i);
        for (; i < count; i++)
            c[i] = SimdWidths.MultiplyAdd(a[i], b[i], c[i]);
    }

    private static void Scale(T a, T* b, nint strideB, T* c, nint count, bool accumulate)
    {
        if (strideB == 0)
            Constant(a, *b, c, count, accumulate);
        else if (accumulate)
            ScaleAdd(a, b, c, count);
        else
            Scale(a, b, c, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale(T a, T* b, T* c, nint count)
    {
        var factor = TSimd.Broadcast(a);
        nint i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
            TSimd.Store(TSimd.Multiply(factor, TSimd.Load(b + i)), c + i);
        for (; i < count; i++)
            c[i] = a * b[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScaleAdd(T a, T* b, T* c, nint count)
    {
        var factor = TSimd.Broadcast(a);
        nint i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
            TSimd.Store(TSimd.MultiplyAdd(factor, TSimd.Load(b + i), TSimd.Load(c + i)), c + i);
        for (; i < count; i++)
            c[i] = SimdWidths.MultiplyAdd(a, b[i], c[i]);
    }

    private static void Constant(T a, T b, T* c, nint count, bool accumulate)
    {
        for (nint i = 0; i < count; i++)
            c[i] = accumulate ? SimdWidths.MultiplyAdd(a, b, c[i]) : a * b;
    }

    /// <summary>c = c + f_0 r_0 + ... + f_3 r_3, in this order: c is read and written once for four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddFour(T* row, nint stride, T* factors, nint factorStride, T* c, nint count)
    {
        T a0 = factors[0], a1 = factors[factorStride], a2 = factors[2 * factorStride], a3 = factors[3 * factorStride];
        TVector f0 = TSimd.Broadcast(a0), f1 = TSimd.Broadcast(a1), f2 = TSimd.Broadcast(a2), f3 = TSimd.Broadcast(a3);
        T* row1 = row + stride, row2 = row1 + stride, row3 = row2 + stride;
        nint i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            var sum = TSimd.MultiplyAdd(f0, TSimd.Load(row + i), TSimd.Load(c + i));
            sum = TSimd.MultiplyAdd(f1, TSimd.Load(row1 + i), sum);
            sum = TSimd.MultiplyAdd(f2, TSimd.Load(row2 + i), sum);
            TSimd.Store(TSimd.MultiplyAdd(f3, TSimd.Load(row3 + i), sum), c + i);
        }

        for (; i < count; i++)
        {
            var sum = SimdWidths.MultiplyAdd(a1, row1[i], SimdWidths.MultiplyAdd(a0, row[i], c[i]));
            c[i] = SimdWidths.MultiplyAdd(a3, row3[i], SimdWidths.MultiplyAdd(a2, row2[i], sum));
        }
    }
}
