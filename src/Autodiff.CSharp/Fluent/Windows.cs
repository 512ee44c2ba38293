namespace Autodiff.CSharp;

/// <summary>Windows that slide along axes, and their transpose.</summary>
public static class Windows
{
    /// <param name="x">The argument.</param>
    extension(Node x)
    {
        /// <summary>
        /// The windows that slide along the axes they name, as NumPy's <c>sliding_window_view</c> has them, with strides
        /// and dilations: such an axis counts the windows from here on, and for each there is a new axis at the end, of
        /// the elements within a window.
        /// </summary>
        /// <param name="windows">The windows of each axis that has any.</param>
        /// <exception cref="ShapeException">An axis is no axis, or named twice, or too short for one window.</exception>
        public Node SlidingWindowView(params IEnumerable<AxisWindow> windows) =>
            FSharp.Windows.slidingWindowView(windows, x);

        /// <summary>
        /// Zeros of a shape to which the elements of windows are added where <see cref="SlidingWindowView"/> reads them:
        /// its transpose. Windows that overlap add up.
        /// </summary>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="windows">The windows of each axis of the result that has any.</param>
        /// <exception cref="ShapeException">x has another shape than the windows of the result.</exception>
        public Node OverlapAdd(Shape shape, params IEnumerable<AxisWindow> windows) =>
            FSharp.Windows.overlapAdd(windows, shape, x);
    }
}
