using System.Collections.Immutable;
using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// In which order the operands of an einsum are contracted, two at a time. Operands are the terms 0 to n - 1 and each
/// pair makes the next term.
/// </summary>
/// <param name="Pairs">The terms that each step contracts.</param>
/// <param name="Flops">The additions and multiplications of all steps, two for each product that is summed.</param>
/// <param name="PeakSize">The elements of the largest array that a step writes.</param>
internal sealed record ContractionPath(ImmutableArray<(int Left, int Right)> Pairs, double Flops, double PeakSize)
{
    // Beyond, the 3^n ways to split the subsets of n operands take longer to search than they save.
    private const int MaxExact = 10;

    /// <summary>The order with the fewest operations up to ten operands, a good one above.</summary>
    public static ContractionPath Find(Subscripts subscripts)
    {
        var terms = new ContractionTerms(subscripts);
        var pairs = subscripts.OperandCount <= MaxExact && subscripts.LabelCount <= 64
            ? Exact(subscripts)
            : GreedyPath.Find(subscripts);
        double flops = 0, peak = 0;
        foreach (var (left, right) in pairs)
        {
            flops += 2 * terms.Size(ContractionTerms.Union(terms[left], terms[right]));
            peak = Math.Max(peak, terms.Size(terms[terms.Contract(left, right)]));
        }

        return new ContractionPath(pairs, flops, peak);
    }

    /// <summary>
    /// Dynamic programming over the subsets of operands: the cheapest way to contract a subset is the cheapest split of
    /// it in two, plus the contraction of the two halves.
    /// </summary>
    private static ImmutableArray<(int, int)> Exact(Subscripts subscripts)
    {
        var count = subscripts.OperandCount;
        var kept = KeptLabels(subscripts);
        var costs = new double[1 << count];
        var splits = new int[1 << count];
        for (var set = 1; set < costs.Length; set++)
        {
            if (BitOperations.IsPow2(set))
                continue;
            costs[set] = double.PositiveInfinity;
            var lowest = set & -set;
            for (var half = (set - 1) & set; half > 0; half = (half - 1) & set)
            {
                if ((half & lowest) == 0)
                    continue;
                var rest = set ^ half;
                var cost = costs[half] + costs[rest];
                if (cost < costs[set])
                    cost += Size(kept[half] | kept[rest], subscripts);
                if (cost < costs[set])
                    (costs[set], splits[set]) = (cost, half);
            }
        }

        var pairs = ImmutableArray.CreateBuilder<(int, int)>();
        Emit(splits, costs.Length - 1, count, pairs);
        return pairs.ToImmutable();
    }

    /// <summary>Appends the pairs that contract a subset; the term that holds it. At most ten levels deep.</summary>
    private static int Emit(int[] splits, int set, int count, ImmutableArray<(int, int)>.Builder pairs)
    {
        if (BitOperations.IsPow2(set))
            return BitOperations.TrailingZeroCount(set);
        var left = Emit(splits, splits[set], count, pairs);
        pairs.Add((left, Emit(splits, set ^ splits[set], count, pairs)));
        return count + pairs.Count - 1;
    }

    /// <summary>
    /// For each subset of operands, the labels that its product still needs: those of the result and of the rest.
    /// </summary>
    private static ulong[] KeptLabels(Subscripts subscripts)
    {
        var all = (1 << subscripts.OperandCount) - 1;
        var union = new ulong[all + 1];
        for (var set = 1; set <= all; set++)
            union[set] = union[set & (set - 1)] | Bits(subscripts.OperandLabels(BitOperations.TrailingZeroCount(set)));
        var result = Bits(subscripts.ResultLabels);
        return [.. union.Select((labels, set) => labels & (result | union[all ^ set]))];
    }

    private static ulong Bits(ImmutableArray<int> labels) =>
        labels.Aggregate(0UL, (bits, label) => bits | (1UL << label));

    private static double Size(ulong labels, Subscripts subscripts)
    {
        var size = 1.0;
        for (; labels != 0; labels &= labels - 1)
            size *= subscripts.Sizes[BitOperations.TrailingZeroCount(labels)];
        return size;
    }
}
