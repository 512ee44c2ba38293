using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// The product of two strided operands, summed over some of their axes: c = sum of a b. Made for fixed shapes, strides
/// and element type, then run for any places in memory; immutable and safe to share between threads.
/// </summary>
/// <remarks>
/// Each axis has a stride for a, b and c (0 where the operand lacks it), so batched, transposed, sliced and broadcast
/// operands are all the same to it. Float32, Float64, Int32 and Int64; integers wrap around.
/// </remarks>
internal sealed class Contraction
{
    // Dot products of fewer elements, or more of them for each row, are better a matrix product.
    private const int DotLength = 64;
    private const int DotRows = 4;

    private readonly ContractionKernel? kernel;
    private readonly bool isEmpty;

    /// <summary>Plans a contraction.</summary>
    /// <param name="kept">The axes of the result, in any order.</param>
    /// <param name="summed">The axes that are summed; their stride of c is 0.</param>
    /// <param name="dtype">The element type of all three.</param>
    public Contraction(IReadOnlyCollection<LoopAxis> kept, IReadOnlyCollection<LoopAxis> summed, DType dtype)
    {
        if (dtype == DType.Bool)
            throw new DTypeException("a product of truth values: convert them to Int64 first");
        isEmpty = kept.Any(axis => axis.Size == 0);
        if (!isEmpty && summed.All(axis => axis.Size > 0))
            kernel = Choose(
                LoopAxis.Fold(LoopAxis.Sort(kept)), LoopAxis.Fold(LoopAxis.Sort(summed)), dtype);
    }

    /// <summary>Computes the result, whose former contents are lost.</summary>
    public void Run(View a, View b, View c)
    {
        if (isEmpty)
            return;
        if (kernel is null)
        {
            Copying.Zero(c);
            return;
        }

        switch (c.DType)
        {
            case DType.Float32:
                Run<float>(kernel, a, b, c);
                break;
            case DType.Float64:
                Run<double>(kernel, a, b, c);
                break;
            case DType.Int32:
                Run<int>(kernel, a, b, c);
                break;
            default:
                Run<long>(kernel, a, b, c);
                break;
        }
    }

    /// <summary>The kernel that runs, in words.</summary>
    public override string ToString() => isEmpty ? "nothing" : kernel?.ToString() ?? "zeros";

    private static ContractionKernel Choose(LoopAxis[] kept, LoopAxis[] summed, DType dtype)
    {
        var axes = dtype.IsFloat() ? ProductAxes.Find(kept, summed, 16 / dtype.Size()) : null;
        return axes is not null && IsMatrixProduct(axes) ? new BlockedProduct(axes) : new LoopedProduct(kept, summed);
    }

    /// <summary>
    /// Whether blocks beat loops of dot products, and loops along a contiguous batch of tiny matrices.
    /// </summary>
    private static bool IsMatrixProduct(ProductAxes axes) =>
        !(axes.Depth is { A: 1, B: 1, Size: >= DotLength } && Math.Min(axes.Rows.Size, axes.Columns.Size) <= DotRows)
        && !(axes.Rows.Size * (long)axes.Columns.Size < 64
            && axes.Outer.Any(axis => axis is { A: 0 or 1, B: 0 or 1, C: 1, Size: >= 32 }));

    private static unsafe void Run<T>(ContractionKernel kernel, View a, View b, View c) where T : unmanaged, INumber<T>
    {
        fixed (T* left = &a.Storage.Reference<T>(), right = &b.Storage.Reference<T>())
        fixed (T* result = &c.Storage.Reference<T>())
        {
            var work = new Work<T>(
                kernel, left + a.Layout.Offset, right + b.Layout.Offset, result + c.Layout.Offset);
            ForkJoin.Run(work, kernel.Items, kernel.Nanoseconds(sizeof(T)));
        }
    }

    /// <summary>A kernel bound to places in memory, which its caller keeps fixed.</summary>
    private readonly unsafe struct Work<T>(ContractionKernel kernel, T* a, T* b, T* c) : IWork
        where T : unmanaged, INumber<T>
    {
        public void Run(long item) => kernel.Run(a, b, c, item);
    }
}
