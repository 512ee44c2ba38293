using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The loops that add the elements of one layout to those of another of the same shape. The order is
/// that of the destination in memory.
/// </summary>
internal sealed class AccumulateLoop
{
    // The elements of an item of work, where one row does not have more.
    private const int ItemElements = 8192;

    private readonly LoopAxis[] outer;
    private readonly LoopAxis inner;
    private readonly long places;
    private readonly long placesPerItem;
    private readonly bool isToEven;

    public AccumulateLoop(Layout source, Layout destination)
    {
        var axes = LoopAxis.Fold(LoopAxis.Sort(LoopAxis.Of(source, destination)));
        inner = axes.Length == 0 ? new LoopAxis(1, 1, 0, 1) : axes[^1];
        outer = axes.Length == 0 ? [] : axes[..^1];
        isToEven = inner is { A: 1, C: 2 } && Array.TrueForAll(outer, axis => Math.Abs((long)axis.C) > 2L * (inner.Size - 1));
        places = LoopAxis.Count(outer);
        placesPerItem = Math.Max(1, ItemElements / Math.Max(inner.Size, 1));
    }

    /// <summary>Adds on the calling thread; the pointers are those of the layouts' first elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Run<T>(T* source, T* destination) where T : unmanaged, INumber<T>
    {
        if (outer.Length == 0)
        {
            VectorLoops.Add(source, inner.A, destination, inner.C, inner.Size);
            return;
        }

        var place = new Odometer(outer);
        do
            VectorLoops.Add(source + place.A, inner.A, destination + place.C, inner.C, inner.Size);
        while (place.Next());
    }

    /// <summary>
    /// Adds on all threads; the places of the destination differ. What lies between them stays, but for negative zeros.
    /// </summary>
    public unsafe void RunTogether<T>(T* source, T* destination) where T : unmanaged, INumber<T> =>
        ForkJoin.Run(
            new Work<T>(this, source, destination), (places + placesPerItem - 1) / placesPerItem,
            StridedCopyLoop.Nanoseconds(places * inner.Size * sizeof(T)));

    /// <summary>A sum between places that its caller keeps fixed.</summary>
    private readonly unsafe struct Work<T>(AccumulateLoop loop, T* source, T* destination) : IWork
        where T : unmanaged, INumber<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long item)
        {
            var first = item * loop.placesPerItem;
            var place = Odometer.At(loop.outer, first);
            for (var left = Math.Min(loop.placesPerItem, loop.places - first); left > 0; left--, place.Next())
                if (loop.isToEven)
                    VectorLoops.AddToEven(source + place.A, destination + place.C, loop.inner.Size);
                else
                    VectorLoops.Add(
                        source + place.A, loop.inner.A, destination + place.C, loop.inner.C, loop.inner.Size);
        }
    }
}
