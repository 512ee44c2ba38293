using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>Memory that an algorithm works in: matrices and rows are cut from one rented array, which is given back at the end.</summary>
internal sealed unsafe class Room<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] array;
    private GCHandle pin;
    private int used;

    /// <param name="length">The number of elements that will be taken at most.</param>
    public Room(long length)
    {
        array = ArrayPool<T>.Shared.Rent(checked((int)length));
        pin = GCHandle.Alloc(array, GCHandleType.Pinned);
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

    public void Dispose()
    {
        if (pin.IsAllocated)
        {
            pin.Free();
            ArrayPool<T>.Shared.Return(array);
        }
    }
}
