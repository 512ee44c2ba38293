using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>Memory of the calling thread, on a cache line's boundary, that a kernel may use until it returns.</summary>
internal static unsafe class Scratch
{
    [ThreadStatic]
    private static byte[]? buffer;

    /// <summary>
    /// Room for some elements, with any contents. The next call from this thread may give the same place.
    /// </summary>
    public static T* Take<T>(int count) where T : unmanaged
    {
        var bytes = (count * Unsafe.SizeOf<T>()) + CacheLine.Bytes;
        if (buffer is null || buffer.Length < bytes)
            buffer = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        return CacheLine.From((T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(buffer)));
    }
}
