namespace Autodiff.CSharp;

/// <summary>
/// Maxima and means of windows, in PyTorch's layout: an argument [batch, channels, spatial axes], or the same without a
/// batch.
/// </summary>
public static class Poolings
{
    /// <param name="x">The argument, [batch, channels, spatial axes] or [channels, spatial axes].</param>
    extension(Node x)
    {
        /// <summary>The maxima of windows over the length. Ties share the derivative evenly.</summary>
        /// <param name="kernel">The size of a window.</param>
        /// <param name="stride">The distance between two windows; their size if not given.</param>
        /// <param name="padding">So many elements at both ends of each axis, which never are a maximum; 0 if not given.</param>
        /// <param name="dilation">The distance between two elements of a window; 1 if not given.</param>
        /// <param name="ceilMode">Whether a last window counts that reaches beyond the end.</param>
        /// <exception cref="ShapeException">The argument and the options do not fit.</exception>
        public Node MaxPool1d(
            PerAxis kernel,
            PerAxis stride = default,
            PerAxis padding = default,
            PerAxis dilation = default,
            bool ceilMode = false) =>
            FSharp.Poolings.maxPool1d(new(stride.List, padding.List, dilation.List, ceilMode, true), kernel.List, x);

        /// <summary>The maxima of windows over height and width. Ties share the derivative evenly.</summary>
        /// <param name="kernel">The size of a window.</param>
        /// <param name="stride">The distance between two windows; their size if not given.</param>
        /// <param name="padding">So many elements at both ends of each axis, which never are a maximum; 0 if not given.</param>
        /// <param name="dilation">The distance between two elements of a window; 1 if not given.</param>
        /// <param name="ceilMode">Whether a last window counts that reaches beyond the end.</param>
        /// <exception cref="ShapeException">The argument and the options do not fit.</exception>
        public Node MaxPool2d(
            PerAxis kernel,
            PerAxis stride = default,
            PerAxis padding = default,
            PerAxis dilation = default,
            bool ceilMode = false) =>
            FSharp.Poolings.maxPool2d(new(stride.List, padding.List, dilation.List, ceilMode, true), kernel.List, x);

        /// <summary>The maxima of windows over three spatial axes. Ties share the derivative evenly.</summary>
        /// <param name="kernel">The size of a window.</param>
        /// <param name="stride">The distance between two windows; their size if not given.</param>
        /// <param name="padding">So many elements at both ends of each axis, which never are a maximum; 0 if not given.</param>
        /// <param name="dilation">The distance between two elements of a window; 1 if not given.</param>
        /// <param name="ceilMode">Whether a last window counts that reaches beyond the end.</param>
        /// <exception cref="ShapeException">The argument and the options do not fit.</exception>
        public Node MaxPool3d(
            PerAxis kernel,
            PerAxis stride = default,
            PerAxis padding = default,
            PerAxis dilation = default,
            bool ceilMode = false) =>
            FSharp.Poolings.maxPool3d(new(stride.List, padding.List, dilation.List, ceilMode, true), kernel.List, x);

        /// <summary>The means of windows over the length.</summary>
        /// <param name="kernel">The size of a window.</param>
        /// <param name="stride">The distance between two windows; their size if not given.</param>
        /// <param name="padding">So many zeros at both ends of each axis; 0 if not given.</param>
        /// <param name="ceilMode">Whether a last window counts that reaches beyond the end.</param>
        /// <param name="countIncludePad">Whether the padding counts in the divisor.</param>
        /// <exception cref="ShapeException">The argument and the options do not fit.</exception>
        public Node AvgPool1d(
            PerAxis kernel,
            PerAxis stride = default,
            PerAxis padding = default,
            bool ceilMode = false,
            bool countIncludePad = true) =>
            FSharp.Poolings.avgPool1d(
                new(stride.List, padding.List, default(PerAxis).List, ceilMode, countIncludePad), kernel.List, x);

