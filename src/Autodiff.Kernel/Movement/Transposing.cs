using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Copies a matrix whose source runs down the columns and whose destination runs along the rows.</summary>
internal static unsafe class Transposing
{
    // A tile's side: the elements of a cache line of floats, so that lines are read and written whole.
    private const int Side = 16;

    /// <summary>
    /// destination[r * rowStride + c * columnStride] = source[r + c * sourceStride] for every row r and column c.
    /// </summary>
    /// <remarks>
    /// Columns a power of two apart share a few sets of the cache and would push each other out: a tile goes
    /// through a buffer on the stack, so that each line of the source is touched once.
    /// </remarks>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(
        T* source, nint sourceStride, T* destination, nint rowStride, nint columnStride, int rows, int columns)
        where T : unmanaged
    {
        var tile = stackalloc T[Side * Side];
        for (nint row = 0; row < rows; row += Side)
            for (nint column = 0; column < columns; column += Side)
            {
                var (height, width) = (nint.Min(Side, rows - row), nint.Min(Side, columns - column));
                Load(source + row + (column * sourceStride), sourceStride, tile, height, width);
                var target = destination + (row * rowStride) + (column * columnStride);
                for (nint r = 0; r < height; r++)
                    StoreRow(tile + r, target + (r * rowStride), columnStride, width);
            }
    }

    /// <summary>The columns of a tile, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<T>(T* source, nint sourceStride, T* tile, nint height, nint width) where T : unmanaged
    {
        if (height == Side)
            for (nint c = 0; c < width; c++)
                Unsafe.CopyBlockUnaligned(tile + (c * Side), source + (c * sourceStride), (uint)(Side * sizeof(T)));
        else
            for (nint c = 0; c < width; c++)
                for (nint r = 0; r < height; r++)
                    tile[(c * Side) + r] = source[(c * sourceStride) + r];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<T>(T* tile, T* target, nint columnStride, nint width) where T : unmanaged
    {
        nint c = 0;
        if (columnStride == 1)
            for (; c <= width - 4; c += 4)
            {
                target[c] = tile[c * Side];
                target[c + 1] = tile[(c + 1) * Side];
                target[c + 2] = tile[(c + 2) * Side];
                target[c + 3] = tile[(c + 3) * Side];
            }

        for (; c < width; c++)
            target[c * columnStride] = tile[c * Side];
    }
}
