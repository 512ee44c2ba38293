using System.Buffers;

namespace Autodiff.Kernel;

/// <summary>Reads the elements of views of one layout in row-major order: in place where they lie so, else from a copy.</summary>
internal sealed class OrderedElements
{
    private readonly Layout layout;
    private readonly Layout ordered;
    private readonly StridedCopyLoop? copy;

    public OrderedElements(Layout layout)
    {
        this.layout = layout;
        ordered = Layout.Contiguous(layout.Shape);
        copy = layout.IsDense ? null : new StridedCopyLoop(layout, ordered);
    }

    /// <summary>The elements of a view, until they are given back.</summary>
    public Reading<T> Read<T>(View view) where T : unmanaged
    {
        var size = layout.Shape.Size;
        if (copy is null)
            return new Reading<T>(size == 0 ? [] : view.Storage.Span<T>().Slice(layout.Offset, size), null);
        var rented = ArrayPool<T>.Shared.Rent(size);
        copy.Run(view, new View(Storage.Of(rented), ordered, view.DType));
        return new Reading<T>(rented.AsSpan(0, size), rented);
    }

    /// <summary>Elements, and the array that they were copied to.</summary>
    public readonly ref struct Reading<T>(ReadOnlySpan<T> elements, T[]? rented) where T : unmanaged
    {
        public ReadOnlySpan<T> Elements { get; } = elements;

        /// <summary>Gives the array back.</summary>
        public void Dispose()
        {
            if (rented is not null)
                ArrayPool<T>.Shared.Return(rented);
        }
    }
}
