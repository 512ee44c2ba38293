using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// Products of blocks of matrices, for the algorithms that spend most of their time on them. The kernel of a product is
/// planned once for each set of sizes and strides.
/// </summary>
internal static unsafe class MatrixProduct
{
    private static readonly BoundedCache<Key, Contraction> Plans = new(4096);
    private static readonly Layout Origin = Layout.Contiguous(Shape.Create([1]));

    /// <summary>c = a b; c overlaps none of them.</summary>
    public static void Write<T>(Factor<T> a, Factor<T> b, Matrix<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(a, b, c, 1, false);

    /// <summary>c = c - a b; c overlaps none of them.</summary>
    public static void Subtract<T>(Factor<T> a, Factor<T> b, Matrix<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(a, b, c, -1, true);

    private static void Run<T>(Factor<T> a, Factor<T> b, Matrix<T> c, double alpha, bool accumulate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (c.Rows == 0 || c.Columns == 0)
            return;
        var dtype = sizeof(T) == sizeof(float) ? DType.Float32 : DType.Float64;
        var key = new Key(
            c.Rows, a.Columns, c.Columns, (int)a.RowStride, (int)a.ColumnStride, (int)b.RowStride, (int)b.ColumnStride,
            (int)c.Stride, dtype);
        Plans.GetOrAdd(key, Plan).Run(
            View<T>(a.Start, dtype), View<T>(b.Start, dtype), View<T>(c.Start, dtype), alpha, accumulate);
    }

    private static Contraction Plan(Key key) => new(
        [new LoopAxis(key.Rows, key.RowA, 0, key.RowC), new LoopAxis(key.Columns, 0, key.ColumnB, 1)],
        [new LoopAxis(key.Depth, key.ColumnA, key.RowB, 0)],
        key.DType);

    private static View View<T>(nint start, DType dtype) where T : unmanaged =>
        new(Storage.Pinned((void*)start, sizeof(T)), Origin, dtype);

    /// <summary>Everything that a plan depends on.</summary>
    private readonly record struct Key(
        int Rows, int Depth, int Columns, int RowA, int ColumnA, int RowB, int ColumnB, int RowC, DType DType);
}
