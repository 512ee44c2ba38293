namespace Autodiff.CSharp;

/// <summary>
/// How many elements are not zero, and whether any or all are not. NaN is not zero; truth values count as 1 and 0.
/// </summary>
public static class Counts
{
    /// <param name="x">The argument.</param>
    extension(Node x)
    {
        /// <summary>How many elements over an axis are not zero, as Int64.</summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node CountNonzero(int? axis = null, bool keepDims = false) =>
            x.CountNonzero(Reductions.Axes(axis), keepDims);

        /// <summary>How many elements over axes are not zero, as Int64.</summary>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
        public Node CountNonzero(IEnumerable<int> axes, bool keepDims = false) =>
            Reductions.Kept("countNonzero", x, axes, keepDims, FSharp.Reductions.countNonzero(axes, x));

        /// <summary>Whether any element over an axis is not zero; of no elements, none is.</summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node Any(int? axis = null, bool keepDims = false) => x.Any(Reductions.Axes(axis), keepDims);

        /// <summary>Whether any element over axes is not zero; of no elements, none is.</summary>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
        public Node Any(IEnumerable<int> axes, bool keepDims = false) =>
            Reductions.Kept("any", x, axes, keepDims, FSharp.Reductions.any(axes, x));

        /// <summary>Whether all elements over an axis are not zero; of no elements, all are.</summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node All(int? axis = null, bool keepDims = false) => x.All(Reductions.Axes(axis), keepDims);

        /// <summary>Whether all elements over axes are not zero; of no elements, all are.</summary>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
        public Node All(IEnumerable<int> axes, bool keepDims = false) =>
            Reductions.Kept("all", x, axes, keepDims, FSharp.Reductions.all(axes, x));
    }
}
