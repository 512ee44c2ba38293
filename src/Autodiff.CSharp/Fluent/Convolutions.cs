using Microsoft.FSharp.Core;

namespace Autodiff.CSharp;

/// <summary>
/// Convolutions in PyTorch's layout: an argument [batch, channels, spatial axes], or the same without a batch.
/// </summary>
public static class Convolutions
{
    /// <param name="x">The argument, [batch, channels, spatial axes] or [channels, spatial axes].</param>
    extension(Node x)
    {
        /// <summary>
        /// The convolution with kernels [outputs, channels / groups, length]: sums of products, as PyTorch's
        /// <c>conv1d</c>.
        /// </summary>
        /// <param name="weight">The kernels.</param>
        /// <param name="bias">What is added to each output channel, [outputs].</param>
        /// <param name="stride">The distance between two windows; 1 if not given.</param>
        /// <param name="padding">The zeros around the argument.</param>
        /// <param name="dilation">The distance between two elements of a window; 1 if not given.</param>
        /// <param name="groups">Into how many groups the channels are divided, each of which has its own outputs.</param>
        /// <exception cref="ShapeException">The argument, the kernels, the bias and the options do not fit.</exception>
        public Node Conv1d(
            Node weight,
            Node? bias = null,
            PerAxis stride = default,
            Padding padding = default,
            PerAxis dilation = default,
            int groups = 1) =>
            FSharp.Convolutions.conv1d(Options(bias, stride, padding, dilation, groups), x, weight);

        /// <summary>
        /// The convolution with kernels [outputs, channels / groups, height, width]: sums of products, as PyTorch's
        /// <c>conv2d</c>.
        /// </summary>
        /// <param name="weight">The kernels.</param>
        /// <param name="bias">What is added to each output channel, [outputs].</param>
        /// <param name="stride">The distance between two windows; 1 if not given.</param>
        /// <param name="padding">The zeros around the argument.</param>
        /// <param name="dilation">The distance between two elements of a window; 1 if not given.</param>
        /// <param name="groups">Into how many groups the channels are divided, each of which has its own outputs.</param>
        /// <exception cref="ShapeException">The argument, the kernels, the bias and the options do not fit.</exception>
        public Node Conv2d(
            Node weight,
            Node? bias = null,
            PerAxis stride = default,
            Padding padding = default,
            PerAxis dilation = default,
            int groups = 1) =>
            FSharp.Convolutions.conv2d(Options(bias, stride, padding, dilation, groups), x, weight);

        /// <summary>
        /// The convolution with kernels [outputs, channels / groups, depth, height, width]: sums of products, as PyTorch's
        /// <c>conv3d</c>.
        /// </summary>
        /// <param name="weight">The kernels.</param>
        /// <param name="bias">What is added to each output channel, [outputs].</param>
        /// <param name="stride">The distance between two windows; 1 if not given.</param>
        /// <param name="padding">The zeros around the argument.</param>
        /// <param name="dilation">The distance between two elements of a window; 1 if not given.</param>
        /// <param name="groups">Into how many groups the channels are divided, each of which has its own outputs.</param>
        /// <exception cref="ShapeException">The argument, the kernels, the bias and the options do not fit.</exception>
        public Node Conv3d(
            Node weight,
            Node? bias = null,
            PerAxis stride = default,
            Padding padding = default,
            PerAxis dilation = default,
            int groups = 1) =>
            FSharp.Convolutions.conv3d(Options(bias, stride, padding, dilation, groups), x, weight);

        /// <summary>
        /// The transpose of <see cref="Conv1d"/> of the same options, with kernels [channels, outputs / groups, length]:
        /// as PyTorch's <c>conv_transpose1d</c>.
        /// </summary>
        /// <param name="weight">The kernels.</param>
        /// <param name="bias">What is added to each output channel, [outputs].</param>
        /// <param name="stride">The distance between two windows of the result; 1 if not given.</param>
        /// <param name="padding">So many elements are dropped at both ends of each axis of the result; 0 if not given.</param>
        /// <param name="outputPadding">
        /// So many elements that the padding dropped stay at the end of each axis; 0 if not given.
        /// </param>
        /// <param name="groups">Into how many groups the channels are divided.</param>
        /// <param name="dilation">The distance between two elements of a window; 1 if not given.</param>
        /// <exception cref="ShapeException">The argument, the kernels, the bias and the options do not fit.</exception>
        public Node ConvTranspose1d(
            Node weight,
            Node? bias = null,
            PerAxis stride = default,
            PerAxis padding = default,
            PerAxis outputPadding = default,
            int groups = 1,
            PerAxis dilation = default) =>
            FSharp.Convolutions.convTranspose1d(
                TransposeOptions(bias, stride, padding, outputPadding, dilation, groups), x, weight);

