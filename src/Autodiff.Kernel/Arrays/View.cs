namespace Autodiff.Kernel;

/// <summary>A strided view of elements: what a kernel reads from or writes to.</summary>
/// <remarks>Kernels get views that they do not change; a run changes the memory of its own.</remarks>
/// <param name="Storage">The buffer.</param>
/// <param name="Layout">Where in the buffer each element stands.</param>
/// <param name="DType">The element type.</param>
internal record struct View(Storage Storage, Layout Layout, DType DType)
{
    public readonly Shape Shape => Layout.Shape;

    public static View Of(NDArray array) => new(Storage.Of(array), Layout.Contiguous(array.Shape), array.DType);

    /// <summary>The same view of other memory.</summary>
    public readonly View In(Storage storage) => new(storage, Layout, DType);

    public readonly View With(Layout layout) => new(Storage, layout, DType);
}
