using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// Runs factorisations over batches of matrices. A matrix with an element that is not finite gives NaN throughout; one
/// that has no such factorisation throws a <see cref="NumericalException"/> that names it.
/// </summary>
internal static unsafe class BatchedFactors
{
    /// <summary>Writes the results, which are dense, for each matrix of the source, which may be strided.</summary>
    public static void Run(Factorization kind, double cutoff, View source, ReadOnlySpan<View> results)
    {
        if (source.DType == DType.Float32)
            Run<float>(kind, cutoff, source, results);
        else
            Run<double>(kind, cutoff, source, results);
    }

    private static void Run<T>(Factorization kind, double cutoff, View source, ReadOnlySpan<View> results)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var batch = new MatrixBatch(source.Layout);
        if (batch.Count == 0)
            return;
        View first = results[0], second = results[Math.Min(1, results.Length - 1)], third = results[^1];
        var failure = FactorizationWork<T>.NoFailure;
        fixed (T* from = &source.Storage.Reference<T>(), one = &first.Storage.Reference<T>())
        fixed (T* two = &second.Storage.Reference<T>(), three = &third.Storage.Reference<T>())
        {
            var work = new FactorizationWork<T>(
                kind, T.CreateChecked(cutoff), batch, from,
                new Result<T>(one, first.Shape.Size / batch.Count), new Result<T>(two, second.Shape.Size / batch.Count),
                new Result<T>(three, third.Shape.Size / batch.Count), &failure);
            ForkJoin.Run(work, work.Items, work.Nanoseconds);
        }

        if (failure != FactorizationWork<T>.NoFailure)
            Throw(kind, batch, (int)(failure >> 32), (int)failure);
    }

    private static void Throw(Factorization kind, MatrixBatch batch, int item, int failure)
    {
        var name = batch.Name(item);
        throw new NumericalException(kind switch
        {
            Factorization.Cholesky =>
                $"cholesky: {name} is not positive definite: the leading minor of order {failure} is not positive",
            Factorization.Eigen => $"eigh: eigenvalue {failure} of {name} did not converge",
            Factorization.Exponential => $"expm: {name} is too large",
            Factorization.PseudoInverse => $"pinv: the singular values of {name} did not converge",
            Factorization.Cofactors => $"det: the singular values of {name} did not converge",
            _ => $"svd: {name} did not converge",
        });
    }
}
