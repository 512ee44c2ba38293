namespace Autodiff.CSharp;

/// <summary>
/// Order along axes. Sorting is stable: equal elements keep their order; NaN counts as larger than every number.
/// Derivatives follow the elements to their places.
/// </summary>
public static class Sorting
{
    /// <param name="x">The argument.</param>
    extension(Node x)
    {
        /// <summary>The elements along an axis in order.</summary>
        /// <param name="axis">The axis; a negative one counts from the end.</param>
        /// <param name="descending">Whether the largest comes first.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node Sort(int axis = -1, bool descending = false) =>
            FSharp.Sorting.sortWith(descending, "sort", axis, x);

        /// <summary>The positions of the elements along an axis in order, as Int64.</summary>
        /// <inheritdoc cref="Sort"/>
        public Node ArgSort(int axis = -1, bool descending = false) =>
            FSharp.Sorting.argsortWith(descending, "argsort", axis, x);

        /// <summary>Some of the largest or smallest elements along an axis, in order, and their positions, as Int64.</summary>
        /// <param name="k">How many.</param>
        /// <param name="axis">The axis; a negative one counts from the end.</param>
        /// <param name="largest">Whether to give the largest ones.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There are not so many elements.</exception>
        public (Node Values, Node Indices) TopK(int k, int axis = -1, bool largest = true) =>
            FSharp.Sorting.topKWith(largest, k, axis, x);

        /// <summary>
        /// A quantile over an axis: 0 gives the smallest element, 1 the largest; between elements it is linear. Of whole
        /// numbers it is Float64; of nothing, or where an element is NaN, it is NaN.
        /// </summary>
        /// <param name="q">Between 0 and 1.</param>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="q"/> is not between 0 and 1.</exception>
        public Node Quantile(double q, int? axis = null, bool keepDims = false) =>
            x.Quantile(q, Reductions.Axes(axis), keepDims);

        /// <summary>A quantile over axes.</summary>
        /// <param name="q">Between 0 and 1.</param>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="q"/> is not between 0 and 1.</exception>
        public Node Quantile(double q, IEnumerable<int> axes, bool keepDims = false) =>
            Reductions.Kept("quantile", x, axes, keepDims, FSharp.Sorting.quantile(q, axes, x));

        /// <summary>The median over an axis: of an even number of elements the mean of the middle two.</summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node Median(int? axis = null, bool keepDims = false) => x.Median(Reductions.Axes(axis), keepDims);

        /// <summary>The median over axes: of an even number of elements the mean of the middle two.</summary>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
        public Node Median(IEnumerable<int> axes, bool keepDims = false) =>
            Reductions.Kept("median", x, axes, keepDims, FSharp.Sorting.median(axes, x));
    }
}
