namespace Autodiff;

public sealed partial class NDArray
{
    /// <summary>A Float64 scalar.</summary>
    /// <param name="value">Its element.</param>
    public static implicit operator NDArray(double value) => Scalar(value);

    /// <summary>A Float32 scalar.</summary>
    /// <inheritdoc cref="op_Implicit(double)"/>
    public static implicit operator NDArray(float value) => Scalar(value);

    /// <summary>An Int32 scalar.</summary>
    /// <inheritdoc cref="op_Implicit(double)"/>
    public static implicit operator NDArray(int value) => Scalar(value);

    /// <summary>An Int64 scalar.</summary>
    /// <inheritdoc cref="op_Implicit(double)"/>
    public static implicit operator NDArray(long value) => Scalar(value);

    /// <summary>A Bool scalar.</summary>
    /// <inheritdoc cref="op_Implicit(double)"/>
    public static implicit operator NDArray(bool value) => Scalar(value);

    /// <summary>A Float64 array with a copy of the data.</summary>
    /// <param name="data">The elements.</param>
    public static implicit operator NDArray(double[] data) => From(data);

    /// <summary>A Float32 array with a copy of the data.</summary>
    /// <inheritdoc cref="op_Implicit(double[])"/>
    public static implicit operator NDArray(float[] data) => From(data);

    /// <summary>An Int32 array with a copy of the data.</summary>
    /// <inheritdoc cref="op_Implicit(double[])"/>
    public static implicit operator NDArray(int[] data) => From(data);

    /// <summary>An Int64 array with a copy of the data.</summary>
    /// <inheritdoc cref="op_Implicit(double[])"/>
    public static implicit operator NDArray(long[] data) => From(data);

    /// <summary>A Bool array with a copy of the data.</summary>
    /// <inheritdoc cref="op_Implicit(double[])"/>
    public static implicit operator NDArray(bool[] data) => From(data);

    /// <summary>A Float64 matrix with a copy of the data.</summary>
    /// <param name="data">The elements.</param>
    public static implicit operator NDArray(double[,] data) => From(data);

    /// <summary>A Float32 matrix with a copy of the data.</summary>
    /// <inheritdoc cref="op_Implicit(double[,])"/>
    public static implicit operator NDArray(float[,] data) => From(data);

    /// <summary>An Int32 matrix with a copy of the data.</summary>
    /// <inheritdoc cref="op_Implicit(double[,])"/>
    public static implicit operator NDArray(int[,] data) => From(data);

    /// <summary>An Int64 matrix with a copy of the data.</summary>
    /// <inheritdoc cref="op_Implicit(double[,])"/>
    public static implicit operator NDArray(long[,] data) => From(data);

    /// <summary>A Bool matrix with a copy of the data.</summary>
    /// <inheritdoc cref="op_Implicit(double[,])"/>
    public static implicit operator NDArray(bool[,] data) => From(data);

    /// <summary>The only element as a double, converted as <see cref="AsType"/> does.</summary>
    /// <param name="array">An array with one element.</param>
    /// <exception cref="ShapeException">The array has not exactly one element.</exception>
    public static explicit operator double(NDArray array) => Only<double>(array, DType.Float64);

    /// <summary>The only element as a float, converted as <see cref="AsType"/> does.</summary>
    /// <param name="array">An array with one element.</param>
    /// <exception cref="ShapeException">The array has not exactly one element.</exception>
    public static explicit operator float(NDArray array) => Only<float>(array, DType.Float32);

    /// <summary>The only element as an int, converted as <see cref="AsType"/> does.</summary>
    /// <param name="array">An array with one element.</param>
    /// <exception cref="ShapeException">The array has not exactly one element.</exception>
    public static explicit operator int(NDArray array) => Only<int>(array, DType.Int32);

    /// <summary>The only element as a long, converted as <see cref="AsType"/> does.</summary>
    /// <param name="array">An array with one element.</param>
    /// <exception cref="ShapeException">The array has not exactly one element.</exception>
    public static explicit operator long(NDArray array) => Only<long>(array, DType.Int64);

    /// <summary>The only element as a bool, converted as <see cref="AsType"/> does.</summary>
    /// <param name="array">An array with one element.</param>
    /// <exception cref="ShapeException">The array has not exactly one element.</exception>
    public static explicit operator bool(NDArray array) => Only<bool>(array, DType.Bool);

    private static T Only<T>(NDArray array, DType dtype) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(array);
        return array.RequireOne($"conversion to {typeof(T).Name}").AsType(dtype).AsSpan<T>()[0];
    }
}
