using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>An element that is sorted: its key, and where it stood.</summary>
internal interface ISortEntry<TSelf> where TSelf : unmanaged, ISortEntry<TSelf>
{
    /// <summary>How many bytes a key has.</summary>
    static abstract int KeyBytes { get; }

    ulong Key { get; }

    int Position { get; }

    static abstract TSelf Of(ulong key, int position);
}

/// <summary>A key of up to four bytes and the position, in one number.</summary>
internal readonly struct NarrowEntry(ulong bits) : ISortEntry<NarrowEntry>
{
    private readonly ulong bits = bits;

    public static int KeyBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(uint);
    }

    public ulong Key
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => bits >> 32;
    }

    public int Position
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NarrowEntry Of(ulong key, int position) => new((key << 32) | (uint)position);
}

/// <summary>A key of eight bytes and the position.</summary>
internal readonly struct WideEntry(ulong key, int position) : ISortEntry<WideEntry>
{
    private readonly ulong key = key;
    private readonly int position = position;

    public static int KeyBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(ulong);
    }

    public ulong Key
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => key;
    }

    public int Position
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideEntry Of(ulong key, int position) => new(key, position);
}
