using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// The transpose of <see cref="Layout.Window"/>: each element of a window is added to the place that it was read from.
/// Made for fixed layouts, then run for any places in memory; immutable and safe to share between threads.
/// </summary>
/// <remarks>Float32, Float64, Int32 and Int64; integers wrap around.</remarks>
internal sealed class OverlapAdd
{
    private readonly AccumulateLoop? loop;
    private readonly LoopAxis[] within;

    /// <summary>Plans the sums.</summary>
    /// <param name="source">The windows; the last axes are those within a window.</param>
    /// <param name="windows">Where the element that each element of the source is added to stands in the result.</param>
    /// <param name="windowRank">The number of axes within a window.</param>
    public OverlapAdd(Layout source, Layout windows, int windowRank)
    {
        if (source.Shape != windows.Shape)
            throw new ShapeException($"overlap-add: windows of shape {source.Shape} do not fit those of shape {windows.Shape}");
        within = LoopAxis.Of(source, windows)[^windowRank..];
        if (source.Shape.Size == 0)
            return;
        for (var i = 0; i < windowRank; i++)
            (source, windows) = (source.Pick(source.Shape.Rank - 1, 0), windows.Pick(windows.Shape.Rank - 1, 0));
        loop = new AccumulateLoop(source, windows);
    }

    /// <summary>
    /// Adds the source, from zero, one position within the windows after the other. Windows that overlap add up; what no
    /// window reads is zero.
    /// </summary>
    /// <param name="source">The windows.</param>
    /// <param name="windows">The same memory as the result, seen as windows.</param>
    /// <param name="result">Where the sums go.</param>
    public void Run(View source, View windows, View result)
    {
        Copying.Zero(result);
        switch (source.DType)
        {
            case DType.Float32:
                Add<float>(source, windows);
                break;
            case DType.Float64:
                Add<double>(source, windows);
                break;
            case DType.Int32:
                Add<int>(source, windows);
                break;
            case DType.Int64:
                Add<long>(source, windows);
                break;
            default:
                throw new DTypeException($"overlap-add: {source.DType} elements have no sum");
        }
    }

    private unsafe void Add<T>(View source, View windows) where T : unmanaged, INumber<T>
    {
        if (loop is null)
            return;

        // For one position within the windows, no two of them meet: the places differ.
        var position = new Odometer(within);
        fixed (T* from = &source.Storage.Reference<T>(), to = &windows.Storage.Reference<T>())
            do
                loop.RunTogether(from + source.Layout.Offset + position.A, to + windows.Layout.Offset + position.C);
            while (position.Next());
    }
}
