namespace Autodiff.Kernel;

/// <summary>The error function of one double, its complement and its inverse.</summary>
internal static class ErrorFunctions
{
    private static readonly double HalfRootPi = Math.Sqrt(Math.PI) / 2;

    public static double Erf(double x) => Wide128<double>.First(VectorMath.Erf<Wide128<double>, double>(x));

    public static double Erfc(double x) => Wide128<double>.First(VectorMath.Erfc<Wide128<double>, double>(x));

    /// <summary>
    /// x with erf x = y. Two steps of Halley's method from a guess right to three digits: each triples them. Beyond 1/2
    /// the steps solve erfc x = 1 - |y|, of which no digit is lost near 1.
    /// </summary>
    public static double ErfInv(double y)
    {
        var magnitude = Math.Abs(y);
        if (!(magnitude < 1))
            return magnitude == 1 ? y * double.PositiveInfinity : double.NaN;
        var x = magnitude < 0.5 ? CentralGuess(magnitude) : TailGuess(1 - magnitude);
        for (var step = 0; step < 2 && magnitude > 1e-9; step++)
        {
            var miss = magnitude < 0.5 ? Erf(x) - magnitude : 1 - magnitude - Erfc(x);
            var newton = miss * HalfRootPi * Math.Exp(x * x);
            x -= newton / (1 + x * newton);
        }

        return Math.CopySign(x, y);
    }

    /// <summary>The first terms of the series of the inverse.</summary>
    private static double CentralGuess(double y)
    {
        var z = Math.PI * y * y;
        return HalfRootPi * y * (1 + z * (1.0 / 12 + z * (7.0 / 480)));
    }

    /// <summary>The inverse of erf x = sqrt(1 - exp(-x^2 (4/pi + a x^2) / (1 + a x^2))), after Winitzki, with q = 1 - erf x.</summary>
    private static double TailGuess(double q)
    {
        const double a = 0.147;
        var log = Math.Log(q * (2 - q));
        var half = 2 / (Math.PI * a) + log / 2;
        return Math.Sqrt(Math.Sqrt(half * half - log / a) - half);
    }
}
