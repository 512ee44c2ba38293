namespace Autodiff.CSharp;

/// <summary>
/// Reductions over one axis, over a list of axes, or over all of them (no axis given, or an empty list). A negative axis
/// counts from the end.
/// </summary>
public static class Reductions
{
    /// <param name="x">The argument.</param>
    extension(Node x)
    {
        /// <summary>The sum over an axis.</summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node Sum(int? axis = null, bool keepDims = false) => x.Sum(Axes(axis), keepDims);

        /// <summary>The sum over axes.</summary>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
        public Node Sum(IEnumerable<int> axes, bool keepDims = false) =>
            Kept("sum", x, axes, keepDims, FSharp.Products.sum(axes, x));

        /// <summary>The mean over an axis; over an empty axis it is NaN.</summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node Mean(int? axis = null, bool keepDims = false) => x.Mean(Axes(axis), keepDims);

        /// <summary>The mean over axes; over an empty axis it is NaN.</summary>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
        public Node Mean(IEnumerable<int> axes, bool keepDims = false) =>
            Kept("mean", x, axes, keepDims, FSharp.Reductions.mean(axes, x));

        /// <summary>The largest element along an axis; NaN wins. Ties share the derivative evenly.</summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
        public Node Max(int? axis = null, bool keepDims = false) => x.Max(Axes(axis), keepDims);

        /// <summary>The largest element along axes; NaN wins. Ties share the derivative evenly.</summary>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice, or it is empty.</exception>
        public Node Max(IEnumerable<int> axes, bool keepDims = false) =>
            Kept("amax", x, axes, keepDims, FSharp.Reductions.amax(axes, x));

        /// <summary>The smallest element along an axis; NaN wins. Ties share the derivative evenly.</summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
        public Node Min(int? axis = null, bool keepDims = false) => x.Min(Axes(axis), keepDims);

        /// <summary>The smallest element along axes; NaN wins. Ties share the derivative evenly.</summary>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice, or it is empty.</exception>
        public Node Min(IEnumerable<int> axes, bool keepDims = false) =>
            Kept("amin", x, axes, keepDims, FSharp.Reductions.amin(axes, x));

        /// <summary>The Euclidean (Frobenius) norm over an axis; its derivative at the zero vector is 0.</summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node Norm(int? axis = null, bool keepDims = false) => x.Norm(Axes(axis), keepDims);

        /// <summary>The Euclidean (Frobenius) norm over axes; its derivative at the zero vector is 0.</summary>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
        public Node Norm(IEnumerable<int> axes, bool keepDims = false) =>
            Kept("norm", x, axes, keepDims, FSharp.Reductions.norm(axes, x));

        /// <summary>The logarithm of the sum of exponentials over an axis; nothing overflows.</summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node LogSumExp(int? axis = null, bool keepDims = false) => x.LogSumExp(Axes(axis), keepDims);

        /// <summary>The logarithm of the sum of exponentials over axes; nothing overflows.</summary>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
        public Node LogSumExp(IEnumerable<int> axes, bool keepDims = false) =>
            Kept("logSumExp", x, axes, keepDims, FSharp.Exponentials.logSumExp(axes, x));

        /// <summary>The variance over an axis.</summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <param name="ddof">What the divisor is smaller than the number of elements.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node Variance(int? axis = null, bool keepDims = false, int ddof = 0) =>
            x.Variance(Axes(axis), keepDims, ddof);

        /// <summary>The variance over axes.</summary>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <param name="ddof">What the divisor is smaller than the number of elements.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
        public Node Variance(IEnumerable<int> axes, bool keepDims = false, int ddof = 0) =>
            Kept("variance", x, axes, keepDims, FSharp.Reductions.varianceWith(ddof, axes, x));

        /// <summary>The standard deviation over an axis; its derivative where all elements are equal is 0.</summary>
        /// <inheritdoc cref="Variance(Node, int?, bool, int)"/>
        public Node Std(int? axis = null, bool keepDims = false, int ddof = 0) => x.Std(Axes(axis), keepDims, ddof);

        /// <summary>The standard deviation over axes; its derivative where all elements are equal is 0.</summary>
        /// <inheritdoc cref="Variance(Node, IEnumerable{int}, bool, int)"/>
        public Node Std(IEnumerable<int> axes, bool keepDims = false, int ddof = 0) =>
            Kept("std", x, axes, keepDims, FSharp.Reductions.stdWith(ddof, axes, x));

        /// <summary>
        /// The product over an axis; over nothing it is 1. Whole numbers and truth values are multiplied as Int64. The
        /// derivatives are exact with any number of zeros.
        /// </summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or its size is not known yet.</exception>
        public Node Prod(int? axis = null, bool keepDims = false) => x.Prod(Axes(axis), keepDims);

        /// <summary>The product over axes; over nothing it is 1.</summary>
        /// <param name="axes">The axes; all of them if the list is empty.</param>
        /// <param name="keepDims">Whether reduced axes stay, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is named twice, or its size is not known yet.</exception>
        public Node Prod(IEnumerable<int> axes, bool keepDims = false) =>
            Kept("prod", x, axes, keepDims, FSharp.Reductions.prod(axes, x));

        /// <summary>The range over an axis: the largest element less the smallest.</summary>
        /// <param name="axis">The axis; all of them if not given.</param>
        /// <param name="keepDims">Whether a reduced axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
        public Node Ptp(int? axis = null, bool keepDims = false) =>
            Kept("ptp", x, Axes(axis), keepDims, FSharp.Reductions.ptp(Axes(axis), x));

        /// <summary>The position of the first largest element along an axis, as Int64.</summary>
        /// <param name="axis">The axis; if not given, the position among all elements in row-major order.</param>
        /// <param name="keepDims">Whether the axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
        public Node ArgMax(int? axis = null, bool keepDims = false) =>
            Kept("argmax", x, Axes(axis), keepDims, axis is { } one
                ? FSharp.Reductions.argmax(one, x)
                : FSharp.Reductions.argmax(0, x.Flatten()));

        /// <summary>The position of the first smallest element along an axis, as Int64.</summary>
        /// <param name="axis">The axis; if not given, the position among all elements in row-major order.</param>
        /// <param name="keepDims">Whether the axis stays, with size 1.</param>
        /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
        public Node ArgMin(int? axis = null, bool keepDims = false) =>
            Kept("argmin", x, Axes(axis), keepDims, axis is { } one
                ? FSharp.Reductions.argmin(one, x)
                : FSharp.Reductions.argmin(0, x.Flatten()));
    }

    internal static int[] Axes(int? axis) => axis is { } one ? [one] : [];

    internal static Node Kept(string operation, Node x, IEnumerable<int> axes, bool keepDims, Node reduced) =>
        keepDims
            ? reduced.Reshape(FSharp.Reductions.keepAxes(FSharp.Axes.many(operation, x, axes), x))
            : reduced;
}
