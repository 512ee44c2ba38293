using System.Numerics;
using Autodiff.Kernel;

namespace Autodiff;

public sealed partial class NDArray
{
    /// <summary>
    /// Whether both arrays have one shape and equal elements, as numbers: element types may differ, and 0 equals -0.
    /// NumPy's <c>array_equal</c>.
    /// </summary>
    /// <param name="other">The array to compare with.</param>
    /// <param name="equalNaN">Whether NaN equals NaN.</param>
    public bool IsSameAs(NDArray other, bool equalNaN = false)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Shape != other.Shape)
            return false;
        // Integers meet a Float32 in Float64, which separates more of them.
        var dtype = DType == other.DType ? DType
            : DType.IsFloat() || other.DType.IsFloat() ? DType.Float64
            : DType.Int64;
        var (a, b) = (AsType(dtype), other.AsType(dtype));
        return dtype switch
        {
            DType.Float32 => AllEqual<float>(a, b, equalNaN),
            DType.Float64 => AllEqual<double>(a, b, equalNaN),
            DType.Int32 => a.AsSpan<int>().SequenceEqual(b.AsSpan<int>()),
            DType.Int64 => a.AsSpan<long>().SequenceEqual(b.AsSpan<long>()),
            DType.Bool => a.AsSpan<bool>().SequenceEqual(b.AsSpan<bool>()),
            _ => throw DTypes.Unknown(dtype),
        };
    }

    /// <summary>
    /// Whether |a - b| is at most <paramref name="atol"/> + <paramref name="rtol"/> |b| for all elements a of this array
    /// and b of the other, or a equals b (infinities). The shapes broadcast. NumPy's <c>allclose</c>.
    /// </summary>
    /// <param name="other">The array to compare with, to which <paramref name="rtol"/> is relative.</param>
    /// <param name="rtol">The relative tolerance.</param>
    /// <param name="atol">The absolute tolerance.</param>
    /// <param name="equalNaN">Whether NaN is close to NaN.</param>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public bool AllClose(NDArray other, double rtol = 1e-5, double atol = 1e-8, bool equalNaN = false)
    {
        ArgumentNullException.ThrowIfNull(other);
        var shape = Broadcasting.Join("AllClose", Shape, other.Shape);
        var a = Broadcasting.Expand(AsType(DType.Float64), shape).AsSpan<double>();
        var b = Broadcasting.Expand(other.AsType(DType.Float64), shape).AsSpan<double>();
        for (var i = 0; i < a.Length; i++)
        {
            var close = AreEqual(a[i], b[i], equalNaN)
                || (double.IsFinite(b[i]) && Math.Abs(a[i] - b[i]) <= atol + rtol * Math.Abs(b[i]));
            if (!close)
                return false;
        }

        return true;
    }

    private static bool AllEqual<T>(NDArray a, NDArray b, bool equalNaN) where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> left = a.AsSpan<T>(), right = b.AsSpan<T>();
        for (var i = 0; i < left.Length; i++)
        {
            if (!AreEqual(left[i], right[i], equalNaN))
                return false;
        }

        return true;
    }

    private static bool AreEqual<T>(T a, T b, bool equalNaN) where T : INumber<T> =>
        a == b || (equalNaN && T.IsNaN(a) && T.IsNaN(b));
}
