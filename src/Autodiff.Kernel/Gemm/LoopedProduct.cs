using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Contractions that are no matrix product worth blocks: elementwise and outer products, products of a matrix and a
/// vector, dot products, and any of them in batches. The innermost loop runs along the axis that vectors serve best:
/// one of the result (multiply-add of rows) or a summed one (dot product); the others are walked around it.
/// </summary>
internal sealed unsafe class LoopedProduct : ContractionKernel
{
    // A piece of a row of the result stays in the first-level cache while the summed axes are walked; where each element
    // is one product there is no need of that, and a piece is longer.
    private const int SummedLength = 1024;
    private const int ProductLength = 4096;
    private const int ItemWork = 16384;

    // Shorter rows have too many lines that they do not fill.
    private const int LeastStream = 512;

    // The shortest dot products that are worth a loop, and how many of them are many.
    private const int LeastDot = 3;
    private const int LongRun = 16;

    private readonly LoopAxis[] outer;
    private readonly LoopAxis[] summed;
    private readonly LoopAxis inner;
    private readonly bool isDot;
    private readonly long places;
    private readonly long placesPerItem;
    private readonly int blockLength;
    private readonly int blocks;

    public LoopedProduct(LoopAxis[] kept, LoopAxis[] summed)
    {
        var (row, dot) = (Best(kept, RowScore), Best(summed, DotScore));
        isDot = dot >= 0
            && (row < 0 || DotScore(summed[dot]) > RowScore(kept[row]) || IsRunOfDots(kept, kept[row], summed));
        inner = isDot ? summed[dot] : row >= 0 ? kept[row] : new LoopAxis(1, 1, 1, 1);
        outer = isDot || row < 0 ? kept : LoopAxis.Without(kept, row);
        this.summed = isDot ? LoopAxis.Without(summed, dot) : summed;
        places = LoopAxis.Count(outer);
        blockLength = isDot ? inner.Size : this.summed.Length > 0 ? SummedLength : ProductLength;
        blocks = Pieces.Of(inner.Size, blockLength);
        var work = Math.Min(inner.Size, blockLength) * LoopAxis.Count(this.summed);
        placesPerItem = Math.Max(1, ItemWork / work);
        Items = (places + placesPerItem - 1) / placesPerItem * blocks;
        // About 16 bytes in a nanosecond.
        NanosecondsOfByte = (double)places * LoopAxis.Count(summed) * inner.Size / 16;
    }

    /// <summary>Whether each element is one product, or the same dot products, in both.</summary>
    public bool SumsAs(LoopedProduct other) =>
        isDot ? other.isDot && inner.Size == other.inner.Size && summed.SequenceEqual(other.summed)
        : !other.isDot && summed.Length == 0 && other.summed.Length == 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run<T>(T* a, T* b, T* c, long item)
    {
        (item, var block) = Math.DivRem(item, blocks);
        var start = (nint)block * blockLength;
        var length = nint.Min(blockLength, inner.Size - start);
        a += start * inner.A;
        b += start * inner.B;
        c += start * inner.C;
        var place = Odometer.At(outer, item * placesPerItem);
        var left = Math.Min(placesPerItem, places - (item * placesPerItem));
        if (summed.Length == 0 && IsOfRows && !Streams<T>())
        {
            Runs(a, b, c, length, ref place, left);
            return;
        }

        var deeper = new Odometer(summed);
        for (; left > 0; left--)
        {
            if (isDot)
                Dot(a + place.A, b + place.B, c + place.C, ref deeper);
            else
                Row(a + place.A, b + place.B, c + place.C, length, ref deeper);
            place.Next();
        }

        if (Streams<T>())
            Streaming.Finish();
    }

    public override string ToString() =>
        isDot ? $"dot products of {inner.Size}, {places * LoopAxis.Count(summed)} times"
        : $"multiply-adds of rows of {inner.Size}, {places * LoopAxis.Count(summed)} times";

    /// <summary>Whether the innermost loop goes along consecutive elements.</summary>
    private bool IsOfRows => isDot ? inner is { A: 1, B: 1 } : inner is { A: 0 or 1, B: 0 or 1, C: 1 };

