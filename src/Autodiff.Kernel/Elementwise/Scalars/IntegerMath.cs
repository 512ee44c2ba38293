using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>Integer operations without a vector form. All wrap around; division by zero throws as .NET does.</summary>
internal static class IntegerMath
{
    /// <summary>A function of two integers.</summary>
    /// <exception cref="DivideByZeroException">A division by 0, or a negative power of 0.</exception>
    public static T Evaluate<T>(Opcode code, T a, T b) where T : unmanaged, IBinaryInteger<T> => code switch
    {
        Opcode.Div => Divide(a, b),
        Opcode.Fmod => Fmod(a, b),
        Opcode.Remainder => Remainder(a, b),
        Opcode.Pow => Power(a, b),
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "no function of two integers"),
    };

    // Division by -1 is negation: the least integer divided by it is out of range, which the machine would trap.
    private static T Divide<T>(T a, T b) where T : IBinaryInteger<T> => b == -T.One ? -a : a / b;

    private static T Fmod<T>(T a, T b) where T : IBinaryInteger<T> => b == -T.One ? T.Zero : a % b;

    private static T Remainder<T>(T a, T b) where T : IBinaryInteger<T>
    {
        var r = Fmod(a, b);
        return !T.IsZero(r) && T.IsNegative(r) != T.IsNegative(b) ? r + b : r;
    }

    /// <summary>a^b by squaring; for negative b the quotient 1 / a^-b, truncated.</summary>
    private static T Power<T>(T a, T b) where T : IBinaryInteger<T>
    {
        if (T.IsNegative(b))
            return a == T.One || a == -T.One ? (T.IsOddInteger(b) ? a : T.One) : T.IsZero(a) ? T.One / a : T.Zero;
        var power = T.One;
        for (; !T.IsZero(b); b >>= 1, a *= a)
            if (T.IsOddInteger(b))
                power *= a;
        return power;
    }
}
