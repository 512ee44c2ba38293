namespace Autodiff.Kernel;

/// <summary>
/// A .NET scalar that meets an array takes the array's element type. Exceptions: a floating scalar that meets integers or
/// truth values stays Float64, and an integer scalar that meets truth values keeps its own type.
/// </summary>
internal static class WeakScalar
{
    public static NDArray Meet(double scalar, NDArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        return NDArray.Scalar(scalar).AsType(array.DType.IsFloat() ? array.DType : DType.Float64);
    }

    public static NDArray Meet(int scalar, NDArray array) => Meet(scalar, DType.Int32, array);

    public static NDArray Meet(long scalar, NDArray array) => Meet(scalar, DType.Int64, array);

    private static NDArray Meet(long scalar, DType natural, NDArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.DType == DType.Int32 && scalar != (int)scalar)
            throw new DTypeException(
                $"the scalar {scalar} does not fit an Int32 array {array.Shape}: convert the array to Int64 first");
        return NDArray.Scalar(scalar).AsType(array.DType == DType.Bool ? natural : array.DType);
    }
}