        /// <summary>
        /// The transpose of <see cref="Conv2d"/> of the same options, with kernels [channels, outputs / groups, height, width]:
        /// as PyTorch's <c>conv_transpose2d</c>.
        /// </summary>
        /// <param name="weight">The kernels.</param>
        /// <param name="bias">What is added to each output channel, [outputs].</param>
        /// <param name="stride">The distance between two windows of the result; 1 if not given.</param>
        /// <param name="padding">So many elements are dropped at both ends of each axis of the result; 0 if not given.</param>
        /// <param name="outputPadding">
        /// So many elements that the padding dropped stay at the end of each axis; 0 if not given.
        /// </param>
        /// <param name="groups">Into how many groups the channels are divided.</param>
        /// <param name="dilation">The distance between two elements of a window; 1 if not given.</param>
        /// <exception cref="ShapeException">The argument, the kernels, the bias and the options do not fit.</exception>
        public Node ConvTranspose2d(
            Node weight,
            Node? bias = null,
            PerAxis stride = default,
            PerAxis padding = default,
            PerAxis outputPadding = default,
            int groups = 1,
            PerAxis dilation = default) =>
            FSharp.Convolutions.convTranspose2d(
                TransposeOptions(bias, stride, padding, outputPadding, dilation, groups), x, weight);

        /// <summary>
        /// The transpose of <see cref="Conv3d"/> of the same options, with kernels [channels, outputs / groups, depth, height, width]:
        /// as PyTorch's <c>conv_transpose3d</c>.
        /// </summary>
        /// <param name="weight">The kernels.</param>
        /// <param name="bias">What is added to each output channel, [outputs].</param>
        /// <param name="stride">The distance between two windows of the result; 1 if not given.</param>
        /// <param name="padding">So many elements are dropped at both ends of each axis of the result; 0 if not given.</param>
        /// <param name="outputPadding">
        /// So many elements that the padding dropped stay at the end of each axis; 0 if not given.
        /// </param>
        /// <param name="groups">Into how many groups the channels are divided.</param>
        /// <param name="dilation">The distance between two elements of a window; 1 if not given.</param>
        /// <exception cref="ShapeException">The argument, the kernels, the bias and the options do not fit.</exception>
        public Node ConvTranspose3d(
            Node weight,
            Node? bias = null,
            PerAxis stride = default,
            PerAxis padding = default,
            PerAxis outputPadding = default,
            int groups = 1,
            PerAxis dilation = default) =>
            FSharp.Convolutions.convTranspose3d(
                TransposeOptions(bias, stride, padding, outputPadding, dilation, groups), x, weight);

        /// <summary>
        /// The windows as columns: [batch, channels * elements of a window, windows], as PyTorch's <c>unfold</c> (im2col).
        /// </summary>
        /// <param name="kernel">The size of a window along each spatial axis.</param>
        /// <param name="stride">The distance between two windows; 1 if not given.</param>
        /// <param name="padding">The zeros around the argument.</param>
        /// <param name="dilation">The distance between two elements of a window; 1 if not given.</param>
        /// <exception cref="ShapeException">The argument and the options do not fit.</exception>
        public Node Unfold(
            Shape kernel, PerAxis stride = default, Padding padding = default, PerAxis dilation = default) =>
            FSharp.Columns.unfold(new(stride.List, padding.Value, dilation.List), kernel, x);

        /// <summary>
        /// The transpose of <see cref="Unfold"/>: columns added up to [batch, channels, the given sizes], as PyTorch's
        /// <c>fold</c> (col2im).
        /// </summary>
        /// <param name="outputSize">The sizes of the spatial axes of the result.</param>
        /// <param name="kernel">The size of a window along each spatial axis.</param>
        /// <param name="stride">The distance between two windows; 1 if not given.</param>
        /// <param name="padding">The zeros around the result, which are dropped.</param>
        /// <param name="dilation">The distance between two elements of a window; 1 if not given.</param>
        /// <exception cref="ShapeException">The argument and the options do not fit.</exception>
        public Node Fold(
            Shape outputSize,
            Shape kernel,
            PerAxis stride = default,
            Padding padding = default,
            PerAxis dilation = default) =>
            FSharp.Columns.fold(new(stride.List, padding.Value, dilation.List), kernel, outputSize, x);
    }

    private static FSharp.Convolution Options(
        Node? bias, PerAxis stride, Padding padding, PerAxis dilation, int groups) =>
        new(stride.List, padding.Value, dilation.List, groups, Optional(bias));

    private static FSharp.ConvolutionTranspose TransposeOptions(
        Node? bias, PerAxis stride, PerAxis padding, PerAxis outputPadding, PerAxis dilation, int groups) =>
        new(stride.List, padding.List, outputPadding.List, dilation.List, groups, Optional(bias));

    private static FSharpOption<Node>? Optional(Node? node) => node is null ? null : FSharpOption<Node>.Some(node);
}
