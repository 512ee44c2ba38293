namespace Autodiff.Kernel;

/// <summary>What is computed of each matrix of a batch, and the results in order.</summary>
internal enum Factorization
{
    /// <summary>The lower triangular factor L of a symmetric positive definite matrix L L'.</summary>
    Cholesky,

    /// <summary>L and U in one matrix, the permutation of the rows (Int64), and (determinant, its sign, log |determinant|).</summary>
    Lu,

    /// <summary>The matrix of cofactors.</summary>
    Cofactors,

    /// <summary>The pseudo-inverse.</summary>
    PseudoInverse,

    /// <summary>The exponential.</summary>
    Exponential,

    /// <summary>Q, with orthonormal columns, and R, upper triangular.</summary>
    Qr,

    /// <summary>Eigenvalues, ascending, and eigenvectors, as columns, of a symmetric matrix.</summary>
    Eigen,

    /// <summary>U, the singular values, descending, and V'.</summary>
    Svd,
}
