using System.Numerics;
using System.Numerics.Tensors;

namespace Autodiff.Kernel;

/// <summary>Elements of one type as another, as <see cref="NDArray.AsType"/> says.</summary>
internal static class ElementConversion
{
    public static NDArray Convert(NDArray source, DType target) => source.DType switch
    {
        DType.Float32 => Numbers<float>(source, target),
        DType.Float64 => Numbers<double>(source, target),
        DType.Int32 => Numbers<int>(source, target),
        DType.Int64 => Numbers<long>(source, target),
        DType.Bool => Truths(source, target),
        _ => throw DTypes.Unknown(source.DType),
    };

    private static NDArray Numbers<T>(NDArray source, DType target) where T : unmanaged, INumber<T> => target switch
    {
        DType.Float32 => Numbers<T, float>(source),
        DType.Float64 => Numbers<T, double>(source),
        DType.Int32 => Numbers<T, int>(source),
        DType.Int64 => Numbers<T, long>(source),
        DType.Bool => NonZero(source.AsSpan<T>(), source.Shape),
        _ => throw DTypes.Unknown(target),
    };

    private static NDArray Numbers<TFrom, TTo>(NDArray source)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        var result = NDArray.Uninitialized<TTo>(source.Shape, out var elements);
        TensorPrimitives.ConvertTruncating(source.AsSpan<TFrom>(), elements);
        return result;
    }

    private static NDArray NonZero<T>(ReadOnlySpan<T> source, Shape shape) where T : unmanaged, INumber<T>
    {
        var result = new bool[source.Length];
        for (var i = 0; i < result.Length; i++)
            result[i] = source[i] != T.Zero;
        return NDArray.Own(result, shape);
    }

    private static NDArray Truths(NDArray source, DType target)
    {
        var bits = new int[source.Length];
        var truths = source.AsSpan<bool>();
        for (var i = 0; i < bits.Length; i++)
            bits[i] = truths[i] ? 1 : 0;
        return NDArray.Own(bits, source.Shape).AsType(target);
    }
}
