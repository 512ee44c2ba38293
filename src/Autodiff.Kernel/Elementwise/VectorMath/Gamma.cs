using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The logarithm of the gamma function and its derivatives, for positive arguments. Those from 0 down, where each of
/// them has poles, and subnormal ones are rare, and go lane by lane through <see cref="GammaFunctions"/>.
/// </summary>
internal static partial class VectorMath
{
    /// <summary>
    /// log |gamma(x)|, within 4 ulp, relative also at its zeros 1 and 2. With x = t, 1 + t or 2 + t below 3 it is
    /// lgamma(1 + t) = t (t - 1) P(t), from which log t is taken or to which log(1 + t) is added; from 3 on Stirling's
    /// formula holds.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Lgamma<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V belowOne = V.Less(x, 1), belowTwo = V.Less(x, 2), belowThree = V.Less(x, 3);
        var t = x - V.Select(belowOne, 0, V.Select(belowTwo, 1, 2));
        var m = Mantissa<V, T>(V.Select(belowThree, V.Select(belowOne, x, V.Select(belowTwo, 1, x - 1)), x), out var n);
        var f = m - 1;
        var tail = LogTail<V, T>(f, n, 0);

        // Near 1 and 2 most of log(1 + f) cancels: f, which is t - 1 or t there, is taken out of both terms.
        var sign = V.Select(belowOne, -1, V.Select(belowTwo, 0, 1));
        V factor = V.Select(belowOne, t - 1, t), other = V.Select(belowOne, t, t - 1);
        var isWhole = V.Equal(n, 0);
        var inner = V.Fma(other, LgammaBetween<V, T>(t - 0.5), V.Select(isWhole, sign, 0));
        var near = V.Fma(factor, inner, V.Select(isWhole, 0, sign * f)) - sign * tail;
        near = V.Fma(n * sign, LeadingLog2<T>(), near);

