namespace Autodiff;

/// <summary>
/// The windows along one axis: <paramref name="Size"/> elements, <paramref name="Dilation"/> apart, that start at every
/// <paramref name="Stride"/>-th element, as long as they fit.
/// </summary>
/// <param name="Axis">The axis.</param>
/// <param name="Size">The number of elements in a window.</param>
/// <param name="Stride">The distance between the starts of two windows.</param>
/// <param name="Dilation">The distance between two elements of a window.</param>
public readonly record struct AxisWindow(int Axis, int Size, int Stride = 1, int Dilation = 1)
{
    /// <summary>The number of elements from the first of a window to its last, those between them included.</summary>
    internal long Extent => ((long)(Size - 1) * Dilation) + 1;

    /// <summary>How many windows there are in an axis that holds one.</summary>
    /// <param name="size">The size of the axis.</param>
    internal int Count(int size) => (int)((size - Extent) / Stride) + 1;

    /// <summary>The same windows along another axis.</summary>
    internal AxisWindow At(int axis) => this with { Axis = axis };

    /// <inheritdoc/>
    public override string ToString() => $"{Size} along axis {Axis}, stride {Stride}, dilation {Dilation}";
}
