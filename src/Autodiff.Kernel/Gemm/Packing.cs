using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Copies between a strided matrix and a contiguous one in row-major order.</summary>
internal static unsafe class Packing
{
    /// <summary>packed[r, c] = source[r * rowStride + c * columnStride].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strip<T>(T* source, nint rowStride, nint columnStride, int rows, int columns, T* packed)
        where T : unmanaged
    {
        if (columnStride == 1)
            for (nint row = 0; row < rows; row++)
                Unsafe.CopyBlockUnaligned(
                    packed + (row * columns), source + (row * rowStride), (uint)(columns * sizeof(T)));
        else if (rowStride == 1)
            Transposing.Run(source, columnStride, packed, columns, 1, rows, columns);
        else
            Copy(source, rowStride, columnStride, packed, columns, 1, rows, columns);
    }

    /// <summary>target[r * rowStride + c * columnStride] = packed[r, c].</summary>
    public static void Unpack<T>(T* packed, int rows, int columns, T* target, nint rowStride, nint columnStride)
        where T : unmanaged => Copy(packed, columns, 1, target, rowStride, columnStride, rows, columns);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy<T>(
        T* source, nint sourceRow, nint sourceColumn, T* target, nint targetRow, nint targetColumn,
        int rows, int columns)
        where T : unmanaged
    {
        for (nint row = 0; row < rows; row++)
            for (nint column = 0; column < columns; column++)
                target[(row * targetRow) + (column * targetColumn)] =
                    source[(row * sourceRow) + (column * sourceColumn)];
    }
}
