using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>
/// .NET arrays with room to begin on the boundary of a cache line, where they are large. A vector that straddles two
/// lines takes two reads of the cache, and loops over large arrays do little else than read. Their memory is recycled.
/// </summary>
internal static unsafe class LargeArrays
{
    // The collector leaves arrays of so many bytes where they are; where it is told to move them, the boundary is lost
    // and nothing else.
    private const int LeastBytes = 85_000;
    private const int Line = CacheLine.Bytes;

    /// <summary>A new array and the position of the first of its elements that are meant.</summary>
    /// <param name="length">The number of elements that are meant.</param>
    /// <param name="isZeroed">Whether they are zero; undefined elsewhere.</param>
    public static (T[] Array, int Start) New<T>(int length, bool isZeroed) where T : unmanaged
    {
        if ((long)length * sizeof(T) < LeastBytes)
            return (isZeroed ? new T[length] : GC.AllocateUninitializedArray<T>(length), 0);
        var spare = length > Array.MaxLength - Line ? 0 : (Line / sizeof(T)) - 1;
        var array = RecycledArrays<T>.Take(length + spare, isZeroed);
        if (spare == 0)
            return (array, 0);
        var address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        return (array, (int)((-address & (Line - 1)) / sizeof(T)));
    }
}
