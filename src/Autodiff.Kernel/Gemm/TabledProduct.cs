using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// Contractions of short rows that are summed over many places, as those of a depthwise convolution and of its weights are: the
/// sums stay in registers, and tables say where the rows stand. One operand's rows may be every other element, as a window's
/// are that goes on in steps of two.
/// </summary>
/// <remarks>
/// Either a vector of results is the sum of rows times factors, or a result is the sum of dot products, whose lanes are those
/// of <see cref="VirtualLanes"/> and are folded once. The bits depend on neither the width of vectors nor the pieces of work.
/// </remarks>
internal sealed unsafe class TabledProduct : ContractionKernel
{
    private const int Lanes = VirtualLanes.Lanes;

    // Narrower rows fill no vector; longer ones leave the first cache before they are read again.
    private const int LeastRow = 4, LongestRow = 1024;

    // Fewer places are not worth their tables, and dot products of one place are folded at once elsewhere.
    private const int LeastPlaces = 4, MostPlaces = 1 << 16;

    private const int ItemWork = 16384;

    // Rows that share their factors.
    private const int Together = 4;

    private readonly LoopAxis[] outer;
    private readonly LoopAxis[] around;
    private readonly LoopAxis inner;
    private readonly bool isDot;
    private readonly bool isSwapped;
    private readonly int[] tableA;
    private readonly int[] tableB;
    private readonly bool areTogether;
    private readonly long results;
    private readonly long resultsOfItem;

    private TabledProduct(LoopAxis[] outer, LoopAxis[] around, LoopAxis inner, bool isDot)
    {
        (this.outer, this.around, this.inner, this.isDot) = (outer, around, inner, isDot);
        isSwapped = inner.A < inner.B;
        (tableA, tableB) = DepthWalk.Tables(around, (int)LoopAxis.Count(around));
        if (isSwapped)
            (tableA, tableB) = (tableB, tableA);
        areTogether = !isDot && outer.Length > 0 && (isSwapped ? outer[^1].A : outer[^1].B) == 0;
        results = LoopAxis.Count(outer);
        var work = (long)inner.Size * tableA.Length;
        resultsOfItem = Math.Max(1, ItemWork / work);
        Items = (results + resultsOfItem - 1) / resultsOfItem;
        // About 16 multiply-adds of Float32 in a nanosecond.
        NanosecondsOfByte = (double)results * work / 64;
    }

    private int Step => Math.Max(inner.A, inner.B);

    /// <summary>The product of such axes, if it is one.</summary>
    /// <param name="kept">The axes of the result.</param>
    /// <param name="summed">The axes that are summed over.</param>
    /// <param name="addsWhole">
    /// Whether rows of consecutive elements are added up too: few that lie close together, lest a vector of each be read from
    /// lines and pages of its own.
    /// </param>
    public static TabledProduct? TryPlan(LoopAxis[] kept, LoopAxis[] summed, bool addsWhole)
    {
        var (row, dot) = (Longest(kept, axis => IsRow(axis, addsWhole)), Longest(summed, axis => IsDot(axis, kept)));
        if (row >= 0 && HasPlaces(summed) && (dot < 0 || kept[row].Size >= summed[dot].Size / 4))
            return new TabledProduct(LoopAxis.Without(kept, row), summed, kept[row], isDot: false);
        if (dot >= 0 && LoopAxis.Without(summed, dot) is var around && HasPlaces(around))
            return new TabledProduct(kept, around, summed[dot], isDot: true);
        return null;
    }

    /// <summary>Whether each element is a sum in the same order in both.</summary>
    public bool SumsAs(TabledProduct other) =>
        isDot == other.isDot && (!isDot || inner.Size == other.inner.Size)
        && around.Select(axis => axis.Size).SequenceEqual(other.around.Select(axis => axis.Size));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run<T>(T* a, T* b, T* c, long item)
    {
        if (Vector512.IsHardwareAccelerated && inner.Size >= Vector512<T>.Count)
            Results<T, Vector512<T>, Simd512<T>>(a, b, c, item);
        else if (Vector256.IsHardwareAccelerated && inner.Size >= Vector256<T>.Count)
            Results<T, Vector256<T>, Simd256<T>>(a, b, c, item);
        else
            Results<T, Vector128<T>, Simd128<T>>(a, b, c, item);
    }

    public override string ToString() =>
        $"{(isDot ? "dot products" : "multiply-adds of rows")} of {inner.Size}{(Step == 2 ? " in steps of 2" : "")}, "
        + $"{results} sums of {tableA.Length}";

    private static bool IsRow(LoopAxis axis, bool addsWhole) =>
        axis is { A: 2, B: 0, C: 1 } or { A: 0, B: 2, C: 1 }
        || (addsWhole && axis is { A: 1, B: 0, C: 1 } or { A: 0, B: 1, C: 1 });

    /// <summary>Whether dot products go along an axis, and no row of the result that is nearly as long could be added to.</summary>
    private static bool IsDot(LoopAxis axis, LoopAxis[] kept) =>
        axis is { A: 2, B: 1 } or { A: 1, B: 2 }
        || (axis is { A: 1, B: 1, Size: <= Lanes }
            && !kept.Any(row => row is { A: 0 or 1, B: 0 or 1, C: 1 } && row.Size > axis.Size / 2));

    private static bool HasPlaces(LoopAxis[] axes) => LoopAxis.Count(axes) is >= LeastPlaces and <= MostPlaces;

    private static int Longest(LoopAxis[] axes, Func<LoopAxis, bool> serves)
    {
        var longest = -1;
        for (var i = 0; i < axes.Length; i++)
            if (axes[i].Size is >= LeastRow and <= LongestRow && serves(axes[i])
                && (longest < 0 || axes[i].Size > axes[longest].Size))
                longest = i;
        return longest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Results<T, TVector, TSimd>(T* a, T* b, T* c, long item)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        var left = Math.Min(resultsOfItem, results - (item * resultsOfItem));
        T* rowsA = isSwapped ? b : a, rowsB = isSwapped ? a : b;
        fixed (int* offsetsA = tableA, offsetsB = tableB)
        {
            var rows = new TabledRows<T, TVector, TSimd>(inner.Size, offsetsA, offsetsB, tableA.Length);
            var place = Odometer.At(outer, item * resultsOfItem);
            while (left > 0)
            {
                T* x = rowsA + (isSwapped ? place.B : place.A), y = rowsB + (isSwapped ? place.A : place.B);
                var count = areTogether && Math.Min(left, place.Run) >= Together ? Together : 1;
                if (isDot)
                    c[place.C] = Step == 2 ? rows.Dot<EveryOther>(x, y) : rows.Dot<EveryOne>(x, y);
                else if (Step == 2)
                    Add<T, TVector, TSimd, EveryOther>(rows, x, y, c + place.C, count);
                else
                    Add<T, TVector, TSimd, EveryOne>(rows, x, y, c + place.C, count);
                place.Next(count);
                left -= count;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add<T, TVector, TSimd, TStep>(in TabledRows<T, TVector, TSimd> rows, T* a, T* b, T* c, int count)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
        where TStep : struct, IRowStep
    {
        if (count == Together)
            rows.AddFour<TStep>(a, isSwapped ? outer[^1].B : outer[^1].A, b, c, outer[^1].C);
        else
            rows.Add<TStep>(a, b, c);
    }
}
