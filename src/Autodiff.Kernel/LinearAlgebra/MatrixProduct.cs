using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// Products of blocks of matrices, for the algorithms that spend most of their time on them. The kernel of a product is
/// planned once for each set of sizes and strides.
/// </summary>
internal static unsafe class MatrixProduct
{
    // A product that is added to something goes through a buffer of about so many elements.
    private const int BufferSize = 8192;

    private static readonly BoundedCache<Key, Contraction> Plans = new(4096);
    private static readonly Layout Origin = Layout.Contiguous(Shape.Create([1]));

    [ThreadStatic]
    private static byte[]? buffer;

    /// <summary>c = a b; c overlaps none of them.</summary>
    public static void Write<T>(Factor<T> a, Factor<T> b, Matrix<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (c.Rows == 0 || c.Columns == 0)
            return;
        var dtype = sizeof(T) == sizeof(float) ? DType.Float32 : DType.Float64;
        var key = new Key(
            c.Rows, a.Columns, c.Columns, (int)a.RowStride, (int)a.ColumnStride, (int)b.RowStride, (int)b.ColumnStride,
            (int)c.Stride, dtype);
        Plans.GetOrAdd(key, Plan).Run(View<T>(a.Start, dtype), View<T>(b.Start, dtype), View<T>(c.Start, dtype));
    }

    /// <summary>c = c - a b; c overlaps none of them.</summary>
    public static void Subtract<T>(Factor<T> a, Factor<T> b, Matrix<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (c.Rows == 0 || c.Columns == 0 || a.Columns == 0)
            return;
        var rows = Math.Clamp(BufferSize / c.Columns, 1, c.Rows);
        var bytes = rows * c.Columns * sizeof(T);
        if (buffer is null || buffer.Length < bytes)
            buffer = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        fixed (byte* start = buffer)
            for (var row = 0; row < c.Rows; row += rows)
            {
                var count = Math.Min(rows, c.Rows - row);
                var product = new Matrix<T>((T*)start, count, c.Columns);
                var part = a with { Start = a.Start + (row * a.RowStride * sizeof(T)), Rows = count };
                Write(part, b, product);
                for (var i = 0; i < count; i++)
                    RowMath.AddScaled(T.NegativeOne, product.Row(i), c.Row(row + i), c.Columns);
            }
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
