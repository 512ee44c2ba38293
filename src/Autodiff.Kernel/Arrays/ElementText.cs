using System.Globalization;
using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>Single elements as text: alone, or padded so that they stand in columns.</summary>
internal static class ElementText
{
    /// <summary>The element of a scalar array, with all the digits that tell it from its neighbours.</summary>
    public static string Scalar(NDArray array) => array.DType switch
    {
        DType.Float32 => Scalar(array.Item<float>()),
        DType.Float64 => Scalar(array.Item<double>()),
        DType.Int32 => Integer(array.Item<int>()),
        DType.Int64 => Integer(array.Item<long>()),
        DType.Bool => Truth(array.Item<bool>()),
        _ => throw DTypes.Unknown(array.DType),
    };

    /// <summary>The elements at some row-major positions, as words of a common format.</summary>
    public static string[] Column(NDArray array, int[] positions) => array.DType switch
    {
        DType.Float32 => new FloatColumn<float>(Pick<float>(array, positions)).Words(),
        DType.Float64 => new FloatColumn<double>(Pick<double>(array, positions)).Words(),
        DType.Int32 => AlignRight(Array.ConvertAll(Pick<int>(array, positions), value => Integer(value))),
        DType.Int64 => AlignRight(Array.ConvertAll(Pick<long>(array, positions), Integer)),
        // NumPy leaves room for 'False' even where there is none.
        DType.Bool => Array.ConvertAll(Pick<bool>(array, positions), value => Truth(value).PadLeft(5)),
        _ => throw DTypes.Unknown(array.DType),
    };

    /// <summary>NaN and the infinities as NumPy writes them; null for a finite value.</summary>
    public static string? NotFinite<T>(T value) where T : IFloatingPointIeee754<T> =>
        T.IsFinite(value) ? null
        : T.IsNaN(value) ? "nan"
        : T.IsPositive(value) ? "inf"
        : "-inf";

    private static string Scalar<T>(T value) where T : IFloatingPointIeee754<T>
    {
        if (NotFinite(value) is { } text)
            return text;
        var number = DecimalNumber.Shortest(value);
        if (!number.IsZero && number.Exponent is < -4 or >= 16)
            return number.Scientific(0, 2).Replace(".e", "e", StringComparison.Ordinal);
        var (whole, fraction) = number.Positional();
        return $"{whole}.{(fraction.Length == 0 ? "0" : fraction)}";
    }

    private static string Integer(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Truth(bool value) => value ? "True" : "False";

    private static T[] Pick<T>(NDArray array, int[] positions) where T : unmanaged
    {
        var elements = array.AsSpan<T>();
        var picked = new T[positions.Length];
        for (var i = 0; i < picked.Length; i++)
            picked[i] = elements[positions[i]];
        return picked;
    }

    private static string[] AlignRight(string[] words)
    {
        var width = words.Length == 0 ? 0 : words.Max(word => word.Length);
        return Array.ConvertAll(words, word => word.PadLeft(width));
    }
}
