using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.CSharp;

/// <summary>Elements as little-endian bytes in streams.</summary>
internal static class LittleEndian
{
    // A span counts its bytes in an int, which the elements of a large array exceed.
    private const int Piece = 1 << 16;

    /// <summary>Fills the elements from a stream.</summary>
    /// <exception cref="EndOfStreamException">The stream ends before them.</exception>
    public static void Read<T>(Stream stream, Span<T> elements) where T : unmanaged
    {
        for (; !elements.IsEmpty; elements = elements[Math.Min(Piece, elements.Length)..])
        {
            var piece = elements[..Math.Min(Piece, elements.Length)];
            stream.ReadExactly(MemoryMarshal.AsBytes(piece));
            if (!BitConverter.IsLittleEndian)
                Reverse(piece);
        }
    }

    /// <summary>Writes the elements to a stream.</summary>
    public static void Write<T>(Stream stream, ReadOnlySpan<T> elements) where T : unmanaged
    {
        for (; !elements.IsEmpty; elements = elements[Math.Min(Piece, elements.Length)..])
        {
            var piece = elements[..Math.Min(Piece, elements.Length)];
            if (BitConverter.IsLittleEndian)
                stream.Write(MemoryMarshal.AsBytes(piece));
            else
                WriteReversed(stream, piece);
        }
    }

    private static void WriteReversed<T>(Stream stream, ReadOnlySpan<T> piece) where T : unmanaged
    {
        var copy = piece.ToArray();
        Reverse<T>(copy);
        stream.Write(MemoryMarshal.AsBytes(copy.AsSpan()));
    }

    private static void Reverse<T>(Span<T> elements) where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() == sizeof(int))
        {
            var words = MemoryMarshal.Cast<T, int>(elements);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
        else if (Unsafe.SizeOf<T>() == sizeof(long))
        {
            var words = MemoryMarshal.Cast<T, long>(elements);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }
}
