using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

internal static partial class VectorMath
{
    /// <summary>
    /// x with erf x = y, within 4 ulp: in terms of w = -log(1 - y^2) it is y R(w) around the centre and a function of
    /// the square root of w beyond.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ErfInv<V, T>(V y)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        var a = V.Abs(y);
        var m = Mantissa<V, T>((1 - a) * (1 + a), out var n);
        var w = -LogOfParts<V, T>(m - 1, n, 0);
        var outer = OuterErfInv<V, T>(V.Sqrt(w) - 3) | (y & V.Pattern(FloatFormat<T>.SignBit));
        var x = V.Select(V.Less(w, 5), y * CentralErfInv<V, T>(w), outer);
        return V.Rarely<ErfInvAtEnds>(IsErfEnd<V, T>(y), y, y, x);
    }

    /// <summary>Whether y is no number below the largest of float that is below 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V IsErfEnd<V, T>(V y)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        ~V.LessOrEqual(V.Abs(y), 1 - 5.9604644775390625e-08);

    /// <summary>The inverse of erf also at what its values never reach, or only far out.</summary>
    private readonly struct ErfInvAtEnds : IRareOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, T>(V a, V b, V y)
            where V : struct, IVector<V, T>
            where T : unmanaged =>
            Lanes.Replace<V, T>(Opcode.ErfInv, IsErfEnd<V, T>(a), a, y);
    }

    /// <summary>erfinv(x) / x with w = -log(1 - x^2), for w up to 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V CentralErfInv<V, T>(V w)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V even, odd;
        var square = w * w;
        if (typeof(T) == typeof(float))
        {
            odd = V.Fma(-8.79133069e-9, square, -1.97651407e-6);
            odd = V.Fma(odd, square, 4.45646328e-5);
            odd = V.Fma(odd, square, -0.00233429686);
            odd = V.Fma(odd, square, 0.232013818);
            even = V.Fma(2.21036867e-7, square, 3.98347016e-6);
            even = V.Fma(even, square, -0.000127480806);
            even = V.Fma(even, square, 0.0115486542);
            even = V.Fma(even, square, 0.88622692);
            return V.Fma(odd, w, even);
        }

        odd = V.Fma(1.1634787115520964e-06, square, 0.00027568521259777214);
        odd = V.Fma(odd, square, 0.017983886814031957);
        odd = V.Fma(odd, square, 0.3495268028634435);
        even = V.Fma(3.212249068295741e-08, square, 2.1860686544754706e-05);
        even = V.Fma(even, square, 0.002560283604035392);
        even = V.Fma(even, square, 0.09340891044697956);
        even = V.Fma(even, square, 0.886226925452758);
        var numerator = V.Fma(odd, w, even);
        odd = V.Fma(2.3636308941991827e-07, square, 7.953683078443592e-05);
        odd = V.Fma(odd, square, 0.006105649982122001);
        odd = V.Fma(odd, square, 0.13259937489346105);
        even = V.Fma(1.9517518410684944e-09, square, 5.546167380461109e-06);
        even = V.Fma(even, square, 0.0010330284668386743);
        even = V.Fma(even, square, 0.057654196450144045);
        even = V.Fma(even, square, 1);
        return numerator / V.Fma(odd, w, even);
    }

    /// <summary>erfinv(x) with v = sqrt(-log(1 - x^2)) - 3, for v + 3 from sqrt 5 to 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V OuterErfInv<V, T>(V v)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        V even, odd;
        var square = v * v;
        if (typeof(T) == typeof(float))
        {
            odd = V.Fma(5.67275065e-5, square, -0.000221183548);
            odd = V.Fma(odd, square, -0.00344506604);
            odd = V.Fma(odd, square, 1.00266238);
            even = V.Fma(-1.70515271e-5, square, -4.17108532e-5);
            even = V.Fma(even, square, 0.00114396167);
            even = V.Fma(even, square, 0.00684352909);
            even = V.Fma(even, square, 2.83280199);
            return V.Fma(odd, v, even);
        }

        odd = V.Fma(0.006976955060289878, square, 0.26720664182296794);
        odd = V.Fma(odd, square, 2.1630943607814435);
        odd = V.Fma(odd, square, 4.313069172223777);
        even = V.Fma(0.0004085706079923672, square, 0.05463988874202311);
        even = V.Fma(even, square, 0.8949427797631787);
        even = V.Fma(even, square, 3.744150174544962);
        even = V.Fma(even, square, 2.832801984778809);
        var numerator = V.Fma(odd, v, even);
        odd = V.Fma(0.0004066111127124255, square, 0.03786289426358079);
        odd = V.Fma(odd, square, 0.4414201487760838);
        odd = V.Fma(odd, square, 1.1685980197131016);
        even = V.Fma(9.133548514281473e-08, square, 0.005779613353978386);
        even = V.Fma(even, square, 0.15851184344259894);
        even = V.Fma(even, square, 0.905674743576954);
        even = V.Fma(even, square, 1);
        return numerator / V.Fma(odd, v, even);
    }
}
