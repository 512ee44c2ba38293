using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Autodiff.Kernel;

namespace Autodiff.Benchmarks.Limits;

/// <summary>Loops written by hand: what the machine can do at most.</summary>
internal abstract unsafe class HandLoops<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The loops over the machine's widest vectors.</summary>
    public static HandLoops<T> Widest { get; } =
        Vector512.IsHardwareAccelerated ? new HandLoops<Wide512<T>, T>()
        : Vector256.IsHardwareAccelerated ? new HandLoops<Wide256<T>, T>()
        : new HandLoops<Wide128<T>, T>();

    /// <summary>The floating-point operations of a round of <see cref="Chains"/>.</summary>
    public abstract int FlopsOfRound { get; }

    /// <summary>Twelve independent chains of fused multiply-adds.</summary>
    public abstract T Chains(int rounds);

    /// <summary>Reads and adds all elements, whose number is a multiple of 128.</summary>
    public abstract T Read(T* source, nint count);

    /// <summary>Copies elements, whose number is a multiple of 128.</summary>
    public abstract void Copy(T* source, T* target, nint count);

    /// <summary>sum(tanh(a b + c) d + e), for a number of elements that is a multiple of 32.</summary>
    public abstract T Chain(T* a, T* b, T* c, T* d, T* e, nint count);
}

/// <summary>The loops for vectors of one width.</summary>
/// <remarks>Accumulators are named locals, which stay in registers; twelve or eight of them cover the latencies.</remarks>
internal sealed unsafe class HandLoops<V, T> : HandLoops<T>
    where V : struct, IVector<V, T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int FlopsOfRound => 2 * 12 * V.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override T Chains(int rounds)
    {
        V x = 0.999, y = 1e-3;
        V a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, i = 9, j = 10, k = 11, l = 12;
        for (var round = 0; round < rounds; round++)
        {
            a = MultiplyAdd(a, x, y);
            b = MultiplyAdd(b, x, y);
            c = MultiplyAdd(c, x, y);
            d = MultiplyAdd(d, x, y);
            e = MultiplyAdd(e, x, y);
            f = MultiplyAdd(f, x, y);
            g = MultiplyAdd(g, x, y);
            h = MultiplyAdd(h, x, y);
            i = MultiplyAdd(i, x, y);
            j = MultiplyAdd(j, x, y);
            k = MultiplyAdd(k, x, y);
            l = MultiplyAdd(l, x, y);
        }

        return V.First(a + b + (c + d) + (e + f + (g + h)) + (i + j + (k + l)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override T Read(T* source, nint count)
    {
        ref var x = ref *source;
        V a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
        for (nint i = 0; i < count; i += 8 * V.Count)
        {
            a += V.Load(ref x, i);
            b += V.Load(ref x, i + V.Count);
            c += V.Load(ref x, i + 2 * V.Count);
            d += V.Load(ref x, i + 3 * V.Count);
            e += V.Load(ref x, i + 4 * V.Count);
            f += V.Load(ref x, i + 5 * V.Count);
            g += V.Load(ref x, i + 6 * V.Count);
            h += V.Load(ref x, i + 7 * V.Count);
        }

        return V.First(a + b + (c + d) + (e + f + (g + h)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Copy(T* source, T* target, nint count)
    {
        ref var x = ref *source;
        ref var y = ref *target;
        for (nint i = 0; i < count; i += 4 * V.Count)
        {
            var (a, b) = (V.Load(ref x, i), V.Load(ref x, i + V.Count));
            var (c, d) = (V.Load(ref x, i + 2 * V.Count), V.Load(ref x, i + 3 * V.Count));
            V.Store(a, ref y, i);
            V.Store(b, ref y, i + V.Count);
            V.Store(c, ref y, i + 2 * V.Count);
            V.Store(d, ref y, i + 3 * V.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override T Chain(T* a, T* b, T* c, T* d, T* e, nint count)
    {
        V even = 0, odd = 0;
        for (nint i = 0; i < count; i += 2 * V.Count)
        {
            even += Term(a, b, c, d, e, i);
            odd += Term(a, b, c, d, e, i + V.Count);
        }

        var lanes = stackalloc T[V.Count];
        V.Store(even + odd, ref *lanes, 0);
        var sum = T.Zero;
        for (var lane = 0; lane < V.Count; lane++) sum += lanes[lane];
        return sum;
    }

    /// <summary>a b + c as the kernel's products compute it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V MultiplyAdd(V a, V b, V c) => SimdWidths.HasFusedMultiplyAdd ? V.Fma(a, b, c) : (a * b) + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Term(T* a, T* b, T* c, T* d, T* e, nint i) => V.Fma(
        VectorMath.Tanh<V, T>(V.Fma(V.Load(ref *a, i), V.Load(ref *b, i), V.Load(ref *c, i))),
        V.Load(ref *d, i),
        V.Load(ref *e, i));
}
