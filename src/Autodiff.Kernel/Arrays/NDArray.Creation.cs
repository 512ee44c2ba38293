using Autodiff.Kernel;

namespace Autodiff;

public sealed partial class NDArray
{
    /// <summary>A Float64 array of one axis with a copy of the data.</summary>
    /// <param name="data">The elements.</param>
    public static NDArray Create(double[] data) => CopyList(data);

    /// <summary>A Float64 array with a copy of the data, in row-major order.</summary>
    /// <param name="data">The elements.</param>
    /// <param name="shape">
    /// The sizes of the axes, one of which may be -1 (as many as there are elements). An empty shape, given as an array, is
    /// that of a scalar, whose one element the data hold.
    /// </param>
    /// <exception cref="ShapeException">The elements do not fill the shape.</exception>
    public static NDArray Create(double[] data, params int[] shape) => Copy(data, shape);

    /// <summary>A Float32 array of one axis with a copy of the data.</summary>
    /// <inheritdoc cref="Create(double[])"/>
    public static NDArray Create(float[] data) => CopyList(data);

    /// <summary>A Float32 array with a copy of the data, in row-major order.</summary>
    /// <inheritdoc cref="Create(double[], int[])"/>
    public static NDArray Create(float[] data, params int[] shape) => Copy(data, shape);

    /// <summary>An Int32 array of one axis with a copy of the data.</summary>
    /// <inheritdoc cref="Create(double[])"/>
    public static NDArray Create(int[] data) => CopyList(data);

    /// <summary>An Int32 array with a copy of the data, in row-major order.</summary>
    /// <inheritdoc cref="Create(double[], int[])"/>
    public static NDArray Create(int[] data, params int[] shape) => Copy(data, shape);

    /// <summary>An Int64 array of one axis with a copy of the data.</summary>
    /// <inheritdoc cref="Create(double[])"/>
    public static NDArray Create(long[] data) => CopyList(data);

    /// <summary>An Int64 array with a copy of the data, in row-major order.</summary>
    /// <inheritdoc cref="Create(double[], int[])"/>
    public static NDArray Create(long[] data, params int[] shape) => Copy(data, shape);

    /// <summary>A Bool array of one axis with a copy of the data.</summary>
    /// <inheritdoc cref="Create(double[])"/>
    public static NDArray Create(bool[] data) => CopyList(data);

    /// <summary>A Bool array with a copy of the data, in row-major order.</summary>
    /// <inheritdoc cref="Create(double[], int[])"/>
    public static NDArray Create(bool[] data, params int[] shape) => Copy(data, shape);

    /// <summary>
    /// An array that aliases <paramref name="data"/> instead of copying it. The caller must not write to the data again:
    /// everything built on the array takes it for immutable.
    /// </summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    /// <param name="data">The elements in row-major order.</param>
    /// <param name="shape">The sizes of the axes, as in <see cref="Create(double[], int[])"/>.</param>
    /// <exception cref="ShapeException">The elements do not fill the shape.</exception>
    /// <exception cref="DTypeException">There is no such element type.</exception>
    public static NDArray Wrap<T>(T[] data, params int[] shape) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        return Own(data, ShapeOf("NDArray.Wrap", shape, data.Length));
    }

    /// <summary>An array of one axis that aliases the data.</summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    /// <param name="data">The elements, to which the caller must not write again.</param>
    /// <exception cref="DTypeException">There is no such element type.</exception>
    public static NDArray Wrap<T>(T[] data) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        return Own(data, Shape.Create(data.Length));
    }

    /// <summary>An array of rank 0.</summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    /// <param name="value">Its element.</param>
    /// <exception cref="DTypeException">There is no such element type.</exception>
    public static NDArray Scalar<T>(T value) where T : unmanaged => Own([value], Shape.Scalar);

    /// <summary>A Float64 array of zeros.</summary>
    /// <param name="shape">The sizes of the axes; none makes a scalar.</param>
    public static NDArray Zeros(params int[] shape) => Zeros(shape, DType.Float64);

    /// <summary>An array of zeros (of <see langword="false"/> for Bool).</summary>
    /// <param name="shape">The sizes of the axes.</param>
    /// <param name="dtype">The element type.</param>
    public static NDArray Zeros(int[] shape, DType dtype) => Allocate(shape, dtype);

    /// <summary>A Float64 array of ones.</summary>
    /// <param name="shape">The sizes of the axes; none makes a scalar.</param>
    public static NDArray Ones(params int[] shape) => Ones(shape, DType.Float64);

    /// <summary>An array of ones (of <see langword="true"/> for Bool).</summary>
    /// <param name="shape">The sizes of the axes.</param>
    /// <param name="dtype">The element type.</param>
    public static NDArray Ones(int[] shape, DType dtype) => Broadcasting.Expand(Scalar(1).AsType(dtype), shape);

    /// <summary>An array whose elements are all <paramref name="value"/>, and of its type.</summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    /// <param name="shape">The sizes of the axes.</param>
    /// <param name="value">The element.</param>
    /// <exception cref="DTypeException">There is no such element type.</exception>
    public static NDArray Full<T>(int[] shape, T value) where T : unmanaged => Broadcasting.Expand(Scalar(value), shape);

    /// <summary>A matrix with ones on a diagonal and zeros elsewhere.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The number of columns; as many as rows if not given.</param>
    /// <param name="diagonal">Which diagonal: 0 the main one, positive above it, negative below.</param>
    /// <param name="dtype">The element type.</param>
    public static NDArray Eye(int rows, int? columns = null, int diagonal = 0, DType dtype = DType.Float64)
    {
        var width = columns ?? rows;
        var shape = Shape.Create(rows, width);
        var elements = new bool[shape.Size];
        for (var row = Math.Max(0L, -(long)diagonal); row < rows && row + diagonal < width; row++)
            elements[row * width + row + diagonal] = true;
        return Own(elements, shape).AsType(dtype);
    }

    /// <summary>An array of zeros that its maker may still fill.</summary>
    internal static NDArray Allocate(Shape shape, DType dtype) => New(dtype, shape, true);

    private static NDArray Copy<T>(T[] data, int[] shape) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        return CopyOf<T>(data, ShapeOf("NDArray.Create", shape, data.Length));
    }

    private static NDArray CopyList<T>(T[] data) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        return CopyOf<T>(data, Shape.Create(data.Length));
    }

    private static Shape ShapeOf(string operation, int[] sizes, int length)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        return SizeInference.Resolve(operation, sizes, length);
    }
}
