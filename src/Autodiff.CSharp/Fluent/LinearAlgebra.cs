namespace Autodiff.CSharp;

/// <summary>
/// Linear algebra over the matrices in the last two axes; the axes before them are batches. The methods of
/// <see cref="Ad"/> of the same names say more.
/// </summary>
public static class LinearAlgebra
{
    /// <param name="x">The matrices.</param>
    extension(Node x)
    {
        /// <summary>The lower triangular L for which L L' is the symmetric part of x.</summary>
        /// <exception cref="ShapeException">x is not square.</exception>
        public Node Cholesky() => Ad.Cholesky(x);

        /// <summary>The solution y of x y = b.</summary>
        /// <param name="b">The right-hand sides: a vector where it has one axis, else matrices; leading axes broadcast.</param>
        /// <exception cref="ShapeException">x is not square, or b does not fit it.</exception>
        public Node Solve(Node b) => Ad.Solve(x, b);

        /// <summary>The solution y of t y = b, where t is a triangle of x; the other triangle is not read.</summary>
        /// <param name="b">The right-hand sides: a vector where it has one axis, else matrices; leading axes broadcast.</param>
        /// <param name="lower">Whether t is the lower triangle.</param>
        /// <param name="transposed">Whether t is transposed.</param>
        /// <param name="unitDiagonal">Whether t has ones for its diagonal.</param>
        /// <exception cref="ShapeException">x is not square, or b does not fit it.</exception>
        public Node TriangularSolve(Node b, bool lower = true, bool transposed = false, bool unitDiagonal = false) =>
            Ad.TriangularSolve(x, b, lower, transposed, unitDiagonal);

        /// <summary>The inverse.</summary>
        /// <exception cref="ShapeException">x is not square.</exception>
        public Node Inv() => Ad.Inv(x);

        /// <summary>The determinant.</summary>
        /// <exception cref="ShapeException">x is not square.</exception>
        public Node Det() => Ad.Det(x);

        /// <summary>The sign of the determinant and the logarithm of its absolute value.</summary>
        /// <exception cref="ShapeException">x is not square.</exception>
        public (Node Sign, Node LogAbsDet) Slogdet() => Ad.Slogdet(x);

        /// <summary>The exponential of a square matrix.</summary>
        /// <exception cref="ShapeException">x is not square.</exception>
        public Node Expm() => Ad.Expm(x);

        /// <summary>Q, with orthonormal columns, and R, upper triangular, for which Q R is x.</summary>
        /// <exception cref="ShapeException">x has fewer than two axes.</exception>
        public (Node Q, Node R) Qr() => Ad.Qr(x);

        /// <summary>The eigenvalues, ascending, and eigenvectors, as columns, of the symmetric part of x.</summary>
        /// <exception cref="ShapeException">x is not square.</exception>
        public (Node Values, Node Vectors) Eigh() => Ad.Eigh(x);

        /// <summary>The eigenvalues, ascending, of the symmetric part of x.</summary>
        /// <exception cref="ShapeException">x is not square.</exception>
        public Node Eigvalsh() => Ad.Eigvalsh(x);

        /// <summary>U, the singular values S, descending, and V' for which U S V' is x.</summary>
        /// <exception cref="ShapeException">x has fewer than two axes.</exception>
        public (Node U, Node S, Node Vt) Svd() => Ad.Svd(x);

        /// <summary>The singular values, descending.</summary>
        /// <exception cref="ShapeException">x has fewer than two axes.</exception>
        public Node Svdvals() => Ad.Svdvals(x);

        /// <summary>The pseudo-inverse of Moore and Penrose.</summary>
        /// <param name="rcond">Singular values up to so many times the largest count as zero.</param>
        /// <exception cref="ShapeException">x has fewer than two axes.</exception>
        /// <exception cref="ArgumentException"><paramref name="rcond"/> is negative or NaN.</exception>
        public Node Pinv(double? rcond = null) => Ad.Pinv(x, rcond);

        /// <summary>The y of least norm among those that make |x y - b| least.</summary>
        /// <param name="b">The right-hand sides: a vector where it has one axis, else matrices; leading axes broadcast.</param>
        /// <exception cref="ShapeException">b does not fit x.</exception>
        public Node Lstsq(Node b) => Ad.Lstsq(x, b);

        /// <summary>The sum of the singular values.</summary>
        /// <exception cref="ShapeException">x has fewer than two axes.</exception>
        public Node NuclearNorm() => Ad.NuclearNorm(x);
    }
}
