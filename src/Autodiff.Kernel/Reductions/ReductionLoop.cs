using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// The loops of a reduction between two layouts. Where a kept axis is contiguous in the source, whole rows are combined
/// with a row of results; otherwise each result is reduced by itself along the reduced axis with the smallest stride.
/// </summary>
internal sealed unsafe class ReductionLoop
{
    // Below this, a row of results is too short to be worth a vector.
    private const int ColumnsMinimum = 4;

    private readonly LoopAxis[] kept;
    private readonly LoopAxis[] reduced;
    private readonly LoopAxis columns;
    private readonly LoopAxis row;

    public ReductionLoop(Layout source, int keptRank, Layout result)
    {
        var axes = new LoopAxis[source.Shape.Rank];
        for (var i = 0; i < axes.Length; i++)
            axes[i] = new LoopAxis(source.Shape[i], source.Strides[i], 0, i < keptRank ? result.Strides[i] : 0);
        kept = LoopAxis.Fold(LoopAxis.Sort(axes[..keptRank]));
        reduced = LoopAxis.Fold(LoopAxis.Sort(axes[keptRank..]));
        var position = Array.FindIndex(kept, axis => axis.A == 1 && axis.Size >= ColumnsMinimum);
        if (position >= 0)
        {
            columns = kept[position];
            kept = LoopAxis.Without(kept, position);
        }
        else
        {
            row = reduced.Length == 0 ? new LoopAxis(1, 1, 0, 0) : reduced[^1];
            reduced = reduced.Length == 0 ? [] : reduced[..^1];
        }
    }

    /// <summary>The number of consecutive elements that are read at a time; 0 where they are not consecutive.</summary>
    public int RunLength => columns.Size > 0 ? columns.Size : row.A == 1 ? row.Size : 0;

    public void Run<T, TReduction>(View source, View result)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        fixed (T* from = &source.Storage.Reference<T>(), to = &result.Storage.Reference<T>())
        {
            var elements = new MemoryElements<T>(from + source.Layout.Offset);
            Run<T, TReduction, MemoryElements<T>>(ref elements, to + result.Layout.Offset);
        }
    }

    /// <summary>Reduces elements, whose offsets are those of the source that the loop was made for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T, TReduction, TElements>(ref TElements elements, T* result)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        var place = new Odometer(kept);
        var inner = new Odometer(reduced);
        do
        {
            if (columns.Size > 0)
                Columns<T, TReduction, TElements>(ref elements, place.A, result + place.C);
            else
                result[place.C] = Rows<T, TReduction, TElements>(ref elements, place.A, ref inner);
        }
        while (place.Next());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private T Rows<T, TReduction, TElements>(ref TElements elements, nint position, ref Odometer runs)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        var total = VirtualLanes.Reduce<T, TReduction, TElements>(ref elements, position + runs.A, row.A, row.Size);
        while (runs.Next())
            total = TReduction.Combine(
                total,
                VirtualLanes.Reduce<T, TReduction, TElements>(ref elements, position + runs.A, row.A, row.Size));
        return total;
    }

    private void Columns<T, TReduction, TElements>(ref TElements elements, nint position, T* target)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        if (Vector512.IsHardwareAccelerated)
            ReductionColumns<T, Vector512<T>, Simd512<T>>.Reduce<TReduction, TElements>(
                ref elements, position, reduced, target, columns);
        else if (Vector256.IsHardwareAccelerated)
            ReductionColumns<T, Vector256<T>, Simd256<T>>.Reduce<TReduction, TElements>(
                ref elements, position, reduced, target, columns);
        else
            ReductionColumns<T, Vector128<T>, Simd128<T>>.Reduce<TReduction, TElements>(
                ref elements, position, reduced, target, columns);
    }
}
