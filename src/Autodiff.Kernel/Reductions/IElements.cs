using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The elements that a reduction combines, by their offsets in memory that may not exist.</summary>
/// <typeparam name="T">The element type.</typeparam>
internal unsafe interface IElements<T> where T : unmanaged
{
    /// <summary>The most consecutive elements that can be had at once.</summary>
    static abstract int Longest { get; }

    /// <summary>
    /// Consecutive elements, at most <see cref="Longest"/>. They stay until the same buffer, one of
    /// four, is asked for again.
    /// </summary>
    T* Run(nint position, nint count, int buffer = 0);

    /// <summary>Elements that are not consecutive, copied to where the caller has room.</summary>
    T* Gather(nint position, nint stride, nint count, T* target);
}

/// <summary>Elements in memory.</summary>
internal readonly unsafe struct MemoryElements<T>(T* start) : IElements<T> where T : unmanaged, INumber<T>
{
    public static int Longest => int.MaxValue;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T* Run(nint position, nint count, int buffer = 0) => start + position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T* Gather(nint position, nint stride, nint count, T* target) =>
        StridedElements.Gather(start + position, stride, count, target);
}

/// <summary>The last output of a loop, computed when it is asked for.</summary>
internal readonly unsafe ref struct ComputedElements<T>(FlatLoop loop) : IElements<T> where T : unmanaged, INumber<T>
{
    public static int Longest => FlatLoop.Longest;

    private readonly FlatLoop loop = loop;

    public T* Run(nint position, nint count, int buffer = 0) => (T*)loop.Compute(position, count, buffer);

    public T* Gather(nint position, nint stride, nint count, T* target) =>
        throw new NotSupportedException("a loop computes consecutive elements");
}
