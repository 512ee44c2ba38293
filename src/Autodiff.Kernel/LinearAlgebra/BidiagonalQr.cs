using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The singular values and vectors of an upper bidiagonal matrix by implicit QR steps, without a shift where one would
/// cost small singular values their digits (Demmel and Kahan, "Accurate singular values of bidiagonal matrices", 1990;
/// the shift and the tests are those of LAPACK's bdsqr, the latter with a tolerance of our own).
/// </summary>
internal static unsafe class BidiagonalQr
{
    // Two or three steps find a singular value.
    private const int MaxStepsPerValue = 60;

    /// <summary>
    /// Overwrites the diagonal by the singular values, descending, and rotates the rows of two matrices, which become
    /// the left and right singular vectors. Gives whether the steps came to an end.
    /// </summary>
    /// <param name="d">The diagonal.</param>
    /// <param name="e">What stands above it; destroyed.</param>
    /// <param name="left">As many rows as the diagonal is long.</param>
    /// <param name="right">Likewise.</param>
    /// <param name="room">Where rotations are kept.</param>
    [SkipLocalsInit]
    public static bool Run<T>(T* d, T* e, Matrix<T> left, Matrix<T> right, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Sweep* leftMemory = stackalloc Sweep[RotationSweeps<T>.MostSweeps];
        Sweep* rightMemory = stackalloc Sweep[RotationSweeps<T>.MostSweeps];
        var lefts = new RotationSweeps<T>(left, leftMemory, room);
        var rights = new RotationSweeps<T>(right, rightMemory, room);
        var converged = Diagonalise(d, e, left.Rows, ref lefts, ref rights);
        lefts.Apply();
        rights.Apply();
        Arrange(d, left, right);
        return converged;
    }

    /// <summary>The room that a matrix of n rows needs.</summary>
    public static long RoomFor(int n) => 2 * RotationSweeps<double>.RoomFor(n);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Diagonalise<T>(
        T* d, T* e, int n, ref RotationSweeps<T> lefts, ref RotationSweeps<T> rights)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var threshold = Threshold(d, e, n);
        var (isDown, before) = (true, (First: n, Last: n));
        var steps = (long)MaxStepsPerValue * n;
        for (var last = n - 1; last > 0; steps--)
        {
            var first = last;
            while (first > 0 && T.Abs(e[first - 1]) > threshold)
                first--;
            if (first > 0)
                e[first - 1] = T.Zero;
            if (first == last)
            {
                last--;
                continue;
            }

            if (steps <= 0)
                return false;

            // A block is chased from its larger end to its smaller one: what is small comes out first.
            if (first > before.Last || last < before.First)
                isDown = T.Abs(d[first]) >= T.Abs(d[last]);
            before = (first, last);
            if (isDown)
                Step(new Bidiagonal<T>(d + first, e + first, 1, last - first, first), n, threshold, ref lefts, ref rights);
            else
                Step(new Bidiagonal<T>(d + last, e + last - 1, -1, last - first, last), n, threshold, ref rights, ref lefts);
        }

