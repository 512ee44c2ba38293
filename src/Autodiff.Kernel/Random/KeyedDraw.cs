using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>What is drawn with a key.</summary>
internal enum DrawKind
{
    /// <summary>Int32, all bits random.</summary>
    Bits,

    /// <summary>Floats from 0 up to 1.</summary>
    Uniform,

    /// <summary>Floats with mean 0 and deviation 1.</summary>
    Normal,

    /// <summary>Int64 from Low up to High.</summary>
    Integers,

    /// <summary>The Int64 numbers from 0 on, in random order.</summary>
    Permutation,

    /// <summary>Keys that are independent of each other.</summary>
    Split,
}

/// <summary>
/// Draws whose keys are values: an Int64 array of seeds, for each of which so many elements are drawn, the same as those of
/// a <see cref="RandomSource"/> of that seed.
/// </summary>
/// <param name="Kind">What is drawn.</param>
/// <param name="Low">The least of the integers.</param>
/// <param name="High">The end of the integers, which is left out.</param>
internal readonly record struct KeyedDraw(DrawKind Kind, long Low = 0, long High = 1)
{
    /// <summary>Fills the result, which is contiguous: the elements of the first key, then those of the next.</summary>
    public void Run(ReadOnlySpan<long> seeds, View result)
    {
        if (seeds.Length == 0)
            return;
        var bytes = result.Storage.Span<byte>()[..(result.Shape.Size * result.DType.Size())];
        var each = bytes.Length / seeds.Length;
        for (var i = 0; i < seeds.Length; i++)
            Fill(RandomKey.Create(seeds[i]), bytes.Slice(i * each, each), result.DType);
    }

    private void Fill(RandomKey key, Span<byte> bytes, DType dtype)
    {
        var wholes = dtype == DType.Int64 ? MemoryMarshal.Cast<byte, long>(bytes) : [];
        switch (Kind)
        {
            case DrawKind.Bits:
                RandomBits.Fill(key, MemoryMarshal.Cast<byte, uint>(bytes));
                break;
            case DrawKind.Uniform when dtype == DType.Float32:
                Draws.Fill(key, MemoryMarshal.Cast<byte, float>(bytes), UniformSingle.Between(0, 1));
                break;
            case DrawKind.Uniform:
                Draws.Fill(key, MemoryMarshal.Cast<byte, double>(bytes), UniformDouble.Between(0, 1));
                break;
            case DrawKind.Normal when dtype == DType.Float32:
                Draws.Fill(key, MemoryMarshal.Cast<byte, float>(bytes), new NormalSingle(0, 1));
                break;
            case DrawKind.Normal:
                Draws.Fill(key, MemoryMarshal.Cast<byte, double>(bytes), new NormalDouble(0, 1));
                break;
            case DrawKind.Integers:
                Draws.Fill(key, wholes, new Integer(Low, High));
                break;
            case DrawKind.Permutation:
                Shuffle.Fill(key, wholes);
                break;
            case DrawKind.Split:
                for (var i = 0; i < wholes.Length; i++)
                    wholes[i] = key.Derive(KeyPurpose.Split, (ulong)i).Seed;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(key), $"{Kind} is no kind of draw");
        }
    }
}
