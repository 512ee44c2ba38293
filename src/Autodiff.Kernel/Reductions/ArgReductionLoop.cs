using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The loops of ArgMax and ArgMin. The extreme of a row is found by vectors, then its first place: two walks over a row
/// that is in the cache. Reduced axes that are not contiguous are first copied, some rows at a time.
/// </summary>
internal sealed unsafe class ArgReductionLoop
{
    // The elements that are copied at a time, at least a row.
    private const int BlockElements = 16384;

    private readonly LoopAxis[] kept;
    private readonly LoopAxis rows;
    private readonly int length;
    private readonly Func<int, StridedCopyLoop>? gather;

    public ArgReductionLoop(Layout source, int keptRank, Layout result)
    {
        var axes = new LoopAxis[source.Shape.Rank];
        for (var i = 0; i < axes.Length; i++)
            axes[i] = new LoopAxis(source.Shape[i], source.Strides[i], 0, i < keptRank ? result.Strides[i] : 0);
        kept = LoopAxis.Fold(LoopAxis.Sort(axes[..keptRank]));
        rows = kept.Length == 0 ? new LoopAxis(1, 0, 0, 0) : kept[^1];
        kept = kept.Length == 0 ? [] : kept[..^1];
        var reduced = LoopAxis.Fold(axes.AsSpan(keptRank));
        length = (int)LoopAxis.Count(reduced);
        if (reduced.Length > 1 || (reduced.Length == 1 && reduced[0].A != 1))
            gather = count => RowCopy(reduced, count);
    }

    public void Run<T, TReduction>(View source, View result)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        fixed (T* from = &source.Storage.Reference<T>())
        fixed (long* to = &result.Storage.Reference<long>())
        {
            var place = new Odometer(kept);
            do
            {
                var start = from + source.Layout.Offset + place.A;
                var target = to + result.Layout.Offset + place.C;
                if (gather is null)
                    Rows<T, TReduction>(start, rows.A, target, rows.Size);
                else
                    GatheredRows<T, TReduction>(start, target);
            }
            while (place.Next());
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rows<T, TReduction>(T* start, nint stride, long* target, int count)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        for (nint i = 0; i < count; i++)
            target[i * rows.C] = First(
                start + (i * stride), length, VirtualLanes.Reduce<T, TReduction>(start + (i * stride), 1, length));
    }

    private void GatheredRows<T, TReduction>(T* start, long* target)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var block = Math.Clamp(BlockElements / length, 1, rows.Size);
        var gathered = ArrayPool<T>.Shared.Rent(block * length);
        StridedCopyLoop whole = gather!(block), last = gather(((rows.Size - 1) % block) + 1);
        fixed (T* scratch = gathered)
            for (nint first = 0; first < rows.Size; first += block)
            {
                var count = (int)nint.Min(block, rows.Size - first);
                (count == block ? whole : last).Run(start + (first * rows.A), scratch);
                Rows<T, TReduction>(scratch, length, target + (first * rows.C), count);
            }

        ArrayPool<T>.Shared.Return(gathered);
    }

    /// <summary>The copy of some rows, one after the other, with the reduced axes in row-major order.</summary>
    private StridedCopyLoop RowCopy(LoopAxis[] reduced, int count)
    {
        LoopAxis[] axes = [rows with { Size = count }, .. reduced];
        var shape = Shape.Create([.. axes.Select(axis => axis.Size)]);
        return new StridedCopyLoop(
            Layout.Strided(shape, [.. axes.Select(axis => axis.A)], 0), Layout.Contiguous(shape));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long First<T>(T* row, int length, T extreme) where T : unmanaged, INumber<T>
    {
        // Equal bits are found by vectors; zeros have two signs and NaN many bits.
        if (!T.IsNaN(extreme) && !T.IsZero(extreme))
            return sizeof(T) switch
            {
                4 => new ReadOnlySpan<uint>(row, length).IndexOf(*(uint*)&extreme),
                8 => new ReadOnlySpan<ulong>(row, length).IndexOf(*(ulong*)&extreme),
                _ => new ReadOnlySpan<byte>(row, length).IndexOf(*(byte*)&extreme),
            };
        nint i = 0;
        while (i < length - 1 && row[i] != extreme && !(T.IsNaN(extreme) && T.IsNaN(row[i])))
            i++;
        return i;
    }
}
