using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>Masks of lanes as truth values in memory, one byte each.</summary>
internal static class Masks
{
    /// <summary>Writes bit i of <paramref name="bits"/> to byte i, for <paramref name="count"/> bits: 2, 4, 8 or 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(uint bits, int count, ref byte target, nint index)
    {
        ref var start = ref Unsafe.Add(ref target, index);
        var bytes = Spread(bits & 0xFF);
        if (count == 2)
            Unsafe.WriteUnaligned(ref start, (ushort)bytes);
        else if (count == 4)
            Unsafe.WriteUnaligned(ref start, (uint)bytes);
        else
            Unsafe.WriteUnaligned(ref start, bytes);
        if (count == 16)
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, 8), Spread(bits >> 8));
    }

    /// <summary>
    /// Eight bits to eight bytes of 0 or 1: the product copies the bits to each byte, the mask keeps bit i in byte i,
    /// and adding 0x7F carries whatever is left into the byte's top bit.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Spread(uint bits)
    {
        var own = (bits * 0x0101010101010101UL) & 0x8040201008040201UL;
        return ((own + 0x7F7F7F7F7F7F7F7FUL) >> 7) & 0x0101010101010101UL;
    }

    /// <summary>Four truth values as a mask of 32-bit lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadFour(ref byte source, nint index)
    {
        var bytes = Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, index))).AsByte();
        return -Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32();
    }

    /// <summary>Two truth values as a mask of 64-bit lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<long> LoadTwo(ref byte source, nint index)
    {
        uint pair = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref source, index));
        var bytes = Vector128.CreateScalar(pair).AsByte();
        return -Vector128.WidenLower(Vector128.WidenLower(Vector128.WidenLower(bytes))).AsInt64();
    }
}
