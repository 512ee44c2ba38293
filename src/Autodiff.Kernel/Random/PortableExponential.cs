namespace Autodiff.Kernel;

/// <summary>The exponential from IEEE operations alone, so that every platform gives the same bits.</summary>
internal static class PortableExponential
{
    private const double Log2E = 1.44269504088896340736;

    // ln 2 as a number of few digits, whose multiples are exact, and the rest.
    private const double Ln2High = 0.693145751953125, Ln2Low = 1.42860682030941723212e-6;

    /// <summary>
    /// e^x = 2^k e^r with r between -ln 2 / 2 and ln 2 / 2, whose series ends below 2^-55.
    /// </summary>
    public static double Evaluate(double x)
    {
        if (double.IsNaN(x) || x > 710)
            return x > 0 ? double.PositiveInfinity : x;
        if (x < -746)
            return 0;
        var k = Math.Round(x * Log2E);
        var r = x - k * Ln2High - k * Ln2Low;
        var sum = 1.0;
        for (var n = 14; n >= 1; n--)
            sum = 1 + sum * r / n;

        // In two steps, because 2^k may be no double where the product is one.
        var half = Math.Floor(k / 2);
        return sum * PowerOfTwo((int)half) * PowerOfTwo((int)(k - half));
    }

    private static double PowerOfTwo(int exponent) => BitConverter.Int64BitsToDouble((exponent + 1023L) << 52);
}
