using Autodiff.Kernel;

namespace Autodiff;

// Arrays meet as NumPy's do: shapes broadcast, element types promote (an integer array that meets a float array takes the
// float's type), integers divide into Float64, Bool adds as or and multiplies as and. A .NET scalar is weak: it takes the
// array's type, except that a floating scalar makes Float64 of an integer array.
public sealed partial class NDArray
{
    /// <summary>The elementwise sum.</summary>
    /// <param name="a">The one operand.</param>
    /// <param name="b">The other operand.</param>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static NDArray operator +(NDArray a, NDArray b) => Arithmetic.Add(a, b);

    /// <summary>The elementwise difference.</summary>
    /// <exception cref="DTypeException">Both arrays are Bool.</exception>
    /// <inheritdoc cref="op_Addition(NDArray, NDArray)"/>
    public static NDArray operator -(NDArray a, NDArray b) => Arithmetic.Subtract(a, b);

    /// <summary>The elementwise product.</summary>
    /// <inheritdoc cref="op_Addition(NDArray, NDArray)"/>
    public static NDArray operator *(NDArray a, NDArray b) => Arithmetic.Multiply(a, b);

    /// <summary>The elementwise quotient; of integers, a Float64 array.</summary>
    /// <inheritdoc cref="op_Addition(NDArray, NDArray)"/>
    public static NDArray operator /(NDArray a, NDArray b) => Arithmetic.Divide(a, b);

    /// <summary>The elements with the opposite sign.</summary>
    /// <param name="a">The operand.</param>
    /// <exception cref="DTypeException">The array is Bool.</exception>
    public static NDArray operator -(NDArray a) => Arithmetic.Negate(a);

    /// <inheritdoc cref="op_Addition(NDArray, NDArray)"/>
    public static NDArray operator +(NDArray a, double b) => Arithmetic.Add(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Addition(NDArray, NDArray)"/>
    public static NDArray operator +(double a, NDArray b) => Arithmetic.Add(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Subtraction(NDArray, NDArray)"/>
    public static NDArray operator -(NDArray a, double b) => Arithmetic.Subtract(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Subtraction(NDArray, NDArray)"/>
    public static NDArray operator -(double a, NDArray b) => Arithmetic.Subtract(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Multiply(NDArray, NDArray)"/>
    public static NDArray operator *(NDArray a, double b) => Arithmetic.Multiply(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Multiply(NDArray, NDArray)"/>
    public static NDArray operator *(double a, NDArray b) => Arithmetic.Multiply(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Division(NDArray, NDArray)"/>
    public static NDArray operator /(NDArray a, double b) => Arithmetic.Divide(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Division(NDArray, NDArray)"/>
    public static NDArray operator /(double a, NDArray b) => Arithmetic.Divide(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Addition(NDArray, NDArray)"/>
    public static NDArray operator +(NDArray a, float b) => Arithmetic.Add(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Addition(NDArray, NDArray)"/>
    public static NDArray operator +(float a, NDArray b) => Arithmetic.Add(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Subtraction(NDArray, NDArray)"/>
    public static NDArray operator -(NDArray a, float b) => Arithmetic.Subtract(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Subtraction(NDArray, NDArray)"/>
    public static NDArray operator -(float a, NDArray b) => Arithmetic.Subtract(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Multiply(NDArray, NDArray)"/>
    public static NDArray operator *(NDArray a, float b) => Arithmetic.Multiply(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Multiply(NDArray, NDArray)"/>
    public static NDArray operator *(float a, NDArray b) => Arithmetic.Multiply(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Division(NDArray, NDArray)"/>
    public static NDArray operator /(NDArray a, float b) => Arithmetic.Divide(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Division(NDArray, NDArray)"/>
    public static NDArray operator /(float a, NDArray b) => Arithmetic.Divide(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Addition(NDArray, NDArray)"/>
    public static NDArray operator +(NDArray a, int b) => Arithmetic.Add(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Addition(NDArray, NDArray)"/>
    public static NDArray operator +(int a, NDArray b) => Arithmetic.Add(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Subtraction(NDArray, NDArray)"/>
    public static NDArray operator -(NDArray a, int b) => Arithmetic.Subtract(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Subtraction(NDArray, NDArray)"/>
    public static NDArray operator -(int a, NDArray b) => Arithmetic.Subtract(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Multiply(NDArray, NDArray)"/>
    public static NDArray operator *(NDArray a, int b) => Arithmetic.Multiply(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Multiply(NDArray, NDArray)"/>
    public static NDArray operator *(int a, NDArray b) => Arithmetic.Multiply(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Division(NDArray, NDArray)"/>
    public static NDArray operator /(NDArray a, int b) => Arithmetic.Divide(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Division(NDArray, NDArray)"/>
    public static NDArray operator /(int a, NDArray b) => Arithmetic.Divide(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Addition(NDArray, NDArray)"/>
    public static NDArray operator +(NDArray a, long b) => Arithmetic.Add(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Addition(NDArray, NDArray)"/>
    public static NDArray operator +(long a, NDArray b) => Arithmetic.Add(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Subtraction(NDArray, NDArray)"/>
    public static NDArray operator -(NDArray a, long b) => Arithmetic.Subtract(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Subtraction(NDArray, NDArray)"/>
    public static NDArray operator -(long a, NDArray b) => Arithmetic.Subtract(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Multiply(NDArray, NDArray)"/>
    public static NDArray operator *(NDArray a, long b) => Arithmetic.Multiply(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Multiply(NDArray, NDArray)"/>
    public static NDArray operator *(long a, NDArray b) => Arithmetic.Multiply(WeakScalar.Meet(a, b), b);

    /// <inheritdoc cref="op_Division(NDArray, NDArray)"/>
    public static NDArray operator /(NDArray a, long b) => Arithmetic.Divide(a, WeakScalar.Meet(b, a));

    /// <inheritdoc cref="op_Division(NDArray, NDArray)"/>
    public static NDArray operator /(long a, NDArray b) => Arithmetic.Divide(WeakScalar.Meet(a, b), b);
}
