using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The loops that add the elements of one layout to those of another of the same shape. The order is
/// that of the destination in memory.
/// </summary>
internal sealed class AccumulateLoop
{
    private readonly LoopAxis[] outer;
    private readonly LoopAxis inner;

    public AccumulateLoop(Layout source, Layout destination)
    {
        var axes = LoopAxis.Fold(LoopAxis.Sort(LoopAxis.Of(source, destination)));
        inner = axes.Length == 0 ? new LoopAxis(1, 1, 0, 1) : axes[^1];
        outer = axes.Length == 0 ? [] : axes[..^1];
    }

    /// <summary>Adds; the pointers are those of the layouts' first elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Run<T>(T* source, T* destination) where T : unmanaged, INumber<T>
    {
        var place = new Odometer(outer);
        do
            VectorLoops.Add(source + place.A, inner.A, destination + place.C, inner.C, inner.Size);
        while (place.Next());
    }
}
