namespace Autodiff.Kernel;

/// <summary>
/// The inverse of the normal distribution function, made of IEEE operations alone (+, -, *, /, square root), so that every
/// platform gives the same bits; the mathematical functions of the system differ in the last one.
/// </summary>
internal static class NormalQuantile
{
    private const double Ln2 = 0.693147180559945309417232;
    private const double Sqrt2 = 1.41421356237309504880169;

    // Wichura, "Algorithm AS 241: The percentage points of the normal distribution" (1988), PPND16: three quotients of
    // polynomials of degree 7, with a relative error of about 1e-16. Highest power first.
    private static ReadOnlySpan<double> CentralAbove =>
    [
        2.5090809287301226727e3, 3.34305755835881281e4, 6.72657709270087009e4, 4.59219539315498715e4,
        1.37316937655094611e4, 1.97159095030655144e3, 1.33141667891784377e2, 3.38713287279636661,
    ];

    private static ReadOnlySpan<double> CentralBelow =>
    [
        5.22649527885285456e3, 2.87290857357219427e4, 3.93078958000927106e4, 2.12137943015865959e4,
        5.39419602142475111e3, 6.87187007492057908e2, 4.23133307016009113e1, 1,
    ];

    private static ReadOnlySpan<double> OuterAbove =>
    [
        7.74545014278341408e-4, 2.27238449892691846e-2, 2.41780725177450612e-1, 1.27045825245236838,
        3.64784832476320461, 5.76949722146069141, 4.63033784615654529, 1.42343711074968358,
    ];

    private static ReadOnlySpan<double> OuterBelow =>
    [
        1.05075007164441684e-9, 5.47593808499534495e-4, 1.51986665636164572e-2, 1.48103976427480075e-1,
        6.89767334985100005e-1, 1.67638483018380385, 2.05319162663775882, 1,
    ];

    private static ReadOnlySpan<double> TailAbove =>
    [
        2.01033439929228813e-7, 2.71155556874348758e-5, 1.24266094738807844e-3, 2.65321895265761230e-2,
        2.96560571828504891e-1, 1.78482653991729133, 5.46378491116411437, 6.65790464350110378,
    ];

    private static ReadOnlySpan<double> TailBelow =>
    [
        2.04426310338993979e-15, 1.42151175831644589e-7, 1.84631831751005468e-5, 7.86869131145613259e-4,
        1.48753612908506149e-2, 1.36929880922735805e-1, 5.99832206555887938e-1, 1,
    ];

    /// <summary>The x with probability p to its left, for 0 &lt; p &lt; 1.</summary>
    public static double Evaluate(double p)
    {
        var q = p - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var s = 0.180625 - q * q;
            return q * Polynomial(CentralAbove, s) / Polynomial(CentralBelow, s);
        }

        var r = Math.Sqrt(-Log(q < 0 ? p : 1 - p));
        var x = r <= 5
            ? Polynomial(OuterAbove, r - 1.6) / Polynomial(OuterBelow, r - 1.6)
            : Polynomial(TailAbove, r - 5) / Polynomial(TailBelow, r - 5);
        return q < 0 ? -x : x;
    }

    /// <summary>
    /// The logarithm of a positive normal number x = m 2^e with m between 1/sqrt 2 and sqrt 2:
    /// e ln 2 + 2 artanh s, where s = (m - 1) / (m + 1). The series in s^2 &lt; 0.0295 ends below 2^-55.
    /// </summary>
    internal static double Log(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var m = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (m > Sqrt2)
            (m, exponent) = (m / 2, exponent + 1);
        var s = (m - 1) / (m + 1);
        var square = s * s;
        var series = 0.0;
        for (var n = 21; n >= 3; n -= 2)
            series = (series + 1.0 / n) * square;
        return exponent * Ln2 + 2 * (s + s * series);
    }

    private static double Polynomial(ReadOnlySpan<double> coefficients, double x)
    {
        var sum = 0.0;
        foreach (var coefficient in coefficients)
            sum = sum * x + coefficient;
        return sum;
    }
}
