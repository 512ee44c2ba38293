using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>Lane by lane what a vector cannot do: the rare arguments of a vector function, by its scalar one.</summary>
internal static class Lanes
{
    /// <summary>An operator that is seldom needed, out of line.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Apply<TOperator, V, T>(V a, V b, V y)
        where TOperator : struct, IRareOperator
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        TOperator.Apply<V, T>(a, b, y);

    /// <summary>y, with the lanes that the mask names computed anew from x.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V Replace<V, T>(Opcode code, V mask, V x, V y)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        Span<T> xs = stackalloc T[V.Count], ys = stackalloc T[V.Count];
        Span<byte> named = stackalloc byte[V.Count];
        Spill(x, xs);
        Spill(y, ys);
        V.StoreMask(mask, ref MemoryMarshal.GetReference(named), 0);
        for (var lane = 0; lane < V.Count; lane++)
            if (named[lane] != 0)
                ys[lane] = FromDouble<T>(ScalarMath.Evaluate(code, ToDouble(xs[lane])));
        return V.Load(ref MemoryMarshal.GetReference(ys), 0);
    }

    /// <summary>z, with the lanes that the mask names computed anew from x and y.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V Replace<V, T>(Opcode code, V mask, V x, V y, V z)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        Span<T> xs = stackalloc T[V.Count], ys = stackalloc T[V.Count], zs = stackalloc T[V.Count];
        Span<byte> named = stackalloc byte[V.Count];
        Spill(x, xs);
        Spill(y, ys);
        Spill(z, zs);
        V.StoreMask(mask, ref MemoryMarshal.GetReference(named), 0);
        for (var lane = 0; lane < V.Count; lane++)
            if (named[lane] != 0)
                zs[lane] = FromDouble<T>(ScalarMath.Evaluate(code, ToDouble(xs[lane]), ToDouble(ys[lane])));
        return V.Load(ref MemoryMarshal.GetReference(zs), 0);
    }

    /// <summary>A float or double as a double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double ToDouble<T>(T value) where T : unmanaged =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<T, float>(value) : Unsafe.BitCast<T, double>(value);

    /// <summary>A double, rounded to float or double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T FromDouble<T>(double value) where T : unmanaged =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>((float)value) : Unsafe.BitCast<double, T>(value);

    private static void Spill<V, T>(V value, Span<T> target)
        where V : struct, IVector<V, T>
        where T : unmanaged =>
        V.Store(value, ref MemoryMarshal.GetReference(target), 0);
}
