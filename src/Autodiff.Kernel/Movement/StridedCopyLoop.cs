using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The loops that copy between two layouts of one shape: axes are folded where one stride can walk them, the
/// destination is written in the order of memory, and where the source runs along another axis than the destination,
/// both are walked in square blocks that fit the cache. Made once, run for any two places in memory.
/// </summary>
internal sealed class StridedCopyLoop
{
    private readonly LoopAxis[] outer;
    private readonly LoopAxis inner;
    private readonly LoopAxis? across;

    public StridedCopyLoop(Layout source, Layout destination)
    {
        var axes = LoopAxis.Fold(LoopAxis.Sort(LoopAxis.Of(source, destination)));
        inner = axes.Length == 0 ? new LoopAxis(1, 1, 0, 1) : axes[^1];
        outer = axes.Length == 0 ? [] : axes[..^1];
        var position = Math.Abs(inner.A) > 1 ? Array.FindIndex(outer, axis => axis.A == 1 && axis.Size > 3) : -1;
        if (position < 0)
            return;
        across = outer[position];
        outer = LoopAxis.Without(outer, position);
    }

    /// <summary>Copies; the pointers are those of the layouts' first elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Run<T>(T* source, T* destination) where T : unmanaged
    {
        var place = new Odometer(outer);
        do
        {
            if (across is { } axis)
                Transposing.Run(
                    source + place.A, inner.A, destination + place.C, axis.C, inner.C, axis.Size, inner.Size);
            else
                Row(source + place.A, destination + place.C);
        }
        while (place.Next());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Row<T>(T* source, T* destination) where T : unmanaged
    {
        if (inner is { A: 1, C: 1 })
            new ReadOnlySpan<T>(source, inner.Size).CopyTo(new Span<T>(destination, inner.Size));
        else if (inner is { A: 0, C: 1 })
            new Span<T>(destination, inner.Size).Fill(*source);
        else
            Strided(source, destination, inner);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Strided<T>(T* source, T* destination, LoopAxis axis) where T : unmanaged
    {
        nint a = axis.A, c = axis.C;
        for (nint i = 0; i < axis.Size; i++)
            destination[i * c] = source[i * a];
    }
}
