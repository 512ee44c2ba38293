namespace Autodiff.CSharp;

/// <summary>A convolution over [batch, channels, height, width].</summary>
/// <remarks>Its parameters are <c>w</c> [outputs, inputs / groups, kernel] and <c>b</c> [outputs].</remarks>
/// <param name="inputs">The number of channels of the argument.</param>
/// <param name="outputs">The number of channels of the value.</param>
/// <param name="kernel">The size of the kernels.</param>
/// <param name="stride">The distance between two windows; 1 if not given.</param>
/// <param name="padding">The zeros around the argument.</param>
/// <param name="dilation">The distance between two elements of a window; 1 if not given.</param>
/// <param name="groups">Into how many groups the channels are divided, each of which has its own outputs.</param>
/// <param name="hasBias">Whether there is a b, which begins at 0.</param>
/// <param name="initializer">How w begins; <see cref="Initializers.GlorotUniform"/> if not given.</param>
/// <param name="dtype">The element type of the parameters.</param>
/// <exception cref="ShapeException">The groups do not divide the channels, or the kernel has other axes.</exception>
public sealed class Conv2d(
    int inputs,
    int outputs,
    PerAxis kernel,
    PerAxis stride = default,
    Padding padding = default,
    PerAxis dilation = default,
    int groups = 1,
    bool hasBias = true,
    Initializer? initializer = null,
    DType dtype = DType.Float64)
    : Convolution(
        2, inputs, outputs, kernel, groups, hasBias, initializer, dtype,
        (x, w, b) => x.Conv2d(w, b, stride, padding, dilation, groups));
