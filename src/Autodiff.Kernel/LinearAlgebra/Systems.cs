using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Systems of linear equations with batches of triangular matrices, of one layout. The operands may be strided, the
/// result is dense.
/// </summary>
/// <param name="form">Which triangle is meant.</param>
/// <param name="matrices">The layout of the matrices.</param>
/// <param name="b">The layout of the right sides.</param>
internal sealed unsafe class TriangularSystems(TriangularForm form, Layout matrices, Layout b)
{
    private readonly TriangularForm form = form;
    private readonly MatrixBatch batch = new(matrices);
    private readonly MatrixBatch sides = new(b);

    /// <summary>Solves the systems.</summary>
    /// <exception cref="NumericalException">A diagonal has a zero.</exception>
    public void Run(View matrices, View b, View result)
    {
        if (result.DType == DType.Float32)
            Run<float>(matrices, b, result);
        else
            Run<double>(matrices, b, result);
    }

    private void Run<T>(View matrices, View b, View result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var failure = Failures.None;
        fixed (T* from = &matrices.Storage.Reference<T>(), right = &b.Storage.Reference<T>())
        fixed (T* to = &result.Storage.Reference<T>())
        {
            if (SmallBatches.AreSmall(batch) && SmallBatches.AreSmall(sides))
                SmallBatches.Run(new SmallSystemsWork<T>(form, batch, sides, from, null, right, to, &failure), batch);
            else
                Systems.Run(new Work<T>(this, from, right, to, &failure), batch, sides);
        }

        Systems.Check(batch, failure);
    }

    private readonly struct Work<T>(TriangularSystems systems, T* matrices, T* b, T* result, long* failure) : IWork
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long item)
        {
            var (batch, sides) = (systems.batch, systems.sides);
            using var room = Room<T>.Take((long)batch.Rows * batch.Rows);
            var matrix = room.Matrix(batch.Rows, batch.Rows);
            var (first, end) = Systems.Range(batch, sides, item);
            for (var i = first; i < end; i++)
            {
                var x = new Matrix<T>(result + ((nint)i * sides.Rows * sides.Columns), sides.Rows, sides.Columns);
                batch.Load(matrices, i, matrix);
                sides.Load(b, i, x);
                if (Substitution.Solve(matrix, systems.form, x) is >= 0 and var pivot)
                    Failures.Report(failure, i, pivot);
            }
        }
    }
}

/// <summary>Systems with batches of matrices that are given by dense LU factors and permutations.</summary>
/// <param name="isTransposed">Whether the transposes of the matrices are meant.</param>
/// <param name="factors">The layout of the factors.</param>
/// <param name="b">The layout of the right sides, which may be strided.</param>
internal sealed unsafe class FactoredSystems(bool isTransposed, Layout factors, Layout b)
{
    private readonly bool isTransposed = isTransposed;
    private readonly MatrixBatch batch = new(factors);
    private readonly MatrixBatch sides = new(b);

    /// <summary>Solves the systems; the result is dense.</summary>
    /// <exception cref="NumericalException">A matrix is singular.</exception>
    public void Run(View factors, View rows, View b, View result)
    {
        if (result.DType == DType.Float32)
            Run<float>(factors, rows, b, result);
        else
            Run<double>(factors, rows, b, result);
    }

    private void Run<T>(View factors, View rows, View b, View result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var failure = Failures.None;
        fixed (T* from = &factors.Storage.Reference<T>(), right = &b.Storage.Reference<T>())
        fixed (T* to = &result.Storage.Reference<T>())
        fixed (long* places = &rows.Storage.Reference<long>())
        {
            if (SmallBatches.AreSmall(batch) && SmallBatches.AreSmall(sides))
                SmallBatches.Run(
                    new SmallSystemsWork<T>(
                        new TriangularForm(false, isTransposed, false), batch, sides, from, places, right, to, &failure),
                    batch);
            else
                Systems.Run(new Work<T>(this, from, places, right, to, &failure), batch, sides);
        }

        Systems.Check(batch, failure);
    }

    private readonly struct Work<T>(
        FactoredSystems systems, T* factors, long* rows, T* b, T* result, long* failure) : IWork
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long item)
        {
            var (batch, sides) = (systems.batch, systems.sides);
            nint n = batch.Rows;
            using var room = Room<T>.Take((long)sides.Rows * sides.Columns);
            var right = room.Matrix(sides.Rows, sides.Columns);
            var (first, end) = Systems.Range(batch, sides, item);
            for (var i = first; i < end; i++)
            {
                var matrix = new Matrix<T>(factors + (i * n * n), batch.Rows, batch.Rows);
                var x = new Matrix<T>(result + ((nint)i * right.Size), right.Rows, right.Columns);
                sides.Load(b, i, right);
                if (LuFactors.Solve(matrix, rows + (i * n), systems.isTransposed, right, x) is >= 0 and var pivot)
                    Failures.Report(failure, i, pivot);
            }
        }
    }
}

/// <summary>How the systems of a batch are shared among threads: an item of work is a few of them, or one.</summary>
internal static class Systems
{
    // Systems of less work than this share an item.
    private const long ItemNanoseconds = 10_000;

    /// <summary>Runs the work over all systems.</summary>
    public static void Run<TWork>(in TWork work, MatrixBatch matrices, MatrixBatch sides) where TWork : struct, IWork
    {
        var size = ItemSize(matrices, sides);
        ForkJoin.Run(work, (matrices.Count + size - 1) / size, matrices.Count * Nanoseconds(matrices, sides));
    }

    /// <summary>The first system of an item, and the one after its last.</summary>
    public static (int First, int End) Range(MatrixBatch matrices, MatrixBatch sides, long item)
    {
        var size = ItemSize(matrices, sides);
        return ((int)(item * size), (int)Math.Min(matrices.Count, (item + 1) * size));
    }

    /// <summary>Throws if there is a failure.</summary>
    /// <exception cref="NumericalException">A matrix is singular.</exception>
    public static void Check(MatrixBatch matrices, long failure)
    {
        if (failure != Failures.None)
            throw new NumericalException(
                $"solve: {matrices.Name(Failures.Item(failure))} is singular: pivot {Failures.Place(failure)} is zero");
    }

    private static long ItemSize(MatrixBatch matrices, MatrixBatch sides) =>
        Math.Max(1, ItemNanoseconds / Nanoseconds(matrices, sides));

    /// <summary>About how long one system takes on one thread.</summary>
    private static long Nanoseconds(MatrixBatch matrices, MatrixBatch sides) =>
        50 + ((long)matrices.Rows * matrices.Rows * (1 + sides.Columns) / 4);
}
