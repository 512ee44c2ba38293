namespace Autodiff.Kernel;

/// <summary>
/// Elementary and special functions of one double, accurate to a few ulp: the loops' own where no vector function
/// exists, and the reference that the vector functions of float are tested against.
/// </summary>
internal static class ScalarMath
{
    /// <summary>A function of one number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The operation is none of one float.</exception>
    public static double Evaluate(Opcode code, double x) => code switch
    {
        Opcode.Neg => -x,
        Opcode.Abs => Math.Abs(x),
        Opcode.Sign => x > 0 ? 1 : x < 0 ? -1 : x,
        Opcode.Square => x * x,
        Opcode.Reciprocal => 1 / x,
        Opcode.Sqrt => Math.Sqrt(x),
        Opcode.Rsqrt => 1 / Math.Sqrt(x),
        Opcode.Cbrt => Math.Cbrt(x),
        Opcode.Relu => x > 0 || double.IsNaN(x) ? x : 0,
        Opcode.Floor => Math.Floor(x),
        Opcode.Ceil => Math.Ceiling(x),
        Opcode.Round => Math.Round(x, MidpointRounding.ToEven),
        Opcode.Trunc => Math.Truncate(x),
        >= Opcode.Exp and <= Opcode.Log1p => Exponential(code, x),
        >= Opcode.Sin and <= Opcode.Atanh => Trigonometric(code, x),
        _ => Special(code, x),
    };

    /// <summary>A function of two numbers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The operation is none of two floats.</exception>
    public static double Evaluate(Opcode code, double x, double y) => code switch
    {
        Opcode.Add => x + y,
        Opcode.Sub => x - y,
        Opcode.Mul => x * y,
        Opcode.Div => x / y,
        Opcode.Pow => Math.Pow(x, y),
        Opcode.Maximum => Math.Max(x, y),
        Opcode.Minimum => Math.Min(x, y),
        Opcode.Remainder => Remainder(x, y),
        Opcode.Fmod => x % y,
        Opcode.Atan2 => Math.Atan2(x, y),
        Opcode.Hypot => double.Hypot(x, y),
        Opcode.LogAddExp => x == y ? x + Math.Log(2) : Math.Max(x, y) + Log1p(Math.Exp(-Math.Abs(x - y))),
        Opcode.Polygamma => GammaFunctions.Polygamma(x, y),
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "no function of two floats"),
    };

    private static double Exponential(Opcode code, double x) => code switch
    {
        Opcode.Exp => Math.Exp(x),
        Opcode.Exp2 => Math.Pow(2, x),
        Opcode.Expm1 => Expm1(x),
        Opcode.Log => Math.Log(x),
        Opcode.Log2 => Math.Log2(x),
        Opcode.Log10 => Math.Log10(x),
        _ => Log1p(x),
    };

    private static double Trigonometric(Opcode code, double x) => code switch
    {
        Opcode.Sin => Math.Sin(x),
        Opcode.Cos => Math.Cos(x),
        Opcode.Tan => Math.Tan(x),
        Opcode.Asin => Math.Asin(x),
        Opcode.Acos => Math.Acos(x),
        Opcode.Atan => Math.Atan(x),
        Opcode.Sinh => Math.Sinh(x),
        Opcode.Cosh => Math.Cosh(x),
        Opcode.Tanh => Math.Tanh(x),
        Opcode.Asinh => Math.Asinh(x),
        Opcode.Acosh => Math.Acosh(x),
        _ => Math.Atanh(x),
    };

    private static double Special(Opcode code, double x) => code switch
    {
        Opcode.Erf => ErrorFunctions.Erf(x),
        Opcode.Erfc => ErrorFunctions.Erfc(x),
        Opcode.ErfInv => ErrorFunctions.ErfInv(x),
        Opcode.Lgamma => GammaFunctions.Lgamma(x),
        Opcode.Digamma => GammaFunctions.Digamma(x),
        Opcode.Trigamma => GammaFunctions.Polygamma(1, x),
        Opcode.Log1mExp => x > 0.6931471805599453 ? Log1p(-Math.Exp(-x)) : Math.Log(-Expm1(-x)),
        Opcode.Sigmoid => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x)),
        Opcode.Softplus => Math.Max(x, 0) + Log1p(Math.Exp(-Math.Abs(x))),
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "no function of one float"),
    };

    /// <summary>log(1 + x): what rounding 1 + x does to the logarithm, it does to u - 1 in the same proportion.</summary>
    internal static double Log1p(double x)
    {
        var u = 1 + x;
        return u == 1 || double.IsPositiveInfinity(u) ? x : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>e^x - 1 by the same proportion, read the other way.</summary>
    private static double Expm1(double x)
    {
        var u = Math.Exp(x);
        return u == 1 ? x : Math.Abs(x) > 40 || double.IsNaN(x) ? u - 1 : (u - 1) * (x / Math.Log(u));
    }

    /// <summary>x - y floor(x / y): the remainder with the sign of y.</summary>
    private static double Remainder(double x, double y)
    {
        var r = x % y;
        return r == 0 ? Math.CopySign(0, y) : r < 0 != y < 0 ? r + y : r;
    }
}
