namespace Autodiff.Kernel;

/// <summary>
/// Logarithms of gamma variates by Marsaglia and Tsang ("A simple method for generating gamma variables", 2000): of a
/// normal x, d (1 + c x)^3 is accepted or the next x is tried. Each element has counters of its own, so that no other
/// depends on how often it tries; IEEE operations alone decide.
/// </summary>
internal static class GammaDraw
{
    /// <summary>The logarithm of a gamma variate of shape alpha, which may lie below that of the least double.</summary>
    /// <param name="key">The key.</param>
    /// <param name="element">The number of the element.</param>
    /// <param name="alpha">The shape; NaN comes of what is negative, and -infinity of 0.</param>
    public static double Log(RandomKey key, ulong element, double alpha)
    {
        if (!(alpha >= 0) || double.IsPositiveInfinity(alpha))
            return alpha > 0 ? alpha : double.NaN;
        if (alpha == 0)
            return double.NegativeInfinity;
        if (alpha >= 1)
            return LogFromOne(key, element, alpha);

        // gamma(alpha) is distributed as gamma(alpha + 1) u^(1 / alpha).
        var (a, b, _, _) = Philox.Encrypt(key, (uint)element, (uint)(element >> 32), 0, (uint)KeyPurpose.GammaBoost);
        return LogFromOne(key, element, alpha + 1) + NormalQuantile.Log(Draws.Middle([a, b])) / alpha;
    }

    private static double LogFromOne(RandomKey key, ulong element, double alpha)
    {
        var d = alpha - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        for (var attempt = 0U; ; attempt++)
        {
            var (w0, w1, w2, w3) = Philox.Encrypt(
                key, (uint)element, (uint)(element >> 32), attempt, (uint)KeyPurpose.Gamma);
            var x = NormalQuantile.Evaluate(Draws.Middle([w0, w1]));
            var t = 1 + c * x;
            if (t <= 0)
                continue;
            var log = 3 * NormalQuantile.Log(t);
            if (NormalQuantile.Log(Draws.Middle([w2, w3])) < x * x / 2 + d * (1 - t * t * t + log))
                return NormalQuantile.Log(d) + log;
        }
    }
}
