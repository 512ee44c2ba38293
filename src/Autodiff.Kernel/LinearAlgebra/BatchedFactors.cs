using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// Factorisations of batches of matrices of one layout. A matrix with an element that is not finite gives NaN throughout; one
/// that has no such factorisation throws a <see cref="NumericalException"/> that names it.
/// </summary>
/// <param name="kind">What is computed.</param>
/// <param name="cutoff">Of a pseudo-inverse, which singular values count as zero.</param>
/// <param name="source">The layout of the matrices, which may be strided.</param>
internal sealed unsafe class BatchedFactors(Factorization kind, double cutoff, Layout source)
{
    private readonly MatrixBatch batch = new(source);

    /// <summary>Writes the results, which are dense, for each matrix.</summary>
    /// <exception cref="NumericalException">A matrix has no such factorisation.</exception>
    public void Run(View matrices, ReadOnlySpan<View> results)
    {
        if (matrices.DType == DType.Float32)
            Run<float>(matrices, results);
        else
            Run<double>(matrices, results);
    }

    private void Run<T>(View matrices, ReadOnlySpan<View> results)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (batch.Count == 0)
            return;
        View first = results[0], second = results[Math.Min(1, results.Length - 1)], third = results[^1];
        var failure = Failures.None;
        fixed (T* from = &matrices.Storage.Reference<T>(), one = &first.Storage.Reference<T>())
        fixed (T* two = &second.Storage.Reference<T>(), three = &third.Storage.Reference<T>())
        {
            Result<T> a = new(one, first.Shape.Size / batch.Count), b = new(two, second.Shape.Size / batch.Count);
            var c = new Result<T>(three, third.Shape.Size / batch.Count);
            if (SmallFactorizationWork<T>.Takes(kind, batch))
                SmallBatches.Run(new SmallFactorizationWork<T>(kind, batch, from, a, b, c, &failure), batch);
            else
                new FactorizationWork<T>(kind, T.CreateChecked(cutoff), batch, from, a, b, c, &failure).Run();
        }

        if (failure != Failures.None)
            Throw(Failures.Item(failure), Failures.Place(failure));
    }

    private void Throw(int item, int failure)
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
