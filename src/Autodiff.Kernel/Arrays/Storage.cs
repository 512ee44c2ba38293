using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>
/// Bytes that kernels read and write: a piece of a managed array (an NDArray's elements, a result, a slot of an arena),
/// or memory that a caller has pinned.
/// </summary>
internal readonly struct Storage
{
    private readonly Array? owner;
    private readonly nint start;

    private Storage(Array? owner, nint start, nint bytes)
    {
        this.owner = owner;
        this.start = start;
        Bytes = bytes;
    }

    /// <summary>How many bytes there are.</summary>
    public nint Bytes { get; }

    public static Storage Of(NDArray array)
    {
        var size = array.DType.Size();
        return new Storage(array.Data, (nint)array.Offset * size, (nint)array.Length * size);
    }

    public static Storage Of<T>(T[] array) where T : unmanaged =>
        new(array, 0, (nint)array.Length * Unsafe.SizeOf<T>());

    /// <summary>So many elements of an array, from <paramref name="start"/> on.</summary>
    public static Storage Part(Array? array, int start, int length, DType dtype) =>
        new(array ?? Array.Empty<byte>(), (nint)start * dtype.Size(), (nint)length * dtype.Size());

    /// <summary>A piece of an arena, from <paramref name="start"/> on.</summary>
    public static Storage Slot(byte[] arena, nint start, nint bytes) =>
        (nuint)start + (nuint)bytes <= (nuint)arena.Length
            ? new Storage(arena, start, bytes)
            : throw new ArgumentOutOfRangeException(nameof(start));

    /// <summary>Memory that stays pinned for as long as this value is used.</summary>
    public static unsafe Storage Pinned(void* start, nint bytes) => new(null, (nint)start, bytes);

    /// <summary>The same memory from so many bytes on.</summary>
    public Storage From(nint bytes) => new(owner, start + bytes, Bytes - bytes);

    /// <summary>The elements, as many as fit.</summary>
    public Span<T> Span<T>() where T : unmanaged =>
        MemoryMarshal.CreateSpan(ref Reference<T>(), (int)(Bytes / Unsafe.SizeOf<T>()));

    /// <summary>The first element.</summary>
    public unsafe ref T Reference<T>() where T : unmanaged =>
        ref owner is null
            ? ref Unsafe.AsRef<T>((void*)start)
            : ref Unsafe.As<byte, T>(ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(owner), start));
}
