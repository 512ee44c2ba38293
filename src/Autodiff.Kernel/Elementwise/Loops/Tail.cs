using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The elements that do not fill a vector. They run through the same vector code, in a vector whose other lanes repeat
/// one of them, so that no lane meets a value that the data do not have.
/// </summary>
internal static class Tail
{
    /// <summary>A vector that begins with the <paramref name="count"/> elements from index on.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Load<V, T>(Operand source, nint index, nint count)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        ref var first = ref Unsafe.Add(ref source.First<T>(), index & source.Mask);
        var filled = V.Fill(first);
        if (source.Mask == 0 || count == 1)
            return filled;
        Unsafe.SkipInit(out Block block);
        ref var start = ref Unsafe.As<Block, T>(ref block);
        V.Store(filled, ref start, 0);
        Copy(ref Unsafe.As<T, byte>(ref first), ref Unsafe.As<T, byte>(ref start), count * Unsafe.SizeOf<T>());
        return V.Load(ref start, 0);
    }

    /// <summary>The mask of the <paramref name="count"/> truth values from index on.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static V LoadMask<V, T>(Operand source, nint index, nint count)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        if (source.Mask == 0)
            return V.LoadMask(ref source.First<byte>(), 0);
        var block = default(Block);
        ref var start = ref Unsafe.As<Block, byte>(ref block);
        Copy(ref Unsafe.Add(ref source.First<byte>(), index), ref start, count);
        return V.LoadMask(ref start, 0);
    }

    /// <summary>Writes the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Store<V, T>(V value, ref T target, nint index, nint count)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        ref var first = ref Unsafe.Add(ref target, index);
        if (count == 1)
        {
            first = V.First(value);
            return;
        }

        Unsafe.SkipInit(out Block block);
        V.Store(value, ref Unsafe.As<Block, T>(ref block), 0);
        Copy(ref Unsafe.As<Block, byte>(ref block), ref Unsafe.As<T, byte>(ref first), count * Unsafe.SizeOf<T>());
    }

    /// <summary>Writes the first <paramref name="count"/> lanes of a mask as truth values.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void StoreMask<V, T>(V mask, ref byte target, nint index, nint count)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        Unsafe.SkipInit(out Block block);
        ref var start = ref Unsafe.As<Block, byte>(ref block);
        V.StoreMask(mask, ref start, 0);
        Copy(ref start, ref Unsafe.Add(ref target, index), count);
    }

    private static void Copy(ref byte source, ref byte target, nint bytes) =>
        Unsafe.CopyBlockUnaligned(ref target, ref source, (uint)bytes);

    /// <summary>Room for one vector of any width.</summary>
    [InlineArray(Operand.BlockBytes)]
    private struct Block
    {
        private byte first;
    }
}
