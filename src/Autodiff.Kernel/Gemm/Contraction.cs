using System.Numerics;
using System.Runtime.Intrinsics;

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

    // So few multiply-adds take less time than the masks of their rows.
    private const int MaskedWork = 16;

    // Sums of so few rows are better computed several at a time.
    private const int FewRows = 32;

    private readonly ContractionKernel? kernel;
    private readonly Lazy<BlockedProduct> scaled;
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
        var (folded, depth) = (LoopAxis.Fold(LoopAxis.Sort(kept)), LoopAxis.Fold(LoopAxis.Sort(summed)));
        if (!isEmpty && summed.All(axis => axis.Size > 0))
            kernel = Choose(folded, depth, dtype);
        scaled = new Lazy<BlockedProduct>(() => kernel as BlockedProduct ?? Blocked(folded, depth, dtype));
    }

    /// <summary>Whether it runs as products of matrices in register blocks.</summary>
    public bool IsBlocked => kernel is BlockedProduct;

    /// <summary>Computes the result, whose former contents are lost.</summary>
    public void Run(in View a, in View b, in View c)
    {
        if (isEmpty)
            return;
        if (kernel is null)
            Copying.Zero(c);
        else
            Run(kernel, a, b, c, 1, false);
    }

    /// <summary>Computes c = alpha a b, or c = alpha a b + c.</summary>
    /// <param name="a">The first operand.</param>
    /// <param name="b">The second operand.</param>
    /// <param name="c">The result.</param>
    /// <param name="alpha">The factor, a whole number where the elements are.</param>
    /// <param name="accumulate">Whether the products are added to what the result holds.</param>
    public void Run(in View a, in View b, in View c, double alpha, bool accumulate)
    {
        if (alpha == 1 && !accumulate)
            Run(a, b, c);
        else if (kernel is not null)
            Run(scaled.Value, a, b, c, alpha, accumulate);
        else if (!isEmpty && !accumulate)
            Copying.Zero(c);
    }

    /// <summary>
    /// Whether every element of the result is summed in the order of another contraction, with the same bits, if the two
    /// differ in the size of a kept axis alone.
    /// </summary>
    public bool SumsAs(Contraction other) => (kernel, other.kernel) switch
    {
        (BlockedProduct, BlockedProduct) => true,
        (TabledProduct product, TabledProduct another) => product.SumsAs(another),
        (LoopedProduct product, LoopedProduct another) => product.SumsAs(another),
        _ => false,
    };

    /// <summary>The kernel that runs, in words.</summary>
    public override string ToString() => isEmpty ? "nothing" : kernel?.ToString() ?? "zeros";

    private static ContractionKernel Choose(LoopAxis[] kept, LoopAxis[] summed, DType dtype)
    {
        if (!dtype.IsFloat())
            return new LoopedProduct(kept, summed);
        var axes = ProductAxes.Find(kept, summed, 64 / dtype.Size());
        var lanes = Vector128<byte>.Count / dtype.Size();
        if (IsSumOfRows(axes, lanes) && axes.DepthCount <= FewRows
            && TabledProduct.TryPlan(kept, summed, addsWhole: true) is { } rows)
            return rows;
        return IsMatrixProduct(axes, lanes)
            ? new BlockedProduct(axes, dtype.Size())
            : (ContractionKernel?)TabledProduct.TryPlan(kept, summed, addsWhole: false) ?? new LoopedProduct(kept, summed);
    }

    private static BlockedProduct Blocked(LoopAxis[] kept, LoopAxis[] summed, DType dtype) =>
        new(ProductAxes.Find(kept, summed, 64 / dtype.Size()), dtype.Size());

    /// <summary>
    /// Whether blocks beat loops: not those of dot products where there are few rows or columns, nor along a contiguous
    /// batch of tiny matrices, nor in a batch of matrices so small that their masks cost more than they.
    /// </summary>
    private static bool IsMatrixProduct(ProductAxes axes, int lanes) =>
        (axes.RowCount > 1 || IsSumOfRows(axes, lanes)) && axes.Columns.Size > 1 && axes.DepthCount > 1
        && (axes.Columns.Size >= lanes || axes.Batch.Length == 0
            || axes.RowCount * axes.ColumnCount * axes.DepthCount > MaskedWork)
        && !(axes.Depth is [.., { A: 1, B: 1, Size: >= DotLength }] && Math.Min(axes.RowCount, axes.ColumnCount) <= DotRows)
        && !(axes.RowCount * axes.ColumnCount < 64
            && axes.Batch.Any(axis => axis is { A: 0 or 1, B: 0 or 1, C: 1, Size: >= 32 }));

    /// <summary>
    /// Whether a vector times a matrix is worth blocks: where the rows that it adds lie along several axes, as those of a
    /// window do, a block holds in registers what a loop would add to memory.
    /// </summary>
    private static bool IsSumOfRows(ProductAxes axes, int lanes) =>
        axes.RowCount == 1 && axes.Depth.Length > 1 && axes.Columns is { B: 1, C: 1 } && axes.Columns.Size >= lanes;

    private static void Run(ContractionKernel kernel, in View a, in View b, in View c, double alpha, bool accumulate)
    {
        switch (c.DType)
        {
            case DType.Float32:
                Run<float>(kernel, a, b, c, alpha, accumulate);
                break;
            case DType.Float64:
                Run<double>(kernel, a, b, c, alpha, accumulate);
                break;
            case DType.Int32:
                Run<int>(kernel, a, b, c, alpha, accumulate);
                break;
            default:
                Run<long>(kernel, a, b, c, alpha, accumulate);
                break;
        }
    }

    private static unsafe void Run<T>(
        ContractionKernel kernel, in View a, in View b, in View c, double alpha, bool accumulate)
        where T : unmanaged, INumber<T>
    {
        fixed (T* left = &a.Storage.Reference<T>(), right = &b.Storage.Reference<T>())
        fixed (T* result = &c.Storage.Reference<T>())
        {
            T* from = left + a.Layout.Offset, other = right + b.Layout.Offset, to = result + c.Layout.Offset;
            var (items, nanoseconds) = (kernel.Items, kernel.Nanoseconds(sizeof(T)));
            if (alpha != 1 || accumulate)
                ForkJoin.Run(
                    new ScaledWork<T>((BlockedProduct)kernel, from, other, to, T.CreateChecked(alpha), accumulate), items,
                    nanoseconds);
            else
                ForkJoin.Run(new Work<T>(kernel, from, other, to), items, nanoseconds);
        }
    }

    /// <summary>A kernel bound to places in memory, which its caller keeps fixed.</summary>
    private readonly unsafe struct Work<T>(ContractionKernel kernel, T* a, T* b, T* c) : IWork
        where T : unmanaged, INumber<T>
    {
        // A call of a generic method is looked up unless its type is known.
        public void Run(long item)
        {
            if (kernel is BlockedProduct product)
                product.Run(a, b, c, item, T.One, false);
            else
                kernel.Run(a, b, c, item);
        }
    }

    /// <summary>A product that is scaled, or added to what the result holds.</summary>
    private readonly unsafe struct ScaledWork<T>(BlockedProduct kernel, T* a, T* b, T* c, T alpha, bool accumulate) : IWork
        where T : unmanaged, INumber<T>
    {
        public void Run(long item) => kernel.Run(a, b, c, item, alpha, accumulate);
    }
}
