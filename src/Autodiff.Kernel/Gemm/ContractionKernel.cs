using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A way to contract two operands of fixed shapes and strides. The work is a number of items that write to different
/// places and may run in any order, on any threads: where they begin and end depends on the shapes and strides only.
/// </summary>
internal abstract unsafe class ContractionKernel
{
    /// <summary>The number of items of work.</summary>
    public abstract long Items { get; }

    /// <summary>About how long all items take on one thread, for elements of so many bytes.</summary>
    public abstract long Nanoseconds(int bytes);

    /// <summary>Runs one item; the pointers are those of the operands' and the result's first elements.</summary>
    public abstract void Run<T>(T* a, T* b, T* c, long item) where T : unmanaged, INumber<T>;

    /// <summary>What runs, in words.</summary>
    public abstract override string ToString();
}