        return true;
    }

    /// <summary>A step, or where one neighbour of the diagonal is negligible only that.</summary>
    private static void Step<T>(
        Bidiagonal<T> block, int n, T threshold, ref RotationSweeps<T> lefts, ref RotationSweeps<T> rights)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Deflate(block, out var least))
            return;
        lefts.Begin(block.Row, block.Step, block.Count);
        rights.Begin(block.Row, block.Step, block.Count);
        var shift = Shift(block, n, least);
        if (shift == T.Zero)
            ChaseWithoutShift(block, ref lefts, ref rights);
        else
            Chase(block, shift, ref lefts, ref rights);
        if (T.Abs(block.E(block.Count - 1)) <= threshold)
            block.E(block.Count - 1) = T.Zero;
    }

    /// <summary>
    /// Sets a neighbour of the diagonal that changes no singular value's digits to zero. Otherwise gives a lower bound
    /// of the singular values.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Deflate<T>(Bidiagonal<T> block, out T least)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var tolerance = Negligible<T>();
        var bound = least = T.Abs(block.D(0));
        ref var lastOff = ref block.E(block.Count - 1);
        if (T.Abs(lastOff) <= tolerance * T.Abs(block.D(block.Count)))
        {
            lastOff = T.Zero;
            return true;
        }

        for (var i = 0; i < block.Count; i++)
        {
            var off = T.Abs(block.E(i));
            if (off <= tolerance * bound)
            {
                block.E(i) = T.Zero;
                return true;
            }

            bound = T.Abs(block.D(i + 1)) * (bound / (bound + off));
            least = T.Min(least, bound);
        }

        return false;
    }

    /// <summary>
    /// The smaller singular value of the last two rows and columns; zero where subtracting it would lose the digits of
    /// small ones.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Shift<T>(Bidiagonal<T> block, int n, T least) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var epsilon = Epsilon<T>();
        var tolerance = ShiftTolerance<T>();
        var largest = T.Abs(block.D(block.Count));
        for (var i = 0; i < block.Count; i++)
            largest = T.Max(largest, T.Max(T.Abs(block.D(i)), T.Abs(block.E(i))));
        if (T.CreateChecked(n) * tolerance * (least / largest) <= T.Max(epsilon, tolerance / T.CreateChecked(100)))
            return T.Zero;
        var shift = SmallerValue(
            T.Abs(block.D(block.Count - 1)), T.Abs(block.E(block.Count - 1)), T.Abs(block.D(block.Count)));
        var ratio = shift / T.Abs(block.D(0));
        return ratio * ratio < epsilon ? T.Zero : shift;
    }

    /// <summary>The smaller singular value of the matrix (f, g; 0, h) without overflow or cancellation, as LAPACK's las2.</summary>
    private static T SmallerValue<T>(T f, T g, T h) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (small, large, two) = (T.Min(f, h), T.Max(f, h), T.One + T.One);
        if (small == T.Zero)
            return T.Zero;
        var (sum, difference) = (T.One + (small / large), (large - small) / large);
        if (g < large)
        {
            var square = g / large * (g / large);
            return small * two / (T.Sqrt((sum * sum) + square) + T.Sqrt((difference * difference) + square));
        }

        var ratio = large / g;
        if (ratio == T.Zero)
            return small * large / g;
        var (p, q) = (sum * ratio, difference * ratio);
        return small / (T.Sqrt(T.One + (p * p)) + T.Sqrt(T.One + (q * q))) * ratio * two;
    }

    /// <summary>A QR step with a shift: rotations of columns and rows chase a bulge along the block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Chase<T>(
        Bidiagonal<T> block, T shift, ref RotationSweeps<T> lefts, ref RotationSweeps<T> rights)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var start = block.D(0);
        T f = (T.Abs(start) - shift) * (T.CopySign(T.One, start) + (shift / start)), g = block.E(0);
        for (var i = 0; i < block.Count; i++)
        {
            ref T d = ref block.D(i), e = ref block.E(i), next = ref block.D(i + 1);
            var r = PlaneRotation.Find(f, g, out var c, out var s);
            if (i > 0)
                block.E(i - 1) = r;
            rights.Add(c, s);
            f = (c * d) + (s * e);
            e = (c * e) - (s * d);
            g = s * next;
            next = c * next;
            d = PlaneRotation.Find(f, g, out c, out s);
            lefts.Add(c, s);
            f = (c * e) + (s * next);
            next = (c * next) - (s * e);
            if (i + 1 == block.Count)
                break;
            g = s * block.E(i + 1);
            block.E(i + 1) = c * block.E(i + 1);
        }

        block.E(block.Count - 1) = f;
    }

    /// <summary>A QR step without a shift, by multiplications and divisions only: no digit is lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ChaseWithoutShift<T>(
        Bidiagonal<T> block, ref RotationSweeps<T> lefts, ref RotationSweeps<T> rights)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T c = T.One, leftC = T.One, leftS = T.Zero;
        for (var i = 0; i < block.Count; i++)
        {
            var r = PlaneRotation.Find(block.D(i) * c, block.E(i), out c, out var s);
            rights.Add(c, s);
            if (i > 0)
                block.E(i - 1) = leftS * r;
            block.D(i) = PlaneRotation.Find(leftC * r, block.D(i + 1) * s, out leftC, out leftS);
            lefts.Add(leftC, leftS);
        }

        var end = block.D(block.Count) * c;
        block.D(block.Count) = end * leftC;
        block.E(block.Count - 1) = end * leftS;
    }

    /// <summary>What is negligible beside the smallest singular value, of which this takes a lower bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Threshold<T>(T* d, T* e, int n) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var bound = n == 0 ? T.Zero : T.Abs(d[0]);
        var least = bound;
        for (var i = 1; i < n && least > T.Zero; i++)
        {
            bound = T.Abs(d[i]) * (bound / (bound + T.Abs(e[i - 1])));
            least = T.Min(least, bound);
        }

        var count = T.CreateChecked(n);
        var smallest = T.ScaleB(T.One, sizeof(T) == sizeof(float) ? -126 : -1022);
        return T.Max(Negligible<T>() * least / T.Sqrt(count), T.CreateChecked(6) * count * count * smallest);
    }

    private static T Epsilon<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        T.ScaleB(T.One, sizeof(T) == sizeof(float) ? -24 : -53);

    /// <summary>
    /// What an element beside the diagonal may be relative to the diagonal to count as zero. The vectors are wrong by as
    /// much over the gap between two values: LAPACK's hundred roundings for doubles would save few steps, as each cubes
    /// what is left.
    /// </summary>
    private static T Negligible<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        T.CreateChecked(10) * Epsilon<T>();

    /// <summary>What digits of the smallest value a shift may cost, LAPACK's tolerance.</summary>
    private static T ShiftTolerance<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        T.CreateChecked(sizeof(T) == sizeof(float) ? 10 : 98) * Epsilon<T>();

    /// <summary>Values that are not negative, in descending order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Arrange<T>(T* values, Matrix<T> left, Matrix<T> right)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < left.Rows; i++)
            if (T.IsNegative(values[i]))
            {
                values[i] = -values[i];
                RowMath.Negate(right.Row(i), right.Columns);
            }

        for (var i = 0; i < left.Rows; i++)
        {
            var largest = i;
            for (var j = i + 1; j < left.Rows; j++)
                if (values[j] > values[largest])
                    largest = j;
            if (largest == i)
                continue;
            (values[i], values[largest]) = (values[largest], values[i]);
            RowMath.Swap(left.Row(i), left.Row(largest), left.Columns);
            RowMath.Swap(right.Row(i), right.Row(largest), right.Columns);
        }
    }

    /// <summary>
    /// A block of a bidiagonal matrix, seen from its first or its last row: with its order reversed, its transpose is
    /// bidiagonal too, and rows and columns change places.
    /// </summary>
    private readonly struct Bidiagonal<T>(T* d, T* e, int step, int count, int row)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        /// <summary>Where the next row lies.</summary>
        public int Step => step;

        /// <summary>The number of neighbours of the diagonal.</summary>
        public int Count => count;

        /// <summary>The number of the first row in the whole matrix.</summary>
        public int Row => row;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref T D(int i) => ref d[(nint)i * step];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref T E(int i) => ref e[(nint)i * step];
    }
}
