using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// Conversion between element types. Floats to integers truncate, saturate, and take NaN to 0; integers to shorter ones
/// keep the low bits; to Bool, everything but 0 is true.
/// </summary>
internal static class Casts
{
    public static void Run(DType from, DType to, Operand x, ref byte target, nint count)
    {
        switch (from)
        {
            case DType.Float32: From<float>(to, x, ref target, count); break;
            case DType.Float64: From<double>(to, x, ref target, count); break;
            case DType.Int32: From<int>(to, x, ref target, count); break;
            case DType.Int64: From<long>(to, x, ref target, count); break;
            case DType.Bool: From<byte>(to, x, ref target, count); break;
            default: throw DTypes.Unknown(from);
        }
    }

    private static void From<T>(DType to, Operand x, ref byte target, nint count)
        where T : unmanaged, INumber<T>
    {
        switch (to)
        {
            case DType.Float32: Convert<T, float>(x, ref target, count); break;
            case DType.Float64: Convert<T, double>(x, ref target, count); break;
            case DType.Int32: Convert<T, int>(x, ref target, count); break;
            case DType.Int64: Convert<T, long>(x, ref target, count); break;
            case DType.Bool: IsNonzero<T>(x, ref target, count); break;
            default: throw DTypes.Unknown(to);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Convert<TFrom, TTo>(Operand x, ref byte target, nint count)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        ref var source = ref x.First<TFrom>();
        ref var result = ref Unsafe.As<byte, TTo>(ref target);
        var i = x.Mask == 0 ? 0
            : typeof(TFrom) == typeof(float) && typeof(TTo) == typeof(double) ? Widen(x, ref target, count)
            : typeof(TFrom) == typeof(double) && typeof(TTo) == typeof(float) ? Narrow(x, ref target, count)
            : 0;
        for (; i < count; i++)
            Unsafe.Add(ref result, i) = TTo.CreateTruncating(Unsafe.Add(ref source, i & x.Mask));
    }

    private static void IsNonzero<T>(Operand x, ref byte target, nint count) where T : unmanaged, INumber<T>
    {
        ref var source = ref x.First<T>();
        for (nint i = 0; i < count; i++)
            Unsafe.Add(ref target, i) = T.IsZero(Unsafe.Add(ref source, i & x.Mask)) ? (byte)0 : (byte)1;
    }

    /// <summary>Whole vectors of float to double; gives how many elements it took.</summary>
    private static nint Widen(Operand x, ref byte target, nint count)
    {
        ref var source = ref x.First<float>();
        ref var result = ref Unsafe.As<byte, double>(ref target);
        nint i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.LoadUnsafe(ref source, (nuint)i));
            lower.StoreUnsafe(ref result, (nuint)i);
            upper.StoreUnsafe(ref result, (nuint)(i + Vector256<double>.Count));
        }

        return i;
    }

    /// <summary>Whole vectors of double to float; gives how many elements it took.</summary>
    private static nint Narrow(Operand x, ref byte target, nint count)
    {
        ref var source = ref x.First<double>();
        ref var result = ref Unsafe.As<byte, float>(ref target);
        nint i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var lower = Vector256.LoadUnsafe(ref source, (nuint)i);
            var upper = Vector256.LoadUnsafe(ref source, (nuint)(i + Vector256<double>.Count));
            Vector256.Narrow(lower, upper).StoreUnsafe(ref result, (nuint)i);
        }

        return i;
    }
}