        /// <summary>The means of windows over height and width.</summary>
        /// <param name="kernel">The size of a window.</param>
        /// <param name="stride">The distance between two windows; their size if not given.</param>
        /// <param name="padding">So many zeros at both ends of each axis; 0 if not given.</param>
        /// <param name="ceilMode">Whether a last window counts that reaches beyond the end.</param>
        /// <param name="countIncludePad">Whether the padding counts in the divisor.</param>
        /// <exception cref="ShapeException">The argument and the options do not fit.</exception>
        public Node AvgPool2d(
            PerAxis kernel,
            PerAxis stride = default,
            PerAxis padding = default,
            bool ceilMode = false,
            bool countIncludePad = true) =>
            FSharp.Poolings.avgPool2d(
                new(stride.List, padding.List, default(PerAxis).List, ceilMode, countIncludePad), kernel.List, x);

        /// <summary>The means of windows over three spatial axes.</summary>
        /// <param name="kernel">The size of a window.</param>
        /// <param name="stride">The distance between two windows; their size if not given.</param>
        /// <param name="padding">So many zeros at both ends of each axis; 0 if not given.</param>
        /// <param name="ceilMode">Whether a last window counts that reaches beyond the end.</param>
        /// <param name="countIncludePad">Whether the padding counts in the divisor.</param>
        /// <exception cref="ShapeException">The argument and the options do not fit.</exception>
        public Node AvgPool3d(
            PerAxis kernel,
            PerAxis stride = default,
            PerAxis padding = default,
            bool ceilMode = false,
            bool countIncludePad = true) =>
            FSharp.Poolings.avgPool3d(
                new(stride.List, padding.List, default(PerAxis).List, ceilMode, countIncludePad), kernel.List, x);

        /// <summary>The means of parts of the length, so many along each axis, as even as can be.</summary>
        /// <param name="outputSize">How many parts there are along each axis; 1 is the whole axis.</param>
        /// <exception cref="ShapeException">The argument does not fit, or has an empty axis.</exception>
        public Node AdaptiveAvgPool1d(PerAxis outputSize) => FSharp.Poolings.adaptiveAvgPool1d(outputSize.List, x);

        /// <summary>The means of parts of height and width, so many along each axis, as even as can be.</summary>
        /// <param name="outputSize">How many parts there are along each axis; 1 is the whole axis.</param>
        /// <exception cref="ShapeException">The argument does not fit, or has an empty axis.</exception>
        public Node AdaptiveAvgPool2d(PerAxis outputSize) => FSharp.Poolings.adaptiveAvgPool2d(outputSize.List, x);

        /// <summary>The means of parts of three spatial axes, so many along each axis, as even as can be.</summary>
        /// <param name="outputSize">How many parts there are along each axis; 1 is the whole axis.</param>
        /// <exception cref="ShapeException">The argument does not fit, or has an empty axis.</exception>
        public Node AdaptiveAvgPool3d(PerAxis outputSize) => FSharp.Poolings.adaptiveAvgPool3d(outputSize.List, x);

        /// <summary>The maxima of parts of the length, so many along each axis, as even as can be.</summary>
        /// <param name="outputSize">How many parts there are along each axis; 1 is the whole axis.</param>
        /// <exception cref="ShapeException">The argument does not fit, or has an empty axis.</exception>
        public Node AdaptiveMaxPool1d(PerAxis outputSize) => FSharp.Poolings.adaptiveMaxPool1d(outputSize.List, x);

        /// <summary>The maxima of parts of height and width, so many along each axis, as even as can be.</summary>
        /// <param name="outputSize">How many parts there are along each axis; 1 is the whole axis.</param>
        /// <exception cref="ShapeException">The argument does not fit, or has an empty axis.</exception>
        public Node AdaptiveMaxPool2d(PerAxis outputSize) => FSharp.Poolings.adaptiveMaxPool2d(outputSize.List, x);

        /// <summary>The maxima of parts of three spatial axes, so many along each axis, as even as can be.</summary>
        /// <param name="outputSize">How many parts there are along each axis; 1 is the whole axis.</param>
        /// <exception cref="ShapeException">The argument does not fit, or has an empty axis.</exception>
        public Node AdaptiveMaxPool3d(PerAxis outputSize) => FSharp.Poolings.adaptiveMaxPool3d(outputSize.List, x);
    }
}
