using System.Globalization;
using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A decimal number d.ddd... x 10^<paramref name="Exponent"/> with the digits <paramref name="Digits"/>, neither the first
/// nor the last of which is 0 (zero itself is "0" with exponent 0).
/// </summary>
internal readonly record struct DecimalNumber(bool IsNegative, string Digits, int Exponent)
{
    public bool IsZero => Digits == "0";

    private string Sign => IsNegative ? "-" : "";

    /// <summary>The number with the fewest digits that reads back as <paramref name="value"/>.</summary>
    public static DecimalNumber Shortest<T>(T value) where T : IFloatingPointIeee754<T>
    {
        var text = T.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var scale = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), provider: CultureInfo.InvariantCulture);
        var mantissa = mark < 0 ? text : text[..mark];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa.Length : point;
        return Normalize(T.IsNegative(value), mantissa.Replace(".", "", StringComparison.Ordinal), whole - 1 + scale);
    }

    /// <summary>
    /// The number itself if it has no digit beyond the <paramref name="places"/>th after the point; else
    /// <paramref name="exact"/>, which this number stands for, rounded there, half to even.
    /// </summary>
    public DecimalNumber Round(double exact, int places)
    {
        if (Digits.Length - 1 - Exponent <= places)
            return this;
        var digits = RoundScaled(Math.Abs(exact), places).ToString(CultureInfo.InvariantCulture);
        return Normalize(IsNegative, digits, digits.Length - 1 - places);
    }

    /// <summary>The digits before and after the point.</summary>
    public (string Whole, string Fraction) Positional()
    {
        if (Exponent < 0)
            return ($"{Sign}0", new string('0', -Exponent - 1) + Digits);
        var whole = Digits.PadRight(Exponent + 1, '0')[..(Exponent + 1)];
        return (Sign + whole, Digits.Length > whole.Length ? Digits[whole.Length..] : "");
    }

    /// <summary>Such as -1.250e+07, with at least so many digits after the point and in the exponent.</summary>
    public string Scientific(int fractionDigits, int exponentDigits)
    {
        var exponent = Math.Abs(Exponent).ToString(CultureInfo.InvariantCulture).PadLeft(exponentDigits, '0');
        return $"{Sign}{Digits[0]}.{Digits[1..].PadRight(fractionDigits, '0')}e{(Exponent < 0 ? '-' : '+')}{exponent}";
    }

    private static DecimalNumber Normalize(bool isNegative, string digits, int exponent)
    {
        var significant = digits.TrimStart('0');
        return significant.Length == 0
            ? new DecimalNumber(isNegative, "0", 0)
            : new DecimalNumber(isNegative, significant.TrimEnd('0'), exponent - (digits.Length - significant.Length));
    }

    /// <summary>
    /// value x 10^places as an integer, rounded half to even. Exact: a double is an integer times a power of 2.
    /// </summary>
    private static BigInteger RoundScaled(double value, int places)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var (biased, fraction) = ((int)(bits >> 52), bits & 0xFFFFFFFFFFFFF);
        var binary = Math.Max(biased, 1) - 1075;
        BigInteger numerator = biased == 0 ? fraction : fraction | (1L << 52);
        var denominator = BigInteger.One;
        if (binary >= 0)
            numerator <<= binary;
        else
            denominator <<= -binary;
        if (places >= 0)
            numerator *= BigInteger.Pow(10, places);
        else
            denominator *= BigInteger.Pow(10, -places);
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        var half = (rest * 2).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}
