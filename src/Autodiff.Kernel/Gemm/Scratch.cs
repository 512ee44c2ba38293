using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>Memory of the calling thread, on a cache line's boundary, that a kernel may use until it returns.</summary>
internal static unsafe class Scratch
{
    private const int Alignment = 64;

    [ThreadStatic]
    private static byte[]? buffer;

    /// <summary>
    /// Room for some elements, with any contents. The next call from this thread may give the same place.
    /// </summary>
    public static T* Take<T>(int count) where T : unmanaged
    {
        var bytes = (count * Unsafe.SizeOf<T>()) + Alignment;
        if (buffer is null || buffer.Length < bytes)
            buffer = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        var start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(buffer));
        return (T*)((start + Alignment - 1) & -Alignment);
    }
}
