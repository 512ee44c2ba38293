using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// The transpose of <see cref="Layout.Window"/>: each element of a window is added to the place that it was read from.
/// </summary>
internal static class OverlapAdd
{
    /// <summary>
    /// result[.., count * stride + within * dilation, ..] += source[.., count, within, ..], from zero, by rising
    /// <c>within</c>. Windows that overlap add up; what no window reads is zero.
    /// </summary>
    /// <param name="source">The windows, with axes (count, size) where the result has <paramref name="axis"/>.</param>
    /// <param name="axis">The axis of the result that was split.</param>
    /// <param name="size">The number of elements in a window.</param>
    /// <param name="stride">The distance between the starts of two windows.</param>
    /// <param name="dilation">The distance between two elements of a window.</param>
    /// <param name="result">Where the sums go: Float32, Float64, Int32 or Int64.</param>
    public static void Run(View source, int axis, int size, int stride, int dilation, View result)
    {
        var windows = result.Layout.Window(axis, size, stride, dilation);
        if (source.Shape != windows.Shape)
            throw new ShapeException(
                $"overlap-add: windows of shape {source.Shape} do not fit {result.Shape}, whose windows are {windows.Shape}");
        Copying.Zero(result);
        if (source.Shape.Size == 0)
            return;
        switch (source.DType)
        {
            case DType.Float32:
                Add<float>(source, axis + 1, windows, result);
                break;
            case DType.Float64:
                Add<double>(source, axis + 1, windows, result);
                break;
            case DType.Int32:
                Add<int>(source, axis + 1, windows, result);
                break;
            case DType.Int64:
                Add<long>(source, axis + 1, windows, result);
                break;
            default:
                throw new DTypeException($"overlap-add: {source.DType} elements have no sum");
        }
    }

    private static unsafe void Add<T>(View source, int within, Layout windows, View result)
        where T : unmanaged, INumber<T>
    {
        // For one position within the windows, no two of them meet: the places differ.
        fixed (T* from = &source.Storage.Reference<T>(), to = &result.Storage.Reference<T>())
            for (var position = 0; position < windows.Shape[within]; position++)
            {
                var (part, place) = (source.Layout.Pick(within, position), windows.Pick(within, position));
                new AccumulateLoop(part, place).Run(from + part.Offset, to + place.Offset);
            }
    }
}
