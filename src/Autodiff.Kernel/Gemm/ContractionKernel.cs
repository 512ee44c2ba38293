using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A way to contract two operands of fixed shapes and strides. The work is a number of items that write to different
/// places and may run in any order, on any threads: where they begin and end depends on the shapes and strides only.
/// </summary>
internal abstract unsafe class ContractionKernel
{
    /// <summary>The number of items of work.</summary>
    public long Items { get; protected init; }

    /// <summary>How long all items take on one thread for each byte of an element, about.</summary>
    protected double NanosecondsOfByte { get; init; }

    /// <summary>About how long all items take on one thread, for elements of so many bytes.</summary>
    public long Nanoseconds(int bytes) => (long)(NanosecondsOfByte * bytes);

    /// <summary>Runs one item; the pointers are those of the operands' and the result's first elements.</summary>
    public abstract void Run<T>(T* a, T* b, T* c, long item) where T : unmanaged, INumber<T>;

    /// <summary>What runs, in words.</summary>
    public abstract override string ToString();
}