    /// <summary>
    /// One innermost loop for each place, nothing to add beside it: those along the last axis of places, run after run. What
    /// leads to a loop takes longer than a short loop does.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Runs<T>(T* a, T* b, T* c, nint length, ref Odometer place, long left) where T : unmanaged, INumber<T>
    {
        var next = outer.Length == 0 ? default : outer[^1];
        while (left > 0)
        {
            var count = (int)Math.Min(left, place.Run);
            T* x = a + place.A, y = b + place.B, z = c + place.C;
            if (isDot)
                VirtualLanes.Dots(x, next.A, y, next.B, length, z, next.C, count);
            else
                VectorLoops.MultiplyRows(x, inner.A, next.A, y, inner.B, next.B, z, next.C, length, count);
            place.Next(count);
            left -= count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Dot<T>(T* a, T* b, T* c, ref Odometer deeper) where T : unmanaged, INumber<T>
    {
        var total = VirtualLanes.Dot(a + deeper.A, inner.A, b + deeper.B, inner.B, inner.Size);
        while (deeper.Next())
            total += VirtualLanes.Dot(a + deeper.A, inner.A, b + deeper.B, inner.B, inner.Size);
        *c = total;
    }

    /// <summary>
    /// Whether each element is one product, and they are so many that the caches do not hold them.
    /// </summary>
    private bool Streams<T>() where T : unmanaged =>
        !isDot && summed.Length == 0 && inner is { A: 0 or 1, B: 0 or 1, C: 1, Size: >= LeastStream }
        && Streaming.Pays(places * inner.Size * sizeof(T));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row<T>(T* a, T* b, T* c, nint length, ref Odometer deeper) where T : unmanaged, INumber<T>
    {
        if (Streams<T>())
        {
            VectorLoops.Stream(a, inner.A, b, inner.B, c, length);
            return;
        }

        if (summed.Length == 1 && inner is { A: 1, B: 0, C: 1 } or { A: 0, B: 1, C: 1 })
        {
            ScaledSum(a, b, c, length);
            return;
        }

        VectorLoops.Multiply(a + deeper.A, inner.A, b + deeper.B, inner.B, c, inner.C, length, false);
        while (deeper.Next())
            VectorLoops.Multiply(a + deeper.A, inner.A, b + deeper.B, inner.B, c, inner.C, length, true);
    }

    /// <summary>A vector times the rows of a matrix, added.</summary>
    private void ScaledSum<T>(T* a, T* b, T* c, nint length) where T : unmanaged, INumber<T>
    {
        if (inner.A == 1)
            VectorLoops.ScaledSum(a, summed[0].A, b, summed[0].B, summed[0].Size, c, length);
        else
            VectorLoops.ScaledSum(b, summed[0].B, a, summed[0].A, summed[0].Size, c, length);
    }

    private static int Best(LoopAxis[] axes, Func<LoopAxis, int> score)
    {
        var best = -1;
        for (var i = 0; i < axes.Length; i++)
            if (best < 0 || score(axes[i]) > score(axes[best]))
                best = i;
        return best;
    }

    /// <summary>How well vectors serve a loop along an axis of the result.</summary>
    private static int RowScore(LoopAxis axis) =>
        axis is { A: 0 or 1, B: 0 or 1, C: 1 } ? 4 * Math.Min(axis.Size, 64) : Math.Min(axis.Size, 16);

    /// <summary>Whether dot products, which are short, are so many in a run that they beat a loop over far elements.</summary>
    private static bool IsRunOfDots(LoopAxis[] kept, LoopAxis row, LoopAxis[] summed) =>
        row is not { A: 0 or 1, B: 0 or 1, C: 1 } && summed is [{ A: 1, B: 1, Size: >= LeastDot }]
        && kept[^1].Size >= LongRun;

    /// <summary>How well vectors serve a loop along a summed axis.</summary>
    private static int DotScore(LoopAxis axis) =>
        axis is { A: 1, B: 1 } ? 3 * Math.Min(axis.Size, 64) : Math.Min(axis.Size, 16);
}
