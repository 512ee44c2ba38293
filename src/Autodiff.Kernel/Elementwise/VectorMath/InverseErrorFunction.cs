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

        odd = V.Fma(3.0302395390776935e-08, square, 1.6915219770433558e-05);
        odd = V.Fma(odd, square, 0.001642800270736513);
        odd = V.Fma(odd, square, 0.0422810175616659);
        even = V.Fma(9.520452964485798e-07, square, 0.00020497049513881595);
        even = V.Fma(even, square, 0.012566963364842478);
        even = V.Fma(even, square, 0.2320136665346541);
        var numerator = V.Fma(odd, w, even);
        odd = V.Fma(2.3566050287999532e-07, square, 7.937277546217438e-05);
        odd = V.Fma(odd, square, 0.006096569890701434);
        odd = V.Fma(odd, square, 0.13245631596789734);
        even = V.Fma(1.946741503739115e-09, square, 5.53785403293105e-06);
        even = V.Fma(even, square, 0.0010322373096252877);
        even = V.Fma(even, square, 0.05763575011782308);
        even = V.Fma(even, square, 1);
        return V.Fma(w, numerator / V.Fma(odd, w, even), 0.886226925452758);
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

        odd = V.Fma(0.00042611976469964516, square, 0.03929341653132511);
        odd = V.Fma(odd, square, 0.4535487962011883);
        odd = V.Fma(odd, square, 1.1880552659930892);
        even = V.Fma(0.006010663886074853, square, 0.16327241024851827);
        even = V.Fma(even, square, 0.9231343188164906);
        even = V.Fma(even, square, 1.0026623825719172);
        var numerator = V.Fma(odd, v, even);
        odd = V.Fma(0.00042439177927338663, square, 0.038880035140111444);
        odd = V.Fma(odd, square, 0.44900010120845907);
        odd = V.Fma(odd, square, 1.1780750907413247);
        even = V.Fma(9.135622270040544e-08, square, 0.005963038044716412);
        even = V.Fma(even, square, 0.161800077165348);
        even = V.Fma(even, square, 0.9160780195620373);
        even = V.Fma(even, square, 1);
        return V.Fma(v, numerator / V.Fma(odd, v, even), 2.832801984778809);
    }
}
