using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The best contraction order of few operands, by dynamic programming over the subsets of operands: the cheapest way to
/// contract a subset is the cheapest split of it in two, plus the contraction of the two halves.
/// </summary>
internal sealed class OptimalPath
{
    // Beyond, the 3^n ways to split the subsets of n operands take longer to search than they save.
    private const int MaxOperands = 12;

    private readonly int count;
    private readonly ulong[] kept;
    private readonly LabelSizes sizes;
    private readonly double[] costs;
    private readonly int[] splits;

    private OptimalPath(Subscripts subscripts)
    {
        count = subscripts.OperandCount;
        kept = KeptLabels(subscripts);
        sizes = new LabelSizes(subscripts.Sizes);
        costs = new double[1 << count];
        splits = new int[1 << count];
    }

    /// <summary>Whether there are few enough operands.</summary>
    public static bool IsFeasible(Subscripts subscripts) =>
        subscripts.OperandCount <= MaxOperands && subscripts.LabelCount <= 64;

    /// <summary>
    /// The order with the fewest operations of those whose intermediate arrays have no more elements than the limit;
    /// empty where there is none.
    /// </summary>
    public static ImmutableArray<(int Left, int Right)> Find(Subscripts subscripts, double sizeLimit)
    {
        var path = new OptimalPath(subscripts);
        path.Search<Operations>(sizeLimit);
        if (double.IsInfinity(path.costs[^1]))
            return [];
        var pairs = ImmutableArray.CreateBuilder<(int, int)>();
        path.Emit(path.costs.Length - 1, pairs);
        return pairs.ToImmutable();
    }

    /// <summary>The elements of the largest intermediate array where that is as small as can be.</summary>
    public static double LeastPeak(Subscripts subscripts)
    {
        var path = new OptimalPath(subscripts);
        path.Search<Peak>(double.PositiveInfinity);
        return path.costs[^1];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Search<TCost>(double sizeLimit) where TCost : struct, ICost
    {
        var all = costs.Length - 1;
        for (var set = 1; set <= all; set++)
        {
            if (BitOperations.IsPow2(set))
                continue;
            costs[set] = double.PositiveInfinity;
            var product = set == all ? 0 : sizes.Of(kept[set]);
            if (product > sizeLimit)
                continue;
            var best = double.PositiveInfinity;
            var split = 0;
            // Of the two halves, one has the lowest operand.
            var lowest = set & -set;
            var others = set ^ lowest;
            for (var rest = others; rest > 0; rest = (rest - 1) & others)
            {
                var half = set ^ rest;
                var cost = TCost.Join(costs[half], costs[rest]);
                if (cost < best)
                    cost = TCost.Add(cost, sizes.Of(kept[half] | kept[rest]), product);
                if (cost < best)
                    (best, split) = (cost, half);
            }

            if (split != 0)
                (costs[set], splits[set]) = (best, split);
        }
    }

    /// <summary>Appends the pairs that contract a subset; the term that holds it. At most twelve levels deep.</summary>
    private int Emit(int set, ImmutableArray<(int, int)>.Builder pairs)
    {
        if (BitOperations.IsPow2(set))
            return BitOperations.TrailingZeroCount(set);
        var left = Emit(splits[set], pairs);
        pairs.Add((left, Emit(set ^ splits[set], pairs)));
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
            union[set] = union[set & (set - 1)]
                | LabelSizes.Bits(subscripts.OperandLabels(BitOperations.TrailingZeroCount(set)));
        var result = LabelSizes.Bits(subscripts.ResultLabels);
        return [.. union.Select((labels, set) => labels & (result | union[all ^ set]))];
    }

    /// <summary>What is to be small.</summary>
    private interface ICost
    {
        /// <summary>The cost of two halves.</summary>
        static abstract double Join(double a, double b);

        /// <summary>
        /// The cost with a step that sums so many products of elements and writes an intermediate array of a size.
        /// </summary>
        static abstract double Add(double cost, double products, double size);
    }

    private readonly struct Operations : ICost
    {
        public static double Join(double a, double b) => a + b;

        public static double Add(double cost, double products, double size) => cost + products;
    }

    private readonly struct Peak : ICost
    {
        public static double Join(double a, double b) => Math.Max(a, b);

        public static double Add(double cost, double products, double size) => Math.Max(cost, size);
    }
}
