namespace Autodiff.CSharp;

/// <summary>
/// Cumulative operations: along an axis every element is made from the one before it. A negative axis counts from the
/// end; whole numbers and truth values are summed and multiplied as Int64.
/// </summary>
public static class Scans
{
    /// <param name="x">The argument.</param>
    extension(Node x)
    {
        /// <summary>
        /// y_0 = x_0 and y_i = a_i y_(i-1) + x_i along an axis. With a number for <paramref name="a"/> this is a
        /// discounted sum. The derivatives are exact where factors are zero.
        /// </summary>
        /// <param name="a">The factors, which broadcast; the first one is not looked at.</param>
        /// <param name="axis">The axis.</param>
        /// <param name="reverse">Whether to run from the end of the axis.</param>
        /// <exception cref="ShapeException">There is no such axis, or the shapes do not broadcast.</exception>
        public Node Recurrence(Node a, int axis, bool reverse = false) =>
            FSharp.Scans.recurrenceWith(reverse, axis, a, x);

        /// <summary>The sums of the elements so far along an axis.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="reverse">Whether to run from the end of the axis.</param>
        /// <param name="exclusive">Whether to leave out the element itself: the first sum is then 0.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node CumSum(int axis, bool reverse = false, bool exclusive = false) =>
            FSharp.Scans.cumsumWith(reverse, exclusive, axis, x);

        /// <summary>
        /// The products of the elements so far along an axis. The derivatives are exact where elements are zero.
        /// </summary>
        /// <param name="axis">The axis.</param>
        /// <param name="reverse">Whether to run from the end of the axis.</param>
        /// <param name="exclusive">Whether to leave out the element itself: the first product is then 1.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node CumProd(int axis, bool reverse = false, bool exclusive = false) =>
            FSharp.Scans.cumprodWith(reverse, exclusive, axis, x);

        /// <summary>
        /// The largest of the elements so far along an axis; from a NaN on it is NaN. Ties share the derivative evenly.
        /// </summary>
        /// <param name="axis">The axis.</param>
        /// <param name="reverse">Whether to run from the end of the axis.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node CumMax(int axis, bool reverse = false) =>
            FSharp.Scans.runningExtremum(FSharp.Extremum.Max, reverse, "cummax", axis, x);

        /// <summary>
        /// The smallest of the elements so far along an axis; from a NaN on it is NaN. Ties share the derivative evenly.
        /// </summary>
        /// <param name="axis">The axis.</param>
        /// <param name="reverse">Whether to run from the end of the axis.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node CumMin(int axis, bool reverse = false) =>
            FSharp.Scans.runningExtremum(FSharp.Extremum.Min, reverse, "cummin", axis, x);

        /// <summary>
        /// The logarithm of the sums of exponentials of the elements so far along an axis; nothing overflows. Where there
        /// was nothing but -inf it is -inf, with derivative 0.
        /// </summary>
        /// <param name="axis">The axis.</param>
        /// <param name="reverse">Whether to run from the end of the axis.</param>
        /// <param name="exclusive">Whether to leave out the element itself: the first result is then -inf.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node LogCumSumExp(int axis, bool reverse = false, bool exclusive = false) =>
            FSharp.Scans.logCumSumExpWith(reverse, exclusive, axis, x);
    }
}
