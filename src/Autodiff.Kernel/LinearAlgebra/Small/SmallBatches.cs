using System.Numerics;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>Work over vectors of any width.</summary>
internal interface ILaneWork<T> : IWork
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Does an item of work with vectors of one width.</summary>
    void Run<V>(long item) where V : struct, IVector<V, T>;
}

/// <summary>Which batches are of small matrices, and how these are shared among threads.</summary>
internal static class SmallBatches
{
    /// <summary>The rows, and the right sides, of the largest matrices that are taken together.</summary>
    private const int MostRows = 8;

    // An item of work is about so many nanoseconds.
    private const long ItemNanoseconds = 10_000;

    /// <summary>Whether the matrices are small, and there are any.</summary>
    public static bool AreSmall(MatrixBatch matrices) =>
        matrices.Rows is > 0 and <= MostRows && matrices.Columns is > 0 and <= MostRows;

    /// <summary>Does the work for all matrices, on all threads.</summary>
    public static void Run<TWork>(in TWork work, MatrixBatch matrices) where TWork : struct, IWork =>
        ForkJoin.Run(
            work, (matrices.Count + ItemSize(matrices) - 1) / ItemSize(matrices),
            matrices.Count * MatrixNanoseconds(matrices));

    /// <summary>Does an item of work with the widest vectors of the machine.</summary>
    public static void AtWidest<TWork, T>(in TWork work, long item)
        where TWork : struct, ILaneWork<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
            work.Run<Wide512<T>>(item);
        else if (Vector256.IsHardwareAccelerated)
            work.Run<Wide256<T>>(item);
        else
            work.Run<Wide128<T>>(item);
    }

    /// <summary>The first matrix of an item, and the one after its last.</summary>
    public static (int First, int End) Range(MatrixBatch matrices, long item) =>
        ((int)(item * ItemSize(matrices)), (int)Math.Min(matrices.Count, (item + 1) * ItemSize(matrices)));

    private static long ItemSize(MatrixBatch matrices) => ItemNanoseconds / MatrixNanoseconds(matrices);

    private static long MatrixNanoseconds(MatrixBatch matrices) =>
        10 + ((long)matrices.Rows * matrices.Rows * matrices.Rows / 2);
}
