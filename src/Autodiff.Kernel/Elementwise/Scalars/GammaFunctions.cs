namespace Autodiff.Kernel;

/// <summary>The logarithm of the gamma function of one double, and its derivatives.</summary>
internal static class GammaFunctions
{
    /// <summary>The one positive zero of the digamma function, as a sum.</summary>
    private const double DigammaZero = 1.4616321449683622, DigammaZeroLow = 9.549995429965697e-17;

    /// <summary>lgamma(1 + t) / (t (t - 1)) for t in [0, 1], a minimax fit.</summary>
    private static ReadOnlySpan<double> LgammaFit =>
    [
        0.5772156649015329, -0.24525136852255897, 0.1554342658610382, -0.11514654240585762, 0.0922390039170105,
        -0.07731808817741254, 0.06673077770431804, -0.05876997044372113, 0.05250700871816131, -0.0473113527924803,
        0.04256490318211421, -0.03750268894980131, 0.03134294240472543, -0.023810169819913563, 0.0156613440624907,
        -0.008468534963779917, 0.0035515664895723565, -0.0010706501163556515, 0.0002047959528664461,
        -1.8571903481907367e-05,
    ];

    /// <summary>digamma(1 + t) / (1 + t - zero) for t in [0, 1], a minimax fit.</summary>
    private static ReadOnlySpan<double> DigammaFit =>
    [
        1.2503801375034052, -0.8546933606016949, 0.7524682722760704, -0.714540710905953, 0.6983634804565938,
        -0.6909816104229213, 0.6874827304515952, -0.6857405798957632, 0.6845569909507044, -0.6823763795469616,
        0.6754180853212434, -0.655269912863499, 0.6085149388052719, -0.5227553556855642, 0.39885418279632884,
        -0.2587613633593099, 0.1363089651524988, -0.05527459011305268, 0.016047703273284482, -0.0029513573528865567,
        0.0002572723647149441,
    ];

    /// <summary>The Bernoulli numbers B2, B4, ... B24.</summary>
    private static ReadOnlySpan<double> Bernoulli =>
    [
        1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510, 43867.0 / 798,
        -174611.0 / 330, 854513.0 / 138, -236364091.0 / 2730,
    ];

    /// <summary>log |gamma(x)|.</summary>
    public static double Lgamma(double x) =>
        x <= 0 ? ReflectedLgamma(x)
        : x < 1 ? Fit(LgammaFit, x) * (x * (x - 1)) - Math.Log(x)
        : x <= 2 ? 0 - Fit(LgammaFit, x - 1) * ((x - 1) * (2 - x))
        : x <= 3 ? Fit(LgammaFit, x - 2) * ((x - 2) * (x - 3)) + ScalarMath.Log1p(x - 2)
        : x < 10 ? LowerLgamma(x)
        : StirlingLgamma(x);

    /// <summary>The derivative of lgamma.</summary>
    public static double Digamma(double x)
    {
        if (x <= 0)
            return ReflectedDigamma(x);
        if (x < 1)
            return OneToTwo(x + 1) - 1 / x;
        if (x >= 10)
            return AsymptoticDigamma(x);

        // Downwards each difference is exact.
        double sum = 0;
        for (; x > 2; sum += 1 / x)
            x -= 1;
        return OneToTwo(x) + sum;

        static double OneToTwo(double x) => Fit(DigammaFit, x - 1) * (x - DigammaZero - DigammaZeroLow);
    }

    /// <summary>
    /// Derivative number n of digamma: (-1)^(n + 1) n! sum over k >= 0 of (x + k)^-(n + 1); NaN if n is no natural number.
    /// </summary>
    public static double Polygamma(double n, double x)
    {
        if (!(n >= 0) || n != Math.Floor(n) || double.IsInfinity(n))
            return double.NaN;
        if (n == 0)
            return Digamma(x);
        if (double.IsInfinity(x))
            return x > 0 ? 0 : double.NaN;
        var odd = Math.IEEERemainder(n, 2) != 0;
        var sum = x > 0 ? HurwitzZeta(n + 1, x) : PowersOfNegative(n + 1, x, odd);
        var magnitude = n <= 170 ? Factorial(n) * sum
            : Math.CopySign(Math.Exp(StirlingLgamma(n + 1) + Math.Log(Math.Abs(sum))), sum);
        return odd ? magnitude : -magnitude;
    }

