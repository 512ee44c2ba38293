using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// The product of a row of factors and a matrix, y = y + sign (f0 r0 + f1 r1 + ...): what
/// substitution, panels of factorisations and products with symmetric matrices spend their time on. Several rows are
/// taken in one walk along y, so that there is hardly more than one load for each multiply-add. Eight rows are summed
/// before y is met, which keeps the rounding error of a sum over n rows near n / 8 + 8 units instead of n.
/// </summary>
internal static unsafe class RowCombination
{
    /// <summary>Adds the combination of all rows to y.</summary>
    /// <param name="sign">What all factors are multiplied by: 1 or -1.</param>
    /// <param name="factors">The factor of the first row.</param>
    /// <param name="step">The distance of the factors.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="y">As many elements as there are columns.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(T sign, T* factors, nint step, Matrix<T> rows, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated && rows.Columns >= Vector512<T>.Count)
            RowCombination<T, Vector512<T>, Simd512<T>>.Add(sign, factors, step, rows, y);
        else if (Vector256.IsHardwareAccelerated && rows.Columns >= Vector256<T>.Count)
            RowCombination<T, Vector256<T>, Simd256<T>>.Add(sign, factors, step, rows, y);
        else
            RowCombination<T, Vector128<T>, Simd128<T>>.Add(sign, factors, step, rows, y);
    }
}

/// <summary>The loops of <see cref="RowCombination"/> for one width of vectors.</summary>
internal static unsafe class RowCombination<T, TVector, TSimd>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(T sign, T* factors, nint step, Matrix<T> rows, T* y)
    {
        var row = 0;
        for (; row <= rows.Rows - 8; row += 8, factors += 8 * step)
            AddEight(sign, factors, step, rows.Row(row), rows.Stride, y, rows.Columns);
        for (; row <= rows.Rows - 2; row += 2, factors += 2 * step)
            AddTwo(sign * factors[0], sign * factors[step], rows.Row(row), rows.Row(row + 1), y, rows.Columns);
        if (row < rows.Rows)
            AddOne(sign * factors[0], rows.Row(row), y, rows.Columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddEight(T sign, T* factors, nint step, T* x, nint stride, T* y, nint length)
    {
        T f0 = sign * factors[0], f1 = sign * factors[step], f2 = sign * factors[2 * step], f3 = sign * factors[3 * step];
        factors += 4 * step;
        T f4 = sign * factors[0], f5 = sign * factors[step], f6 = sign * factors[2 * step], f7 = sign * factors[3 * step];
        TVector b0 = TSimd.Broadcast(f0), b1 = TSimd.Broadcast(f1), b2 = TSimd.Broadcast(f2), b3 = TSimd.Broadcast(f3);
        TVector b4 = TSimd.Broadcast(f4), b5 = TSimd.Broadcast(f5), b6 = TSimd.Broadcast(f6), b7 = TSimd.Broadcast(f7);
        T* x1 = x + stride, x2 = x1 + stride, x3 = x2 + stride;
        T* x4 = x3 + stride, x5 = x4 + stride, x6 = x5 + stride, x7 = x6 + stride;
        nint i = 0;
        for (; i <= length - TSimd.Width; i += TSimd.Width)
        {
            var sum = TSimd.Multiply(b0, TSimd.Load(x + i));
            sum = TSimd.MultiplyAdd(b1, TSimd.Load(x1 + i), sum);
            sum = TSimd.MultiplyAdd(b2, TSimd.Load(x2 + i), sum);
            sum = TSimd.MultiplyAdd(b3, TSimd.Load(x3 + i), sum);
            sum = TSimd.MultiplyAdd(b4, TSimd.Load(x4 + i), sum);
            sum = TSimd.MultiplyAdd(b5, TSimd.Load(x5 + i), sum);
            sum = TSimd.MultiplyAdd(b6, TSimd.Load(x6 + i), sum);
            sum = TSimd.MultiplyAdd(b7, TSimd.Load(x7 + i), sum);
            TSimd.Store(TSimd.Add(TSimd.Load(y + i), sum), y + i);
        }

        for (; i < length; i++)
        {
            var sum = f0 * x[i];
            sum = SimdWidths.MultiplyAdd(f1, x1[i], sum);
            sum = SimdWidths.MultiplyAdd(f2, x2[i], sum);
            sum = SimdWidths.MultiplyAdd(f3, x3[i], sum);
            sum = SimdWidths.MultiplyAdd(f4, x4[i], sum);
            sum = SimdWidths.MultiplyAdd(f5, x5[i], sum);
            sum = SimdWidths.MultiplyAdd(f6, x6[i], sum);
            y[i] += SimdWidths.MultiplyAdd(f7, x7[i], sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTwo(T f0, T f1, T* x0, T* x1, T* y, nint length)
    {
        TVector b0 = TSimd.Broadcast(f0), b1 = TSimd.Broadcast(f1);
        nint i = 0;
        for (; i <= length - TSimd.Width; i += TSimd.Width)
            TSimd.Store(
                TSimd.MultiplyAdd(b1, TSimd.Load(x1 + i), TSimd.MultiplyAdd(b0, TSimd.Load(x0 + i), TSimd.Load(y + i))),
                y + i);
        for (; i < length; i++)
            y[i] = SimdWidths.MultiplyAdd(f1, x1[i], SimdWidths.MultiplyAdd(f0, x0[i], y[i]));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne(T factor, T* x, T* y, nint length)
    {
        var broadcast = TSimd.Broadcast(factor);
        nint i = 0;
        for (; i <= length - TSimd.Width; i += TSimd.Width)
            TSimd.Store(TSimd.MultiplyAdd(broadcast, TSimd.Load(x + i), TSimd.Load(y + i)), y + i);
        for (; i < length; i++)
            y[i] = SimdWidths.MultiplyAdd(factor, x[i], y[i]);
    }
}
