using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The unit in which caches hold memory. A vector that straddles two lines takes two reads of the cache.</summary>
internal static unsafe class CacheLine
{
    /// <summary>Its bytes.</summary>
    public const int Bytes = 64;

    /// <summary>The first boundary of lines from an address on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T* From<T>(T* start) where T : unmanaged => (T*)Whole((nint)start);

    /// <summary>So many bytes, and those up to the end of their last line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Whole(nint bytes) => (bytes + Bytes - 1) & -Bytes;
}
