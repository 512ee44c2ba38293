namespace Autodiff.CSharp;

/// <content>
/// Linear algebra over the matrices in the last two axes; the axes before them are batches. Whole numbers are computed in
/// Float64. A matrix with an infinity or a NaN gives NaN; one that has no such factorisation, or that is singular where it
/// must not be, throws <see cref="NumericalException"/> when the graph is evaluated.
/// </content>
public static partial class Ad
{
    /// <summary>
    /// The lower triangular L with a positive diagonal for which L L' is x. Of x its symmetric part (x + x')/2 is taken, so
    /// that the gradient is symmetric. A matrix that is not positive definite throws <see cref="NumericalException"/>.
    /// </summary>
    /// <param name="x">The matrices.</param>
    /// <exception cref="ShapeException">x is not square.</exception>
    public static Node Cholesky(Node x) => FSharp.LinearAlgebra.cholesky(x);

    /// <summary>
    /// The solution x of a x = b, by LU factors with partial pivoting. A singular a throws <see cref="NumericalException"/>.
    /// </summary>
    /// <param name="a">The matrices.</param>
    /// <param name="b">The right-hand sides: a vector where it has one axis, else matrices; leading axes broadcast.</param>
    /// <exception cref="ShapeException">a is not square, or b does not fit it.</exception>
    public static Node Solve(Node a, Node b) => FSharp.LinearAlgebra.solve(a, b);

    /// <summary>The solution x of t x = b, where t is a triangle of a; the other triangle is not read.</summary>
    /// <param name="a">The matrices.</param>
    /// <param name="b">The right-hand sides: a vector where it has one axis, else matrices; leading axes broadcast.</param>
    /// <param name="lower">Whether t is the lower triangle.</param>
    /// <param name="transposed">Whether t is transposed.</param>
    /// <param name="unitDiagonal">Whether t has ones for its diagonal.</param>
    /// <exception cref="ShapeException">a is not square, or b does not fit it.</exception>
    public static Node TriangularSolve(
        Node a, Node b, bool lower = true, bool transposed = false, bool unitDiagonal = false) =>
        FSharp.LinearAlgebra.triangularSolveWith(lower, transposed, unitDiagonal, a, b);

    /// <summary>The inverse. A singular matrix throws <see cref="NumericalException"/>.</summary>
    /// <param name="x">The matrices.</param>
    /// <exception cref="ShapeException">x is not square.</exception>
    public static Node Inv(Node x) => FSharp.LinearAlgebra.inv(x);

    /// <summary>
    /// The determinant. Its derivative, the cofactors, is exact for singular matrices too, and so is the second one; the
    /// third and higher ones are exact where no singular value is far smaller than the largest, or where all are distinct.
    /// </summary>
    /// <param name="x">The matrices.</param>
    /// <exception cref="ShapeException">x is not square.</exception>
    public static Node Det(Node x) => FSharp.LinearAlgebra.det(x);

    /// <summary>
    /// The sign of the determinant and the logarithm of its absolute value, which neither overflows nor vanishes: 0 and
    /// -inf for a singular matrix, whose logarithm has no derivative (<see cref="NumericalException"/>).
    /// </summary>
    /// <param name="x">The matrices.</param>
    /// <exception cref="ShapeException">x is not square.</exception>
    public static (Node Sign, Node LogAbsDet) Slogdet(Node x) => FSharp.LinearAlgebra.slogdet(x);

    /// <summary>The exponential of a square matrix, by scaling and squaring; its derivatives of every order are exact.</summary>
    /// <param name="x">The matrices.</param>
    /// <exception cref="ShapeException">x is not square.</exception>
    public static Node Expm(Node x) => FSharp.LinearAlgebra.expm(x);

    /// <summary>
    /// Q, with orthonormal columns, and R, upper triangular, for which Q R is x: Q is m x k and R is k x n for the smaller
    /// size k. Signs are as LAPACK's reflections give them: R's diagonal may be negative. The derivative needs the first k
    /// columns of x to be independent.
    /// </summary>
    /// <param name="x">The matrices, of any size.</param>
    /// <exception cref="ShapeException">x has fewer than two axes.</exception>
    public static (Node Q, Node R) Qr(Node x) => FSharp.LinearAlgebra.qr(x);

    /// <summary>
    /// The eigenvalues, ascending, and orthonormal eigenvectors, as columns, of a symmetric matrix. Of x its symmetric part
    /// (x + x')/2 is taken. Of each vector the component of the largest absolute value, the first of several, is positive.
    /// Where eigenvalues are equal their vectors are any basis; derivatives then leave out what would divide by zero.
    /// </summary>
    /// <param name="x">The matrices.</param>
    /// <exception cref="ShapeException">x is not square.</exception>
    public static (Node Values, Node Vectors) Eigh(Node x) => FSharp.LinearAlgebra.eigh(x);

    /// <summary>The eigenvalues, ascending, of a symmetric matrix; of x its symmetric part is taken.</summary>
    /// <param name="x">The matrices.</param>
    /// <exception cref="ShapeException">x is not square.</exception>
    public static Node Eigvalsh(Node x) => FSharp.LinearAlgebra.eigvalsh(x);

    /// <summary>
    /// U, the singular values S, descending, and V' for which U S V' is x: U is m x k, S has k elements and V' is k x n for
    /// the smaller size k. Of each column of U the component of the largest absolute value, the first of several, is
    /// positive. Where singular values are equal or zero, derivatives leave out what would divide by zero.
    /// </summary>
    /// <param name="x">The matrices, of any size.</param>
    /// <exception cref="ShapeException">x has fewer than two axes.</exception>
    public static (Node U, Node S, Node Vt) Svd(Node x) => FSharp.LinearAlgebra.svd(x);

    /// <summary>The singular values, descending.</summary>
    /// <param name="x">The matrices, of any size.</param>
    /// <exception cref="ShapeException">x has fewer than two axes.</exception>
    public static Node Svdvals(Node x) => FSharp.LinearAlgebra.svdvals(x);

    /// <summary>
    /// The pseudo-inverse of Moore and Penrose. Its derivative holds as long as the rank stays the same.
    /// </summary>
    /// <param name="x">The matrices, of any size.</param>
    /// <param name="rcond">
    /// Singular values up to so many times the largest count as zero; the larger size times the element type's epsilon if
    /// not given.
    /// </param>
    /// <exception cref="ShapeException">x has fewer than two axes.</exception>
    /// <exception cref="ArgumentException"><paramref name="rcond"/> is negative or NaN.</exception>
    public static Node Pinv(Node x, double? rcond = null) =>
        rcond is { } given ? FSharp.LinearAlgebra.pinvWith(given, x) : FSharp.LinearAlgebra.pinv(x);

    /// <summary>
    /// The x of least norm among those that make |a x - b| least: the pseudo-inverse of a times b.
    /// </summary>
    /// <param name="a">The matrices, of any size and rank.</param>
    /// <param name="b">The right-hand sides: a vector where it has one axis, else matrices; leading axes broadcast.</param>
    /// <exception cref="ShapeException">b does not fit a.</exception>
    public static Node Lstsq(Node a, Node b) => FSharp.LinearAlgebra.lstsq(a, b);

    /// <summary>The sum of the singular values. Those that are zero to rounding have derivative 0.</summary>
    /// <param name="x">The matrices, of any size.</param>
    /// <exception cref="ShapeException">x has fewer than two axes.</exception>
    public static Node NuclearNorm(Node x) => FSharp.LinearAlgebra.nuclearNorm(x);
}
