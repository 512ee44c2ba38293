using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Walks the positions of a nest of axes in row-major order and keeps the offset of each operand. After the last
/// position it stands at the first again. Without axes there is one position. Up to sixteen axes it takes no memory of
/// its own.
/// </summary>
internal struct Odometer
{
    private readonly LoopAxis[] axes;
    private readonly int[]? many;
    private readonly LoopAxis inner;
    private int innerLeft;
    private Indices few;

    public Odometer(LoopAxis[] axes)
    {
        this.axes = axes;
        many = axes.Length > Indices.Count ? new int[axes.Length] : null;
        inner = axes.Length == 0 ? new LoopAxis(1, 0, 0, 0) : axes[^1];
        innerLeft = inner.Size;
    }

    public nint A { get; private set; }

    public nint B { get; private set; }

    public nint C { get; private set; }

    /// <summary>How many positions are left along the innermost axis, with this one.</summary>
    public readonly int Run => innerLeft;

    /// <summary>An odometer at a position, counted in row-major order.</summary>
    public static Odometer At(LoopAxis[] axes, long position)
    {
        var odometer = new Odometer(axes);
        for (var i = axes.Length - 1; i >= 0; i--)
        {
            (position, var index) = Math.DivRem(position, axes[i].Size);
            if (i == axes.Length - 1)
                odometer.innerLeft -= (int)index;
            else
                odometer.Index(i) = (int)index;
            odometer.Move(axes[i], (nint)index);
        }

        return odometer;
    }

    /// <summary>Goes to the next position; false where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next()
    {
        if (--innerLeft == 0)
            return Carry();
        Move(inner, 1);
        return true;
    }

    /// <summary>Goes on by so many positions, at most those that are left along the innermost axis.</summary>
    public bool Next(int steps)
    {
        Move(inner, steps - 1);
        innerLeft -= steps - 1;
        return Next();
    }

    /// <summary>From the end of the innermost axis to its beginning, one step on along the others.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private bool Carry()
    {
        innerLeft = inner.Size;
        Move(inner, 1 - inner.Size);
        for (var i = axes.Length - 2; i >= 0; i--)
        {
            ref readonly var axis = ref axes[i];
            ref var index = ref Index(i);
            if (++index < axis.Size)
            {
                Move(axis, 1);
                return true;
            }

            Move(axis, 1 - axis.Size);
            index = 0;
        }

        return false;
    }

    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref int Index(int axis)
    {
        if (many is not null)
            return ref many[axis];
        return ref few[axis];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Move(in LoopAxis axis, nint steps)
    {
        A += steps * axis.A;
        B += steps * axis.B;
        C += steps * axis.C;
    }

    [InlineArray(Count)]
    private struct Indices
    {
        public const int Count = 16;

        private int first;
    }
}
