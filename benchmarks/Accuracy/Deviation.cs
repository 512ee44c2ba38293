namespace Autodiff.Benchmarks.Accuracy;

/// <summary>
/// How far the results of a function of float are from the exact ones: the largest distance in ulp and where it is, and
/// the results that are wrong at all, as a number for NaN, or a zero of the wrong sign.
/// </summary>
internal sealed class Deviation
{
    /// <summary>The largest distance from the exact value, in units of the last place of that.</summary>
    public double Ulp { get; private set; }

    /// <summary>The argument of the largest distance.</summary>
    public float At { get; private set; }

    /// <summary>How many results are no approximation of what is exact.</summary>
    public long Wrong { get; private set; }

    /// <summary>An argument of such a result.</summary>
    public float WrongAt { get; private set; }

    /// <summary>Takes the results for some arguments into account.</summary>
    public void Add(ReadOnlySpan<float> arguments, ReadOnlySpan<float> results, ReadOnlySpan<double> exact)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            var distance = Distance(results[i], exact[i]);
            if (distance <= Ulp)
                continue;
            if (double.IsFinite(distance))
                (Ulp, At) = (distance, arguments[i]);
            else
                (Wrong, WrongAt) = (Wrong + 1, arguments[i]);
        }
    }

    /// <summary>Takes into account what another has found.</summary>
    public void Add(Deviation other)
    {
        if (other.Ulp > Ulp)
            (Ulp, At) = (other.Ulp, other.At);
        if (other.Wrong > 0)
            (Wrong, WrongAt) = (Wrong + other.Wrong, other.WrongAt);
    }

    /// <summary>In ulp of the exact value; infinite where the result is of another kind.</summary>
    private static double Distance(float result, double exact)
    {
        var error = Math.Abs(result - exact);
        if (error == 0)
            return exact == 0 && double.IsNegative(exact) != float.IsNegative(result) ? double.PositiveInfinity : 0;
        if (double.IsFinite(error))
            return exact == 0 ? double.PositiveInfinity : error / UnitInTheLastPlace(exact);
        var same = double.IsNaN(exact)
            ? float.IsNaN(result)
            : !float.IsNaN(result) && Math.Abs(exact) >= float.MaxValue && float.IsInfinity(result) && result > 0 == exact > 0;
        return same ? 0 : double.PositiveInfinity;
    }

    /// <summary>The distance of neighbouring floats at a magnitude: from its exponent, and that of the subnormals below.</summary>
    private static double UnitInTheLastPlace(double x)
    {
        var exponent = BitConverter.DoubleToInt64Bits(x) & 0x7FF0_0000_0000_0000;
        return Math.Max(BitConverter.Int64BitsToDouble(exponent), 1.1754943508222875e-38) * 1.1920928955078125e-07;
    }
}
