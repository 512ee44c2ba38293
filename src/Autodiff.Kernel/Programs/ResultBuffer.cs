using System.Runtime.InteropServices;
using Autodiff.Kernel;

namespace Autodiff;

/// <summary>
/// Memory of the caller's own that a compiled function writes a result to, in row-major order. An array, or a
/// <see cref="Memory{T}"/>, of float, double, int, long or bool converts to it.
/// </summary>
public readonly struct ResultBuffer
{
    private readonly Array? array;
    private readonly int start;

    private ResultBuffer(Array? array, int start, int length, DType dtype) =>
        (this.array, this.start, Length, DType) = (array, start, length, dtype);

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The array's elements.</summary>
    /// <param name="array">The array.</param>
    public static implicit operator ResultBuffer(float[] array) => FromMemory<float>(array);

    /// <inheritdoc cref="op_Implicit(float[])"/>
    public static implicit operator ResultBuffer(double[] array) => FromMemory<double>(array);

    /// <inheritdoc cref="op_Implicit(float[])"/>
    public static implicit operator ResultBuffer(int[] array) => FromMemory<int>(array);

    /// <inheritdoc cref="op_Implicit(float[])"/>
    public static implicit operator ResultBuffer(long[] array) => FromMemory<long>(array);

    /// <inheritdoc cref="op_Implicit(float[])"/>
    public static implicit operator ResultBuffer(bool[] array) => FromMemory<bool>(array);

    /// <summary>The memory's elements.</summary>
    /// <param name="memory">A part of an array.</param>
    /// <exception cref="ArgumentException">The memory is no part of an array.</exception>
    public static implicit operator ResultBuffer(Memory<float> memory) => FromMemory(memory);

    /// <inheritdoc cref="op_Implicit(Memory{float})"/>
    public static implicit operator ResultBuffer(Memory<double> memory) => FromMemory(memory);

    /// <summary>The elements of any array or memory.</summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    /// <param name="memory">A part of an array.</param>
    /// <exception cref="ArgumentException">The memory is no part of an array.</exception>
    /// <exception cref="DTypeException">There is no such element type.</exception>
    public static ResultBuffer FromMemory<T>(Memory<T> memory) where T : unmanaged
    {
        var dtype = DTypes.Of<T>();
        return MemoryMarshal.TryGetArray((ReadOnlyMemory<T>)memory, out var part)
            ? new ResultBuffer(part.Array, part.Offset, part.Count, dtype)
            : throw new ArgumentException("the memory of a result is a part of an array; give other memory as a span");
    }

    internal Storage Storage => Storage.Part(array, start, Length, DType);
}
