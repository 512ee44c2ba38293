using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Walks the positions of a nest of axes in row-major order and keeps the offset of each operand. After the last
/// position it stands at the first again. Without axes there is one position.
/// </summary>
internal struct Odometer
{
    private readonly LoopAxis[] axes;
    private readonly int[] index;

    public Odometer(LoopAxis[] axes)
    {
        this.axes = axes;
        index = axes.Length == 0 ? [] : new int[axes.Length];
    }

    public nint A { get; private set; }

    public nint B { get; private set; }

    public nint C { get; private set; }

    /// <summary>An odometer at a position, counted in row-major order.</summary>
    public static Odometer At(LoopAxis[] axes, long position)
    {
        var odometer = new Odometer(axes);
        for (var i = axes.Length - 1; i >= 0; i--)
        {
            (position, var index) = Math.DivRem(position, axes[i].Size);
            odometer.index[i] = (int)index;
            odometer.Move(axes[i], (nint)index);
        }

        return odometer;
    }

    /// <summary>Goes to the next position; false where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Next()
    {
        for (var i = axes.Length - 1; i >= 0; i--)
        {
            var axis = axes[i];
            if (++index[i] < axis.Size)
            {
                Move(axis, 1);
                return true;
            }

            Move(axis, 1 - axis.Size);
            index[i] = 0;
        }

        return false;
    }

    private void Move(LoopAxis axis, nint steps)
    {
        A += steps * axis.A;
        B += steps * axis.B;
        C += steps * axis.C;
    }
}
