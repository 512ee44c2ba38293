using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Copies elements at any strides: by vectors where they are a few places apart, one by one elsewhere.</summary>
internal static unsafe class StridedElements
{
    /// <summary>Copies strided elements to consecutive places.</summary>
    /// <remarks>
    /// Far apart, each costs a miss of the cache and of the table of addresses: eight loads that wait for nothing keep many
    /// of these on their way at once.
    /// </remarks>
    /// <returns>The target.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T* Gather<T>(T* source, nint stride, nint count, T* target) where T : unmanaged
    {
        if (Interleaving.TryGather(source, stride, count, target))
            return target;
        nint i = 0, three = 3 * stride;
        for (; i <= count - 8; i += 8)
        {
            var next = source + (4 * stride);
            T x0 = source[0], x1 = source[stride], x2 = source[2 * stride], x3 = source[three];
            T x4 = next[0], x5 = next[stride], x6 = next[2 * stride], x7 = next[three];
            (target[i], target[i + 1], target[i + 2], target[i + 3]) = (x0, x1, x2, x3);
            (target[i + 4], target[i + 5], target[i + 6], target[i + 7]) = (x4, x5, x6, x7);
            source = next + (4 * stride);
        }

        for (; i < count; i++, source += stride)
            target[i] = *source;
        return target;
    }

    /// <summary>Copies consecutive elements to strided places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scatter<T>(T* source, nint count, T* target, nint stride) where T : unmanaged
    {
        var done = Interleaving.Scatter(source, count, target, stride);
        OneByOne(source + done, 1, target + (done * stride), stride, count - done);
    }

    /// <summary>Copies strided elements to strided places.</summary>
    /// <param name="source">The first element.</param>
    /// <param name="a">The stride of the source.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="c">The stride of the target.</param>
    /// <param name="count">The number of elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy<T>(T* source, nint a, T* target, nint c, nint count) where T : unmanaged
    {
        if (c == 1)
            Gather(source, a, count, target);
        else if (a == 1)
            Scatter(source, count, target, c);
        else
            OneByOne(source, a, target, c, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OneByOne<T>(T* source, nint a, T* target, nint c, nint count) where T : unmanaged
    {
        for (; count >= 4; count -= 4)
        {
            T x0 = source[0], x1 = source[a], x2 = source[2 * a], x3 = source[3 * a];
            (target[0], target[c], target[2 * c], target[3 * c]) = (x0, x1, x2, x3);
            source += 4 * a;
            target += 4 * c;
        }

        for (nint i = 0; i < count; i++)
            target[i * c] = source[i * a];
    }
}
