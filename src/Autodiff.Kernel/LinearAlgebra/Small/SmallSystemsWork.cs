using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The solution of a batch of small systems, as many at a time as a vector has lanes: with triangular matrices, or with the
/// factors L and U of permuted ones.
/// </summary>
/// <param name="form">Which triangle is meant; of factors, only whether the transpose is.</param>
/// <param name="batch">The matrices.</param>
/// <param name="sides">The right sides.</param>
/// <param name="matrices">The element that the matrices' layout starts from.</param>
/// <param name="rows">The permutations of the rows; null for triangular matrices.</param>
/// <param name="b">The element that the right sides' layout starts from.</param>
/// <param name="result">The solutions, dense.</param>
/// <param name="failure">Receives the first failure, see <see cref="Failures"/>.</param>
internal readonly unsafe struct SmallSystemsWork<T>(
    TriangularForm form, MatrixBatch batch, MatrixBatch sides, T* matrices, long* rows, T* b, T* result, long* failure) : ILaneWork<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public void Run(long item) => SmallBatches.AtWidest<SmallSystemsWork<T>, T>(this, item);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V>(long item) where V : struct, IVector<V, T>
    {
        int n = batch.Rows, columns = sides.Columns;
        using var room = Room<T>.Take((((long)n * n) + (2L * n * columns)) * V.Count);
        var a = LaneMatrices<V, T>.Of(room, n, n);
        var (x, y) = (LaneMatrices<V, T>.Of(room, n, columns), LaneMatrices<V, T>.Of(room, n, columns));
        var (first, end) = SmallBatches.Range(batch, item);
        for (var i = first; i < end; i += V.Count)
        {
            var count = Math.Min(V.Count, end - i);
            batch.Load(matrices, i, end, a);
            sides.Load(b, i, end, x);
            for (var lane = 0; lane < count; lane++)
                Check(a, lane, i + lane);
            var solution = rows == null ? Solve(a, x) : form.IsTransposed ? SolveTransposed(a, i, x, y) : Solve(a, i, x, y);
            solution.Store(result + ((nint)i * n * columns), count);
        }
    }

    /// <summary>Reports a zero on the diagonal of what is no unit triangle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Check<V>(LaneMatrices<V, T> a, int lane, int item) where V : struct, IVector<V, T>
    {
        if (form.HasUnitDiagonal)
            return;
        for (var i = 0; i < a.Rows; i++)
        {
            if (*a.At(i, i, lane) == T.Zero)
            {
                Failures.Report(failure, item, i);
                return;
            }
        }
    }

    private LaneMatrices<V, T> Solve<V>(LaneMatrices<V, T> a, LaneMatrices<V, T> x) where V : struct, IVector<V, T>
    {
        SmallSubstitution.Solve(a, form, x);
        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private LaneMatrices<V, T> Solve<V>(LaneMatrices<V, T> a, int item, LaneMatrices<V, T> x, LaneMatrices<V, T> y)
        where V : struct, IVector<V, T>
    {
        for (var lane = 0; lane < V.Count; lane++)
            for (var i = 0; i < a.Rows; i++)
                x.CopyRow(Row(item + lane, i), y, i, lane);
        SmallSubstitution.Solve(a, new TriangularForm(true, false, true), y);
        SmallSubstitution.Solve(a, new TriangularForm(false, false, false), y);
        return y;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private LaneMatrices<V, T> SolveTransposed<V>(LaneMatrices<V, T> a, int item, LaneMatrices<V, T> x, LaneMatrices<V, T> y)
        where V : struct, IVector<V, T>
    {
        SmallSubstitution.Solve(a, new TriangularForm(false, true, false), x);
        SmallSubstitution.Solve(a, new TriangularForm(true, true, true), x);
        for (var lane = 0; lane < V.Count; lane++)
            for (var i = 0; i < a.Rows; i++)
                x.CopyRow(i, y, Row(item + lane, i), lane);
        return y;
    }

    /// <summary>The row of a matrix that row i of its factors' product is. Behind the last matrix it is that of the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Row(int item, int i) => (int)rows[((nint)Math.Min(item, batch.Count - 1) * batch.Rows) + i];
}
