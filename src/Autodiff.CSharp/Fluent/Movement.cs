namespace Autodiff.CSharp;

/// <summary>Operations that move elements without changing them.</summary>
public static class Movement
{
    /// <param name="x">The argument.</param>
    extension(Node x)
    {
        /// <summary>The elements in row-major order under another shape of the same size.</summary>
        /// <param name="shape">The sizes of the axes, one of which may be -1: as many as there are elements left for it.</param>
        /// <exception cref="ShapeException">The elements do not fill the shape.</exception>
        public Node Reshape(params IEnumerable<int> shape) => FSharp.Movement.reshape(shape, x);

        /// <summary>All elements as one axis.</summary>
        public Node Flatten() => FSharp.Movement.flatten(x);

        /// <summary>A new axis of size 1.</summary>
        /// <param name="axis">Its place in the result; a negative one counts from the end.</param>
        /// <exception cref="ShapeException">There is no such place.</exception>
        public Node Unsqueeze(int axis) => FSharp.Movement.unsqueeze(axis, x);

        /// <summary>The value without the given axes of size 1, or without all of them if none is given.</summary>
        /// <param name="axes">The axes.</param>
        /// <exception cref="ShapeException">There is no such axis, or its size is not 1.</exception>
        public Node Squeeze(params IEnumerable<int> axes) => FSharp.Movement.squeeze(axes, x);

        /// <summary>A part of the value, as the indexer gives it: <c>x.Slice(0, 1..3)</c> is <c>x[0, 1..3]</c>.</summary>
        /// <param name="slices">What to take along each axis.</param>
        /// <exception cref="ShapeException">An index is out of range, or there are more of them than axes.</exception>
        public Node Slice(params IEnumerable<Slice> slices) => FSharp.Movement.slice(slices, x);

        /// <summary>The value with zeros around it.</summary>
        /// <param name="widths">For each axis how many zeros stand before and after the elements.</param>
        /// <exception cref="ShapeException">There are not as many widths as axes, or one is negative.</exception>
        public Node Pad(params IEnumerable<(int Before, int After)> widths) => FSharp.Movement.pad(widths, x);

        /// <summary>
        /// Slices along an axis, picked by an array of whole numbers, whose axes take the place of that axis. A negative
        /// index counts from the end.
        /// </summary>
        /// <param name="indices">The positions, Int32 or Int64.</param>
        /// <param name="axis">The axis to pick from.</param>
        /// <exception cref="DTypeException">The indices are no whole numbers.</exception>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node Take(Node indices, int axis = 0) => FSharp.Movement.take(axis, indices, x);
    }
}
