using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Moves elements from one strided view to another.</summary>
internal static class Copying
{
    // The elements of an item of work.
    private const int FillElements = 1 << 15;

    /// <summary>
    /// Writes the elements of <paramref name="source"/> to the same positions of <paramref name="destination"/>. Shapes
    /// and element types are equal, strides are any; the two do not overlap.
    /// </summary>
    public static void Copy(View source, View destination)
    {
        Check(source, destination);
        new StridedCopyLoop(source.Layout, destination.Layout).Run(source, destination);
    }

    /// <summary>Writes one value to every element of a view.</summary>
    public static unsafe void Fill<T>(View destination, T value) where T : unmanaged
    {
        if (destination.DType.Size() != Unsafe.SizeOf<T>())
            throw new DTypeException($"fill: a {typeof(T).Name} is no element of a {destination.DType} array");
        if (destination.Shape.Size == 0)
            return;
        var size = destination.Shape.Size;
        fixed (T* target = &destination.Storage.Reference<T>())
            if (destination.Layout.IsContiguous)
                ForkJoin.Run(
                    new Filling<T>(value, target, size), Pieces.Of(size, FillElements),
                    StridedCopyLoop.Nanoseconds((long)size * sizeof(T)));
            else
                new StridedCopyLoop(Repeat(destination.Layout), destination.Layout)
                    .Run(&value, target + destination.Layout.Offset);
    }

    /// <summary>
    /// Writes the value of a view of rank 0, or one that broadcasts by strides of 0, to every element.
    /// </summary>
    public static void Fill(View destination, View scalar) =>
        Copy(scalar.With(Layout.Strided(
            destination.Shape, new int[destination.Shape.Rank], scalar.Layout.Offset)), destination);

    /// <summary>Writes zero (false) to every element of a view.</summary>
    public static void Zero(View destination)
    {
        switch (destination.DType.Size())
        {
            case 1:
                Fill<byte>(destination, 0);
                break;
            case 4:
                Fill(destination, 0);
                break;
            default:
                Fill(destination, 0L);
                break;
        }
    }

    private static Layout Repeat(Layout layout) => Layout.Strided(layout.Shape, new int[layout.Shape.Rank], 0);

    private static void Check(View source, View destination)
    {
        if (source.Shape != destination.Shape)
            throw new ShapeException($"copy: a view of shape {source.Shape} does not fill one of {destination.Shape}");
        if (source.DType != destination.DType)
            throw new DTypeException($"copy: {source.DType} elements are no {destination.DType} elements");
    }

    /// <summary>Consecutive elements set to one value.</summary>
    private readonly unsafe struct Filling<T>(T value, T* target, int size) : IWork where T : unmanaged
    {
        public void Run(long item)
        {
            var first = (int)item * FillElements;
            var count = Math.Min(FillElements, size - first);
            if (Streaming.Pays((long)size * sizeof(T)))
            {
                Streaming.Fill(value, target + first, count);
                Streaming.Finish();
            }
            else
                new Span<T>(target + first, count).Fill(value);
        }
    }
}
