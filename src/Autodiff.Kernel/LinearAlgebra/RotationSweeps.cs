using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// Plane rotations of neighbouring rows, kept until there are many and then applied to a strip of columns at a time: the
/// strip stays in the first-level cache while all rotations pass over it.
/// </summary>
/// <remarks>
/// A sweep is a chain of rotations along the rows, up or down: each rotates the row that the one before left with the
/// next, so that it stays in registers. Rotating rows x and y by (c, s) makes them c x + s y and c y - s x.
/// </remarks>
internal unsafe struct RotationSweeps<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The most sweeps that are kept.</summary>
    public const int MostSweeps = 256;

    // So many sweeps over all rows are kept.
    private const int WholeSweeps = 64;

    private readonly Matrix<T> target;
    private readonly Sweep* sweeps;
    private readonly T* rotations;
    private int sweepCount;
    private int rotationCount;

    /// <param name="target">The matrix whose rows are rotated.</param>
    /// <param name="sweeps">Memory for <see cref="MostSweeps"/> sweeps.</param>
    /// <param name="room">Where the rotations are kept.</param>
    public RotationSweeps(Matrix<T> target, Sweep* sweeps, Room<T> room)
    {
        this.target = target;
        this.sweeps = sweeps;
        rotations = room.Row((int)RoomFor(target.Rows));
    }

    /// <summary>The room that a matrix with so many rows needs.</summary>
    public static long RoomFor(int rows) => 3L * WholeSweeps * rows;

    /// <summary>Begins a sweep.</summary>
    /// <param name="row">The row x of the first rotation.</param>
    /// <param name="step">1 or -1: where row y lies from row x.</param>
    /// <param name="most">The most rotations that will follow.</param>
    public void Begin(int row, int step, int most)
    {
        if (sweepCount == MostSweeps || 3 * (rotationCount + most) > RoomFor(target.Rows))
            Apply();
        sweeps[sweepCount++] = new Sweep { Row = row, Step = step };
    }

    /// <summary>Adds a rotation to the sweep: of the row that the last one left, and the next.</summary>
    public void Add(T c, T s)
    {
        var rotation = rotations + (3 * rotationCount++);
        (rotation[0], rotation[1], rotation[2]) = (c, s, -s);
        sweeps[sweepCount - 1].Count++;
    }

    /// <summary>Applies what has been kept.</summary>
    public void Apply()
    {
        var work = new Strips(target, sweeps, rotations, sweepCount);
        var nanoseconds = (long)rotationCount * target.Columns / 4;
        if (rotationCount > 0)
            ForkJoin.Run(work, work.Count, nanoseconds);
        (sweepCount, rotationCount) = (0, 0);
    }

    /// <summary>The sweeps over one strip of columns each.</summary>
    private readonly struct Strips(Matrix<T> target, Sweep* sweeps, T* rotations, int count) : IWork
    {
        public int Count => (target.Columns + Width - 1) / Width;

        private static int Width => RotationStrip.Bytes / sizeof(T);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long item)
        {
            var first = (int)item * Width;
            var strip = Scratch.Take<T>(target.Rows * Width);
            var part = target.Part(0, first, target.Rows, Math.Min(Width, target.Columns - first));
            var copy = new Matrix<T>((nint)strip, part.Rows, part.Columns, Width);
            if (part.Columns < Width)
                new Span<T>(strip, target.Rows * Width).Clear();
            part.CopyTo(copy);
            var from = rotations;
            for (var i = 0; i < count; from += 3 * sweeps[i++].Count)
                RotationStrip.Run(sweeps[i], from, strip);
            copy.CopyTo(part);
        }
    }
}

/// <summary>A chain of rotations along rows.</summary>
internal struct Sweep
{
    public int Row;
    public int Step;
    public int Count;
}

/// <summary>Sweeps of rotations over a dense strip of columns.</summary>
internal static unsafe class RotationStrip
{
    /// <summary>The length of a row.</summary>
    public const int Bytes = 256;

    /// <summary>Runs a sweep.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(Sweep sweep, T* rotations, T* strip) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
            Run<T, Vector512<T>, Simd512<T>>(sweep, rotations, strip);
        else if (Vector256.IsHardwareAccelerated)
            Run<T, Vector256<T>, Simd256<T>>(sweep, rotations, strip);
        else
            Run<T, Vector128<T>, Simd128<T>>(sweep, rotations, strip);
    }

    /// <summary>Four vectors at a time: they hide each other's latency.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<T, TVector, TSimd>(Sweep sweep, T* rotations, T* strip)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        nint width = Bytes / sizeof(T), step = width * sweep.Step, w = TSimd.Width;
        for (nint column = 0; column < width; column += 4 * w)
        {
            var row = strip + (sweep.Row * width) + column;
            TVector x0 = TSimd.Load(row), x1 = TSimd.Load(row + w);
            TVector x2 = TSimd.Load(row + (2 * w)), x3 = TSimd.Load(row + (3 * w));
            var rotation = rotations;
            for (nint i = sweep.Count; i > 0; i--, rotation += 3)
            {
                var next = row + step;
                TVector c = TSimd.Broadcast(rotation[0]), s = TSimd.Broadcast(rotation[1]);
                var minus = TSimd.Broadcast(rotation[2]);
                TVector y0 = TSimd.Load(next), y1 = TSimd.Load(next + w);
                TSimd.Store(TSimd.MultiplyAdd(s, y0, TSimd.Multiply(c, x0)), row);
                TSimd.Store(TSimd.MultiplyAdd(s, y1, TSimd.Multiply(c, x1)), row + w);
                x0 = TSimd.MultiplyAdd(minus, x0, TSimd.Multiply(c, y0));
                x1 = TSimd.MultiplyAdd(minus, x1, TSimd.Multiply(c, y1));
                TVector y2 = TSimd.Load(next + (2 * w)), y3 = TSimd.Load(next + (3 * w));
                TSimd.Store(TSimd.MultiplyAdd(s, y2, TSimd.Multiply(c, x2)), row + (2 * w));
                TSimd.Store(TSimd.MultiplyAdd(s, y3, TSimd.Multiply(c, x3)), row + (3 * w));
                x2 = TSimd.MultiplyAdd(minus, x2, TSimd.Multiply(c, y2));
                x3 = TSimd.MultiplyAdd(minus, x3, TSimd.Multiply(c, y3));
                row = next;
            }

            TSimd.Store(x0, row);
            TSimd.Store(x1, row + w);
            TSimd.Store(x2, row + (2 * w));
            TSimd.Store(x3, row + (3 * w));
        }
    }
}
