using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// The loops of a scan between layouts. Where another axis is contiguous, whole rows across it are stepped by vectors;
/// otherwise the lines along the axis are walked four at a time, since each waits for its own last step. Every element
/// is made by the same operations either way.
/// </summary>
internal sealed unsafe class ScanLoop
{
    // Below this, a row is too short to be worth a vector.
    private const int ColumnsMinimum = 4;

    // The columns that are stepped together: the row before is still in the first-level cache.
    private const int BlockColumns = 256;

    // The elements of an item of work, where one line does not have more.
    private const int ItemElements = 8192;

    private readonly LoopAxis line;
    private readonly LoopAxis[] outer;
    private readonly LoopAxis across;
    private readonly bool hasColumns;
    private readonly nint startA;
    private readonly nint startB;
    private readonly nint startC;
    private readonly int block;

    /// <summary>The loop over operands of these layouts; null where they have no elements.</summary>
    public static ScanLoop? Plan(Layout a, Layout b, Layout result, int axis, bool reverse) =>
        result.Shape.Size == 0 ? null : new ScanLoop(a, b, result, axis, reverse);

    private ScanLoop(Layout a, Layout b, Layout result, int axis, bool reverse)
    {
        var axes = new LoopAxis[result.Shape.Rank];
        for (var i = 0; i < axes.Length; i++)
            axes[i] = new LoopAxis(result.Shape[i], a.Strides[i], b.Strides[i], result.Strides[i]);
        line = axes[axis];
        (startA, startB, startC) = (a.Offset, b.Offset, result.Offset);
        if (reverse)
        {
            nint last = line.Size - 1;
            (startA, startB, startC) = (startA + (last * line.A), startB + (last * line.B), startC + (last * line.C));
            line = new LoopAxis(line.Size, -line.A, -line.B, -line.C);
        }

        outer = LoopAxis.Fold(LoopAxis.Sort(LoopAxis.Without(axes, axis)));
        var position = Array.FindIndex(
            outer, other => other is { C: 1, A: 0 or 1, B: 0 or 1, Size: >= ColumnsMinimum });
        hasColumns = position >= 0;
        position = hasColumns ? position : outer.Length - 1;
        across = position < 0 ? new LoopAxis(1, 0, 0, 0) : outer[position];
        outer = position < 0 ? outer : LoopAxis.Without(outer, position);
        block = hasColumns ? BlockColumns : Math.Max(4, ItemElements / line.Size & -4);
    }

    /// <summary>Scans on all threads.</summary>
    public void Run<T, TScan>(View a, View b, View result)
        where T : unmanaged, INumber<T>
        where TScan : struct, IScan<T>
    {
        fixed (T* fromA = &a.Storage.Reference<T>(), fromB = &b.Storage.Reference<T>())
        fixed (T* to = &result.Storage.Reference<T>())
            ForkJoin.Run(
                new Work<T, TScan>(this, fromA + startA, fromB + startB, to + startC),
                LoopAxis.Count(outer) * Pieces.Of(across.Size, block), result.Shape.Size);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<T, TScan>(T* a, T* b, T* c, long item)
        where T : unmanaged, INumber<T>
        where TScan : struct, IScan<T>
    {
        (item, var part) = Math.DivRem(item, Pieces.Of(across.Size, block));
        var place = Odometer.At(outer, item);
        var first = (nint)part * block;
        var count = (int)nint.Min(block, across.Size - first);
        a += place.A + (first * across.A);
        b += place.B + (first * across.B);
        c += place.C + (first * across.C);
        if (hasColumns)
            Columns<T, TScan>(a, b, c, count);
        else
            Lines<T, TScan>(a, b, c, count);
    }

    private void Columns<T, TScan>(T* a, T* b, T* c, int count)
        where T : unmanaged, INumber<T>
        where TScan : struct, IScan<T>
    {
        if (Vector512.IsHardwareAccelerated)
            Columns<T, Vector512<T>, Simd512<T>, TScan>(a, b, c, count);
        else if (Vector256.IsHardwareAccelerated)
            Columns<T, Vector256<T>, Simd256<T>, TScan>(a, b, c, count);
        else
            Columns<T, Vector128<T>, Simd128<T>, TScan>(a, b, c, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Columns<T, TVector, TSimd, TScan>(T* a, T* b, T* row, int count)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
        where TScan : struct, IScan<T>
    {
        for (nint i = 0; i < count; i++)
            row[i] = b[i * across.B];
        for (nint step = 1; step < line.Size; step++)
        {
            var previous = row;
            a += line.A;
            b += line.B;
            row += line.C;
            Row<T, TVector, TSimd, TScan>(previous, a, b, row, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row<T, TVector, TSimd, TScan>(T* previous, T* a, T* b, T* c, nint count)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
        where TScan : struct, IScan<T>
    {
        bool oneA = across.A == 0, oneB = across.B == 0;
        TVector allA = TSimd.Broadcast(*a), allB = TSimd.Broadcast(*b);
        nint i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            var stepped = TScan.Step<TVector, TSimd>(
                TSimd.Load(previous + i), oneA ? allA : TSimd.Load(a + i), oneB ? allB : TSimd.Load(b + i));
            TSimd.Store(stepped, c + i);
        }

        for (; i < count; i++)
            c[i] = TScan.Step(previous[i], a[i * across.A], b[i * across.B]);
    }

    private void Lines<T, TScan>(T* a, T* b, T* c, int count)
        where T : unmanaged, INumber<T>
        where TScan : struct, IScan<T>
    {
        nint i = 0;
        for (; i <= count - 4; i += 4)
            FourLines<T, TScan>(a + (i * across.A), b + (i * across.B), c + (i * across.C));
        for (; i < count; i++)
            Line<T, TScan>(a + (i * across.A), b + (i * across.B), c + (i * across.C));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Line<T, TScan>(T* a, T* b, T* c)
        where T : unmanaged, INumber<T>
        where TScan : struct, IScan<T>
    {
        nint lineA = line.A, lineB = line.B, lineC = line.C;
        var y = *b;
        *c = y;
        for (nint i = 1; i < line.Size; i++)
        {
            y = TScan.Step(y, a[i * lineA], b[i * lineB]);
            c[i * lineC] = y;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FourLines<T, TScan>(T* a, T* b, T* c)
        where T : unmanaged, INumber<T>
        where TScan : struct, IScan<T>
    {
        nint a1 = across.A, a2 = 2 * a1, a3 = 3 * a1;
        nint b1 = across.B, b2 = 2 * b1, b3 = 3 * b1;
        nint c1 = across.C, c2 = 2 * c1, c3 = 3 * c1;
        T y0 = b[0], y1 = b[b1], y2 = b[b2], y3 = b[b3];
        (c[0], c[c1], c[c2], c[c3]) = (y0, y1, y2, y3);
        for (nint i = 1; i < line.Size; i++)
        {
            a += line.A;
            b += line.B;
            c += line.C;
            y0 = TScan.Step(y0, a[0], b[0]);
            y1 = TScan.Step(y1, a[a1], b[b1]);
            y2 = TScan.Step(y2, a[a2], b[b2]);
            y3 = TScan.Step(y3, a[a3], b[b3]);
            (c[0], c[c1], c[c2], c[c3]) = (y0, y1, y2, y3);
        }
    }

    private readonly struct Work<T, TScan>(ScanLoop loop, T* a, T* b, T* c) : IWork
        where T : unmanaged, INumber<T>
        where TScan : struct, IScan<T>
    {
        public void Run(long item) => loop.Run<T, TScan>(a, b, c, item);
    }
}