        // (x - 1/2) (log x - 1) + log(2 pi) / 2 - 1/2 + ...; the 1 is taken where that costs no digit.
        var inverse = 1 / x;
        var series = V.Fma(inverse, StirlingTail<V, T>(inverse * inverse), 0.41893853320467274);
        var far = V.Fma(x - 0.5, V.Fma(n, LeadingLog2<T>(), -1) + (f - tail), series);
        var y = V.Select(belowThree, near, far);
        return V.Rarely<LgammaAnywhere>(~IsPositiveNormal<V, T>(x), x, x, y);
    }

    /// <summary>
    /// The derivative of lgamma, within 4 ulp, relative also at its positive zero: digamma(1 + t) = (1 + t - zero) D(t)
    /// with x = 1 + t below 2, and x = t with 1 / x to be taken from it below 1; from 2 on log x and a series in 1 / x.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Digamma<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        // The zero is 1 + leading + trailing.
        V leading = typeof(T) == typeof(float) ? 0.4616321325302124 : 0.46163214496836236;
        V trailing = typeof(T) == typeof(float) ? 1.2438149938918909e-08 : -1.5522348162858677e-17;
        var belowOne = V.Less(x, 1);
        var inverse = 1 / x;
        var t = V.Select(belowOne, x, x - 1);
        var near = ((t - leading) - trailing) * DigammaBetween<V, T>(t - 0.5);
        near -= V.Select(belowOne, inverse, 0);
        var m = Mantissa<V, T>(x, out var n);
        var z = inverse * inverse;
        var far = LogOfParts<V, T>(m - 1, n, 0) - V.Fma(z, DigammaTail<V, T>(z), inverse * 0.5);
        return V.Rarely<DigammaAnywhere>(~IsPositiveNormal<V, T>(x), x, x, V.Select(V.Less(x, 2), near, far));
    }

    /// <summary>
    /// The derivative of digamma, within 4 ulp: a series in 1 / x from 3 on; below, 1 / x^2 + 1 / (x + 1)^2 +
    /// 1 / (x + 2)^2 and its value at x + 3.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Trigamma<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var isNear = V.Less(x, 3);
        var inverse = 1 / V.Select(isNear, x + 3, x);
        var z = inverse * inverse;
        var far = V.Fma(inverse * z, TrigammaTail<V, T>(z), V.Fma(z, 0.5, inverse));
        V first = 1 / x, a = x + 1, b = x + 2, product = a * b;
        var later = V.Fma(a, a, b * b) / (product * product);
        var y = V.Select(isNear, V.Fma(first, first, later + far), far);
        return V.Rarely<TrigammaAnywhere>(~IsPositiveNormal<V, T>(x), x, x, y);
    }

    /// <summary>lgamma of any number.</summary>
    private readonly struct LgammaAnywhere : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Lgamma, ~IsPositiveNormal<V, T>(a), a, y);
    }

    /// <summary>digamma of any number.</summary>
    private readonly struct DigammaAnywhere : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Digamma, ~IsPositiveNormal<V, T>(a), a, y);
    }

    /// <summary>trigamma of any number.</summary>
    private readonly struct TrigammaAnywhere : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.Trigamma, ~IsPositiveNormal<V, T>(a), a, y);
    }

    /// <summary>lgamma(1 + t) / (t (t - 1)) with v = t - 1/2, for t from 0 to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LgammaBetween<V, T>(V v)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V even, odd;
        var square = v * v;
        if (typeof(T) == typeof(float))
        {
            odd = V.Fma(-0.00152641463, square, -0.00311590627);
            odd = V.Fma(odd, square, -0.00943648755);
            odd = V.Fma(odd, square, -0.0313079918);
            odd = V.Fma(odd, square, -0.145959902);
            even = V.Fma(0.00244840097, square, 0.0053251627);
            even = V.Fma(even, square, 0.0168082274);
            even = V.Fma(even, square, 0.0629110474);
            even = V.Fma(even, square, 0.483128952);
            return V.Fma(odd, v, even);
        }

        odd = V.Fma(-1.857065535708011e-05, square, -2.143691664954331e-05);
        odd = V.Fma(odd, square, -6.796266734294307e-05);
        odd = V.Fma(odd, square, -0.00016856488332884167);
        odd = V.Fma(odd, square, -0.0004380362813973834);
        odd = V.Fma(odd, square, -0.0011644112675196024);
        odd = V.Fma(odd, square, -0.003212074226919623);
        odd = V.Fma(odd, square, -0.009425622444632659);
        odd = V.Fma(odd, square, -0.03130848750105608);
        odd = V.Fma(odd, square, -0.14595989591430591);
        even = V.Fma(2.836264769587543e-05, square, 3.4964135586630844e-05);
        even = V.Fma(even, square, 0.00010772707372949108);
        even = V.Fma(even, square, 0.00027089209809695196);
        even = V.Fma(even, square, 0.0007115654558957346);
        even = V.Fma(even, square, 0.0019229132058228707);
        even = V.Fma(even, square, 0.005446457958651375);
        even = V.Fma(even, square, 0.016797098628939085);
        even = V.Fma(even, square, 0.06291140107458208);
        even = V.Fma(even, square, 0.4831289505409809);
        return V.Fma(odd, v, even);
    }

    /// <summary>(lgamma(x) - (x - 1/2) (log x - 1) - log(2 pi) / 2 + 1/2) x with z = 1 / x^2, for x from 3 on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V StirlingTail<V, T>(V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V even, odd;
        var square = z * z;
        if (typeof(T) == typeof(float))
        {
            odd = V.Fma(-0.000420422822, square, -0.00277713164);
            even = V.Fma(0.000777551521, square, 0.0833333245);
            return V.Fma(odd, z, even);
        }

        odd = V.Fma(-0.0437048725514658, square, -0.016258857471011405);
        odd = V.Fma(odd, square, -0.0018670085357760746);
        odd = V.Fma(odd, square, -0.0005951954496478176);
        odd = V.Fma(odd, square, -0.0027777777733921064);
        even = V.Fma(0.03717828429709634, square, 0.005446320055844359);
        even = V.Fma(even, square, 0.0008399315002887758);
        even = V.Fma(even, square, 0.0007936501934662636);
        even = V.Fma(even, square, 0.08333333333332149);
        return V.Fma(odd, z, even);
    }

    /// <summary>digamma(1 + t) / (1 + t - zero) with v = t - 1/2, for t from 0 to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V DigammaBetween<V, T>(V v)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V even, odd;
        var square = v * v;
        if (typeof(T) == typeof(float))
        {
            odd = V.Fma(-0.0163836674, square, -0.0257812723);
            odd = V.Fma(odd, square, -0.0620570211);
            odd = V.Fma(odd, square, -0.14839879);
            odd = V.Fma(odd, square, -0.423627499);
            even = V.Fma(0.0111164056, square, 0.0169818243);
            even = V.Fma(even, square, 0.040879025);
            even = V.Fma(even, square, 0.0949821117);
            even = V.Fma(even, square, 0.240542615);
            even = V.Fma(even, square, 0.951055876);
            return V.Fma(odd, v, even);
        }

        odd = V.Fma(-0.0003786276424197535, square, -0.00035448278384194565);
        odd = V.Fma(odd, square, -0.0010778264635937177);
        odd = V.Fma(odd, square, -0.0023375144430754892);
        odd = V.Fma(odd, square, -0.005280909255980209);
        odd = V.Fma(odd, square, -0.011908145908203615);
        odd = V.Fma(odd, square, -0.02697580006404601);
        odd = V.Fma(odd, square, -0.061922133189646233);
        odd = V.Fma(odd, square, -0.14840492305487332);
        odd = V.Fma(odd, square, -0.4236274212814572);
        even = V.Fma(0.0002572435331604489, square, 0.00023028137632699126);
        even = V.Fma(even, square, 0.0007217093523181313);
        even = V.Fma(even, square, 0.0015571066999819803);
        even = V.Fma(even, square, 0.0035189221369873254);
        even = V.Fma(even, square, 0.007926953895522707);
        even = V.Fma(even, square, 0.017907251821730856);
        even = V.Fma(even, square, 0.04076083383610057);
        even = V.Fma(even, square, 0.09498872445448063);
        even = V.Fma(even, square, 0.24054248424077768);
        even = V.Fma(even, square, 0.9510558760318328);
        return V.Fma(odd, v, even);
    }

    /// <summary>(log x - 1 / (2 x) - digamma(x)) x^2 with z = 1 / x^2, for x from 2 on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V DigammaTail<V, T>(V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V even, odd;
        var square = z * z;
        if (typeof(T) == typeof(float))
        {
            odd = V.Fma(-0.00182889289, square, -0.00830013468);
            even = V.Fma(0.00356146861, square, 0.0833323922);
            return V.Fma(odd, z, even);
        }

        odd = V.Fma(-113.49148729920437, square, -273.20249426881793);
        odd = V.Fma(odd, square, -81.09589019732411);
        odd = V.Fma(odd, square, -7.459643963997425);
        odd = V.Fma(odd, square, -0.3597544649558193);
        odd = V.Fma(odd, square, -0.020929439241411205);
        odd = V.Fma(odd, square, -0.004166578188078407);
        odd = V.Fma(odd, square, -0.008333333326768694);
        even = V.Fma(258.6091463254981, square, 178.33131727350926);
        even = V.Fma(even, square, 27.609900494269368);
        even = V.Fma(even, square, 1.7050970791057498);
        even = V.Fma(even, square, 0.0791226107077513);
        even = V.Fma(even, square, 0.007571147849697605);
        even = V.Fma(even, square, 0.00396825291803657);
        even = V.Fma(even, square, 0.08333333333331823);
        return V.Fma(odd, z, even);
    }

    /// <summary>(trigamma(x) - 1 / x - 1 / (2 x^2)) x^3 with z = 1 / x^2, for x from 3 on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V TrigammaTail<V, T>(V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V even, odd;
        var square = z * z;
        if (typeof(T) == typeof(float))
        {
            odd = V.Fma(-0.0204169267, square, -0.0332996101);
            even = V.Fma(0.0227971656, square, 0.16666631);
            return V.Fma(odd, z, even);
        }

        odd = V.Fma(-286.2155633103461, square, -97.37514391067394);
        odd = V.Fma(odd, square, -5.456627938899778);
        odd = V.Fma(odd, square, -0.2508726637026069);
        odd = V.Fma(odd, square, -0.03333262828484481);
        odd = V.Fma(odd, square, -0.03333333330747718);
        even = V.Fma(241.82402442065026, square, 25.845489749149426);
        even = V.Fma(even, square, 1.095826462738337);
        even = V.Fma(even, square, 0.07570836349552584);
        even = V.Fma(even, square, 0.023809517803614122);
        even = V.Fma(even, square, 0.16666666666662777);
        return V.Fma(odd, z, even);
    }
}
