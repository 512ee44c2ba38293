using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// What a loop over elements reads: consecutive elements, or one element that repeats. The latter is a block of 64 bytes
/// full of copies, in which every index is that of its beginning, so that one loop serves both.
/// </summary>
internal readonly ref struct Operand(ref byte start, bool repeats)
{
    /// <summary>The bytes of a block of copies: the widest vector.</summary>
    public const int BlockBytes = 64;

    private readonly ref byte start = ref start;

    /// <summary>All bits set, or none where the element repeats: and-ed to every index.</summary>
    public nint Mask { get; } = repeats ? 0 : -1;

    /// <summary>The first element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T First<T>() where T : unmanaged => ref Unsafe.As<byte, T>(ref start);
}
