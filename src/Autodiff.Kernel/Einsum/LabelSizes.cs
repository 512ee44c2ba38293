using System.Collections.Immutable;
using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>The numbers of elements of arrays whose labels are given as bits, found eight labels at a time.</summary>
internal sealed class LabelSizes
{
    private readonly double[] table;

    /// <param name="sizes">The size of each label, of which there are at most 64.</param>
    public LabelSizes(ImmutableArray<int> sizes)
    {
        table = new double[(sizes.Length + 7) / 8 * 256];
        for (var entry = 0; entry < table.Length; entry++)
        {
            var (first, bits) = (entry / 256 * 8, entry % 256);
            // All but the lowest bit stand in an entry before.
            table[entry] = bits == 0
                ? 1
                : table[entry & (entry - 1)] * Size(first + BitOperations.TrailingZeroCount(bits));
        }

        double Size(int label) => label < sizes.Length ? sizes[label] : 1;
    }

    /// <summary>The number of elements.</summary>
    public double Of(ulong labels)
    {
        var size = 1.0;
        for (var start = 0; labels != 0; start += 256, labels >>= 8)
            size *= table[start + (int)(labels & 255)];
        return size;
    }

    /// <summary>Labels as bits.</summary>
    public static ulong Bits(ImmutableArray<int> labels) =>
        labels.Aggregate(0UL, (bits, label) => bits | (1UL << label));
}
