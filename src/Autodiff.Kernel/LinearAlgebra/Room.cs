using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>
/// Memory that an algorithm works in: matrices and rows are cut from one rented array, which is given back at the end. A
/// thread keeps one room and uses it again and again: taking it allocates nothing.
/// </summary>
internal sealed unsafe class Room<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [ThreadStatic]
    private static Room<T>? spare;

    private T[] array = [];
    private GCHandle pin;
    private int used;

    private Room()
    {
    }

    /// <summary>A room of the calling thread's.</summary>
    /// <param name="length">The number of elements that will be taken at most.</param>
    public static Room<T> Take(long length)
    {
        var room = spare ?? new Room<T>();
        spare = null;
        room.array = ArrayPool<T>.Shared.Rent(checked((int)length));
        room.pin = GCHandle.Alloc(room.array, GCHandleType.Pinned);
        room.used = 0;
        return room;
    }

    /// <summary>Elements with any contents.</summary>
    public T* Row(int length)
    {
        if (length > array.Length - used)
            throw new InvalidOperationException("the room is too small");
        var start = (T*)pin.AddrOfPinnedObject() + used;
        used += length;
        return start;
    }

    /// <summary>Integers with any values.</summary>
    public long* Integers(int length) => (long*)Row((int)ForIntegers(length));

    /// <summary>How many elements so many integers take.</summary>
    public static long ForIntegers(int length) => (long)length * sizeof(long) / sizeof(T);

    /// <summary>Makes all of the room free again.</summary>
    public void Clear() => used = 0;

    /// <summary>A matrix with any contents.</summary>
    public Matrix<T> Matrix(int rows, int columns) => new(Row(rows * columns), rows, columns);

    /// <summary>Gives the memory back, and the room to its thread.</summary>
    public void Dispose()
    {
        if (!pin.IsAllocated)
            return;
        pin.Free();
        ArrayPool<T>.Shared.Return(array);
        array = [];
        spare = this;
    }
}
