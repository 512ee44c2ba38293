namespace Autodiff.CSharp;

public static partial class Ad
{
    /// <summary>
    /// The contraction that subscripts describe, such as <c>"ij,jk->ik"</c>: NumPy's whole language, with any number of
    /// operands, implicit results, ellipses, repeated labels and axes of size 1 that broadcast.
    /// </summary>
    /// <param name="subscripts">A label for each axis of each operand, and those of the result.</param>
    /// <param name="operands">The operands, which are brought to one element type.</param>
    /// <exception cref="EinsumException">The subscripts cannot be read, or do not fit the shapes.</exception>
    public static Node Einsum(string subscripts, params IEnumerable<Node> operands) =>
        FSharp.Products.einsum(subscripts, operands);

    /// <summary>
    /// In which order the operands of an einsum are contracted, two at a time, and what that costs: the order with the
    /// fewest operations for up to twelve operands, the best of several greedy ones for more.
    /// </summary>
    /// <param name="subscripts">The subscripts.</param>
    /// <param name="shapes">The shapes of the operands.</param>
    /// <param name="sizeLimit">The most elements that an array between two steps may have.</param>
    /// <exception cref="EinsumException">
    /// The subscripts cannot be read, or do not fit the shapes, or no order is within the limit.
    /// </exception>
    public static ContractionPath EinsumPath(
        string subscripts, IEnumerable<Shape> shapes, long sizeLimit = long.MaxValue) =>
        Autodiff.Einsum.Path(subscripts, [.. shapes], sizeLimit);

    /// <summary>
    /// How an einsum of Float32 operands of given shapes is computed, as text: for each step what it reads and writes,
    /// the sizes, the operations and the kernel.
    /// </summary>
    /// <param name="subscripts">The subscripts.</param>
    /// <param name="shapes">The shapes of the operands.</param>
    /// <exception cref="EinsumException">The subscripts cannot be read, or do not fit the shapes.</exception>
    public static string ExplainEinsum(string subscripts, params IEnumerable<Shape> shapes) =>
        FSharp.Products.explainEinsum(subscripts, shapes);

    /// <summary>
    /// The matrix product over the last axis of x and the last but one of y, with NumPy's rules for every rank: leading
    /// axes are batches that broadcast, and a vector counts as a row on the left and as a column on the right.
    /// </summary>
    /// <param name="x">The left factor.</param>
    /// <param name="y">The right factor.</param>
    /// <exception cref="ShapeException">The shapes do not fit, or a factor is a scalar.</exception>
    public static Node MatMul(Node x, Node y) => FSharp.Products.matmul(x, y);

    /// <summary>The product of every element of x with every element of y: the axes of x, then those of y.</summary>
    /// <param name="x">The one factor.</param>
    /// <param name="y">The other factor.</param>
    public static Node Outer(Node x, Node y) => FSharp.Products.outer(x, y);

    /// <summary>The parts joined along an axis that they already have; their other sizes are the same.</summary>
    /// <param name="parts">The parts, at least one.</param>
    /// <param name="axis">The axis; a negative one counts from the end.</param>
    /// <exception cref="ShapeException">There is no part, or the other sizes differ.</exception>
    public static Node Concat(IEnumerable<Node> parts, int axis = 0) => FSharp.Movement.concat(axis, parts);

    /// <summary>Parts of the same shape joined along a new axis.</summary>
    /// <param name="parts">The parts, at least one.</param>
    /// <param name="axis">The place of the new axis in the result; a negative one counts from the end.</param>
    /// <exception cref="ShapeException">There is no part, or the shapes differ.</exception>
    public static Node Stack(IEnumerable<Node> parts, int axis = 0) => FSharp.Movement.stack(axis, parts);
}