    /// <summary>
    /// sum over k >= 0 of (x + k)^-s for x below 0, s a natural number: the terms below 0 are, up to their sign, those of
    /// 1 - g, 2 - g, ... -x, where g is x + k for the first k that makes it positive.
    /// </summary>
    private static double PowersOfNegative(double s, double x, bool even)
    {
        if (x == Math.Floor(x) || double.IsNaN(x))
            return even ? Math.Abs(x) + double.PositiveInfinity
                : x == 0 ? Math.CopySign(double.PositiveInfinity, x) : double.NaN;
        var below = -x - Math.Floor(-x);
        var negative = HurwitzZeta(s, below) - HurwitzZeta(s, 1 - x);
        return HurwitzZeta(s, 1 - below) + (even ? negative : -negative);
    }

    /// <summary>sum over k >= 0 of (x + k)^-s for positive x: some terms, and the rest by Euler and Maclaurin.</summary>
    private static double HurwitzZeta(double s, double x)
    {
        double sum = 0;
        for (; x < 10 + s; x++)
        {
            var term = Math.Pow(x, -s);
            sum += term;
            if (term <= sum * 1e-20)
                return sum;
        }

        var last = Math.Pow(x, -s);
        var factor = s * last / x;
        double tail = 0;
        for (var k = 0; k < Bernoulli.Length; k++)
        {
            // B2k s (s + 1) ... (s + 2k - 2) / (2k)! x^-(s + 2k - 1)
            factor /= (2 * k + 1.0) * (2 * k + 2.0);
            tail += Bernoulli[k] * factor;
            factor *= (s + 2 * k + 1) * (s + 2 * k + 2) / (x * x);
        }

        return sum + (tail + (last / 2 + last * x / (s - 1)));
    }

    private static double Factorial(double n)
    {
        double product = 1;
        for (var k = 2; k <= n; k++)
            product *= k;
        return product;
    }

    /// <summary>log((x - 1) (x - 2) ... y) + lgamma(y) with y in (2, 3].</summary>
    private static double LowerLgamma(double x)
    {
        double product = 1;
        while (x > 3)
        {
            x -= 1;
            product *= x;
        }

        return Math.Log(product) + Lgamma(x);
    }

    /// <summary>Stirling's series, for x from 10 on.</summary>
    private static double StirlingLgamma(double x)
    {
        double tail = 0, power = 1 / x;
        for (var k = 0; k < 9; k++, power /= x * x)
            tail += Bernoulli[k] / ((2 * k + 1) * (2 * k + 2)) * power;
        return (x - 0.5) * (Math.Log(x) - 1) + (0.41893853320467274 + tail);
    }

    /// <summary>gamma(x) gamma(1 - x) = pi / sin(pi x).</summary>
    private static double ReflectedLgamma(double x)
    {
        if (x == Math.Floor(x))
            return double.PositiveInfinity;
        if (x > -1e-20)
            return -Math.Log(-x);
        return Math.Log(Math.PI / Math.Abs(SinPi(x))) - Lgamma(1 - x);
    }

    /// <summary>digamma(x) = digamma(1 - x) - pi cot(pi x).</summary>
    private static double ReflectedDigamma(double x)
    {
        if (x == 0)
            return Math.CopySign(double.PositiveInfinity, -x);
        if (x == Math.Floor(x))
            return double.NaN;
        var turn = x - Math.Round(x);
        return Digamma(1 - x) - Math.PI / Math.Tan(Math.PI * turn);
    }

    /// <summary>log x - 1 / 2x - sum of B2k / (2k x^2k), for x from 10 on.</summary>
    private static double AsymptoticDigamma(double x)
    {
        var square = 1 / (x * x);
        double tail = 0, power = square;
        for (var k = 0; k < 9; k++, power *= square)
            tail += Bernoulli[k] / (2 * k + 2) * power;
        return Math.Log(x) - (0.5 / x + tail);
    }

    /// <summary>sin(pi x) up to its sign, right near every integer.</summary>
    private static double SinPi(double x) => Math.Sin(Math.PI * (x - Math.Round(x)));

    private static double Fit(ReadOnlySpan<double> coefficients, double t)
    {
        double p = 0;
        for (var k = coefficients.Length - 1; k >= 0; k--)
            p = Math.FusedMultiplyAdd(p, t, coefficients[k]);
        return p;
    }
}
