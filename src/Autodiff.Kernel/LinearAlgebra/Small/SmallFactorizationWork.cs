using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The factorisation of a batch of small matrices, as many at a time as a vector has lanes. A single matrix goes the same
/// way, among copies of itself: what becomes of it does not depend on the batch.
/// </summary>
/// <param name="kind">What is computed.</param>
/// <param name="batch">The matrices.</param>
/// <param name="source">The element that the batch's layout starts from.</param>
/// <param name="one">The first result.</param>
/// <param name="two">The second result; the first, if there is none.</param>
/// <param name="three">The last result.</param>
/// <param name="failure">Receives the first failure, see <see cref="Failures"/>.</param>
internal readonly unsafe struct SmallFactorizationWork<T>(
    Factorization kind, MatrixBatch batch, T* source, Result<T> one, Result<T> two, Result<T> three, long* failure) : ILaneWork<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // The determinant, its sign, and the logarithm of its absolute value.
    private const int SummarySize = 3;

    /// <summary>Whether the matrices of a batch are factorised here.</summary>
    public static bool Takes(Factorization kind, MatrixBatch batch) => SmallBatches.AreSmall(batch) && kind switch
    {
        Factorization.Cholesky or Factorization.Lu => true,
        Factorization.Cofactors => batch.Rows <= SmallCofactors.MostRows,
        _ => false,
    };

    public void Run(long item) => SmallBatches.AtWidest<SmallFactorizationWork<T>, T>(this, item);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V>(long item) where V : struct, IVector<V, T>
    {
        var n = batch.Rows;
        using var room = Room<T>.Take(((2L * n * n) + n + SummarySize + 1) * V.Count);
        var (a, rows) = (LaneMatrices<V, T>.Of(room, n, n), LaneMatrices<V, T>.Of(room, n, 1));
        var (result, summary) = (LaneMatrices<V, T>.Of(room, n, n), LaneMatrices<V, T>.Of(room, 1, SummarySize));
        var state = LaneMatrices<V, T>.Of(room, 1, 1);
        var (first, end) = SmallBatches.Range(batch, item);
        for (var i = first; i < end; i += V.Count)
        {
            batch.Load(source, i, end, a);
            if (kind == Factorization.Cholesky)
                SmallCholesky.ClearUpper(a);
            state[0, 0] = Undefined(a);
            if (kind == Factorization.Cholesky)
                state[0, 0] += SmallCholesky.Factor(a);
            else if (kind == Factorization.Cofactors)
                SmallCofactors.Write(a, result);
            else
                SmallLu.Summarise(a, SmallLu.Factor(a, rows), summary);
            var count = Math.Min(V.Count, end - i);
            (kind == Factorization.Cofactors ? result : a).Store(one.At(i), count);
            if (kind == Factorization.Lu)
                Store(i, count, rows, summary);
            for (var lane = 0; lane < count; lane++)
                Judge(i + lane, *state.At(0, 0, lane));
        }
    }

    /// <summary>NaN where an element is not finite, else zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Undefined<V>(LaneMatrices<V, T> a) where V : struct, IVector<V, T>
    {
        V sum = 0;
        for (var i = 0; i < a.Rows; i++)
            for (var j = 0; j < a.Columns; j++)
                sum += a[i, j] * 0;
        return sum * 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Store<V>(int item, int count, LaneMatrices<V, T> rows, LaneMatrices<V, T> summary)
        where V : struct, IVector<V, T>
    {
        summary.Store(three.At(item), count);
        for (var lane = 0; lane < count; lane++)
            for (var i = 0; i < batch.Rows; i++)
                Permutation(item + lane)[i] = int.CreateTruncating(*rows.At(i, 0, lane));
    }

    /// <summary>
    /// The state of a matrix is NaN where it has elements that are not finite: so are its results then, and the permutation
    /// changes nothing. Else it is zero, or where the factorisation failed.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Judge(int item, T state)
    {
        if (state == T.Zero)
            return;
        if (!T.IsNaN(state))
        {
            Failures.Report(failure, item, int.CreateTruncating(state));
            return;
        }

        one.Elements(item).Fill(T.NaN);
        if (kind != Factorization.Lu)
            return;
        three.Elements(item).Fill(T.NaN);
        for (var i = 0; i < batch.Rows; i++)
            Permutation(item)[i] = i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long* Permutation(int item) => (long*)two.At(0) + ((nint)item * batch.Rows);
}
