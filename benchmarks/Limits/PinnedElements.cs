using System.Runtime.InteropServices;

namespace Autodiff.Benchmarks.Limits;

/// <summary>The elements of a managed array, which stays where it is: rivals use the same memory as the kernel.</summary>
internal sealed unsafe class PinnedElements<T> : IDisposable
    where T : unmanaged
{
    private readonly long offset;
    private GCHandle handle;

    /// <summary>The elements of an array of ours.</summary>
    public PinnedElements(NDArray array) : this(array.Data, array.Offset, array.Length)
    {
    }

    /// <summary>New elements, all 0.</summary>
    public PinnedElements(int count) : this(new T[count], 0, count) => new Span<T>(Start, count).Clear();

    private PinnedElements(Array array, int offset, int count)
    {
        this.offset = offset;
        Count = count;
        handle = GCHandle.Alloc(array, GCHandleType.Pinned);
    }

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>The first element.</summary>
    public T* Start => (T*)handle.AddrOfPinnedObject() + offset;

    /// <summary>The bytes of all elements.</summary>
    public double Bytes => (double)Count * sizeof(T);

    public void Dispose() => handle.Free();
}
