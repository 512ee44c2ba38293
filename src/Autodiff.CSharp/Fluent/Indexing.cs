namespace Autodiff.CSharp;

/// <summary>Elements chosen by arrays of whole numbers, and by their place in a matrix.</summary>
public static class Indexing
{
    /// <param name="x">The argument.</param>
    extension(Node x)
    {
        /// <summary>
        /// Along an axis, the elements whose positions are given, as NumPy's <c>take_along_axis</c>: the other axes of x and
        /// indices broadcast. A negative index counts from the end.
        /// </summary>
        /// <param name="indices">The positions, Int32 or Int64, with as many axes as x.</param>
        /// <param name="axis">The axis to choose from.</param>
        /// <exception cref="DTypeException">The indices are no whole numbers.</exception>
        /// <exception cref="ShapeException">The shapes do not fit, or an index that is known is out of range.</exception>
        public Node TakeAlongAxis(Node indices, int axis) => FSharp.Indexing.takeAlongAxis(axis, indices, x);

        /// <summary>
        /// Along an axis, the elements whose positions are given, as PyTorch's <c>gather</c>: the shape is that of the
        /// indices, whose other axes may be shorter than those of x.
        /// </summary>
        /// <param name="indices">The positions, Int32 or Int64, with as many axes as x.</param>
        /// <param name="axis">The axis to choose from.</param>
        /// <exception cref="DTypeException">The indices are no whole numbers.</exception>
        /// <exception cref="ShapeException">The shapes do not fit, or an index that is known is out of range.</exception>
        public Node Gather(Node indices, int axis) => FSharp.Indexing.gather(axis, indices, x);

        /// <summary>
        /// The value with updates added along an axis at the positions that <see cref="Gather"/> would read; what meets in
        /// one place is summed.
        /// </summary>
        /// <param name="indices">The positions, Int32 or Int64, with as many axes as x.</param>
        /// <param name="updates">What is added; its axes are as long as those of the indices, or longer.</param>
        /// <param name="axis">The axis.</param>
        /// <exception cref="DTypeException">The indices are no whole numbers.</exception>
        /// <exception cref="ShapeException">The shapes do not fit, or an index that is known is out of range.</exception>
        public Node ScatterAdd(Node indices, Node updates, int axis) =>
            FSharp.Indexing.scatterAdd(axis, indices, updates, x);

        /// <summary>For each index a one among zeros, along a new last axis. An index outside gives zeros alone.</summary>
        /// <param name="size">The size of the new axis.</param>
        /// <param name="dtype">The element type of the result.</param>
        /// <exception cref="DTypeException">x holds no whole numbers.</exception>
        /// <exception cref="ShapeException">The size is negative.</exception>
        public Node OneHot(int size, DType dtype = DType.Float64) => FSharp.Indexing.oneHot(size, dtype, x);

        /// <summary>The diagonal of two axes, as the last axis of the result.</summary>
        /// <param name="offset">Which diagonal: a positive number moves it to the right, a negative one down.</param>
        /// <param name="axis1">The axis of the rows.</param>
        /// <param name="axis2">The axis of the columns.</param>
        /// <exception cref="ShapeException">There are not two such axes.</exception>
        public Node Diagonal(int offset = 0, int axis1 = -2, int axis2 = -1) =>
            FSharp.Diagonals.diagonalWith(offset, axis1, axis2, x);

        /// <summary>The sum of the diagonal of two axes.</summary>
        /// <param name="offset">Which diagonal: a positive number moves it to the right, a negative one down.</param>
        /// <param name="axis1">The axis of the rows.</param>
        /// <param name="axis2">The axis of the columns.</param>
        /// <exception cref="ShapeException">There are not two such axes.</exception>
        public Node Trace(int offset = 0, int axis1 = -2, int axis2 = -1) =>
            FSharp.Diagonals.traceWith(offset, axis1, axis2, x);

        /// <summary>The last axis on a diagonal of two axes of the result, and zeros around it.</summary>
        /// <param name="offset">Which diagonal: a positive number moves it to the right, a negative one down.</param>
        /// <param name="axis1">The axis of the rows in the result.</param>
        /// <param name="axis2">The axis of the columns in the result.</param>
        /// <exception cref="ShapeException">x is a scalar, or there are not two such axes.</exception>
        public Node DiagEmbed(int offset = 0, int axis1 = -2, int axis2 = -1) =>
            FSharp.Diagonals.diagEmbedWith(offset, axis1, axis2, x);

        /// <summary>The diagonal of a matrix; the matrix with a vector on its diagonal.</summary>
        /// <param name="offset">Which diagonal: a positive number moves it to the right, a negative one down.</param>
        /// <exception cref="ShapeException">x is neither vector nor matrix.</exception>
        public Node Diag(int offset = 0) => FSharp.Diagonals.diagWith(offset, x);

        /// <summary>The lower triangle of the last two axes, up to and with a diagonal; zeros elsewhere.</summary>
        /// <param name="offset">Which diagonal: a positive number moves it to the right, a negative one down.</param>
        /// <exception cref="ShapeException">There are not two axes.</exception>
        public Node Tril(int offset = 0) => FSharp.Diagonals.trilWith(offset, x);

        /// <summary>The upper triangle of the last two axes, from a diagonal on; zeros elsewhere.</summary>
        /// <param name="offset">Which diagonal: a positive number moves it to the right, a negative one down.</param>
        /// <exception cref="ShapeException">There are not two axes.</exception>
        public Node Triu(int offset = 0) => FSharp.Diagonals.triuWith(offset, x);
    }
}
