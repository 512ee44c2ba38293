namespace Autodiff.CSharp;

/// <summary>
/// Norms of vectors and matrices. Where a norm has a kink, at zero above all, its derivative of every order is 0.
/// </summary>
public static class Norms
{
    /// <param name="x">The argument.</param>
    extension(Node x)
    {
        /// <summary>
        /// The norm of any order over an axis: the p-th root of the sum of |x|^p; of order 0 the number of elements that
        /// are not zero, of order infinity the largest, of order -infinity the smallest absolute value.
        /// </summary>
        /// <param name="order">The order.</param>
        /// <param name="axis">The axis; all of them if not given, as those of one long vector.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or an extremum of nothing is asked.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is NaN.</exception>
        public Node VectorNorm(double order, int? axis = null, bool keepDims = false) =>
            x.VectorNorm(order, Reductions.Axes(axis), keepDims);

        /// <summary>The norm of any order over axes, taken as those of one long vector.</summary>
        /// <param name="order">The order.</param>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or an extremum of nothing is asked.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is NaN.</exception>
        public Node VectorNorm(double order, IEnumerable<int> axes, bool keepDims = false) =>
            Reductions.Kept("vectorNorm", x, axes, keepDims, FSharp.Norms.vectorNorm(order, axes, x));

        /// <summary>
        /// The norm of the matrices in two axes: Frobenius, or an extremum of the sums of absolute values of rows or
        /// columns.
        /// </summary>
        /// <param name="kind">Which norm.</param>
        /// <param name="row">The axis along which rows follow each other.</param>
        /// <param name="column">The axis along which columns follow each other.</param>
        /// <param name="keepDims">Whether the reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice, or an extremum of nothing is asked.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such norm.</exception>
        public Node MatrixNorm(
            MatrixNorm kind = Autodiff.MatrixNorm.Frobenius, int row = -2, int column = -1, bool keepDims = false) =>
            Reductions.Kept("matrixNorm", x, [row, column], keepDims, FSharp.Norms.matrixNormWith(kind, row, column, x));
    }
}
