using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Copies a small matrix whose source runs down the columns and whose destination runs along the rows.</summary>
internal static unsafe class Transposing
{
    /// <summary>
    /// destination[r * rowStride + c * columnStride] = source[r + c * sourceStride] for every row r and column c.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(
        T* source, nint sourceStride, T* destination, nint rowStride, nint columnStride, int rows, int columns)
        where T : unmanaged
    {
        // Four by four at a time: four short reads and four short writes of whole neighbours keep the ports busy.
        var row = 0;
        for (; row <= rows - 4; row += 4)
        {
            var column = 0;
            if (columnStride == 1)
                for (; column <= columns - 4; column += 4)
                    FourByFour(source + row + (column * sourceStride), sourceStride,
                        destination + (row * rowStride) + column, rowStride);
            for (; column < columns; column++)
            {
                var from = source + row + (column * sourceStride);
                var to = destination + (row * rowStride) + (column * columnStride);
                (to[0], to[rowStride], to[2 * rowStride], to[3 * rowStride]) = (from[0], from[1], from[2], from[3]);
            }
        }

        for (; row < rows; row++)
            for (var column = 0; column < columns; column++)
                destination[(row * rowStride) + (column * columnStride)] = source[row + (column * sourceStride)];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourByFour<T>(T* source, nint sourceStride, T* destination, nint rowStride) where T : unmanaged
    {
        T* c0 = source, c1 = c0 + sourceStride, c2 = c1 + sourceStride, c3 = c2 + sourceStride;
        for (var row = 0; row < 4; row++, destination += rowStride)
            (destination[0], destination[1], destination[2], destination[3]) = (c0[row], c1[row], c2[row], c3[row]);
    }
}
