using System.Runtime.InteropServices;
using Autodiff;

namespace AheadOfTime;

/// <summary>Values as text that tells any two of different bits apart.</summary>
internal static class Bits
{
    public static string Of(double value) => $"{value:R}";

    /// <summary>The sum of the elements, for the eye, and a hash of their bits.</summary>
    public static string Of(NDArray value)
    {
        var elements = value.AsType(DType.Float64).ToArray<double>();
        var hash = 0xCBF29CE484222325UL;
        foreach (var bits in MemoryMarshal.Cast<double, ulong>(elements))
            hash = (hash ^ bits) * 0x100000001B3UL;
        return $"{elements.Sum():R} {hash:x16}";
    }
}
