using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>What a contraction order makes small.</summary>
internal interface IPathCost
{
    /// <summary>The cost of two halves.</summary>
    static abstract double Join(double a, double b);

    /// <summary>
    /// The cost with a step that sums so many products of elements and writes an intermediate array of a size.
    /// </summary>
    static abstract double Add(double cost, double products, double size);
}

/// <summary>
/// The best order to contract a few factors, by dynamic programming over their subsets: the cheapest way to contract a subset
/// is the cheapest split of it in two, plus the contraction of the two halves.
/// </summary>
/// <param name="kept">For each subset of the factors the labels of its product: see <see cref="KeptLabels"/>.</param>
/// <param name="sizes">The size of each label.</param>
internal sealed class SubsetSearch(ulong[] kept, LabelSizes sizes)
{
    /// <summary>For each subset the cost of its product; that of a single factor is 0, unless it is set beforehand.</summary>
    public double[] Costs { get; } = new double[kept.Length];

    /// <summary>For each subset the half of its best split that has the lowest factor; 0 where there is none.</summary>
    public int[] Splits { get; } = new int[kept.Length];

    /// <summary>
    /// Finds the splits of which no intermediate array has more elements than the limit. Subsets that are given already are not
    /// split, and cost nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TCost>(double sizeLimit, ReadOnlySpan<bool> isGiven = default) where TCost : struct, IPathCost
    {
        var all = kept.Length - 1;
        for (var set = 1; set <= all; set++)
        {
            if (BitOperations.IsPow2(set) || (!isGiven.IsEmpty && isGiven[set]))
                continue;
            Costs[set] = double.PositiveInfinity;
            var product = set == all ? 0 : sizes.Of(kept[set]);
            if (product > sizeLimit)
                continue;
            var best = double.PositiveInfinity;
            var split = 0;
            // Of the two halves, one has the lowest factor.
            var lowest = set & -set;
            var others = set ^ lowest;
            for (var rest = others; rest > 0; rest = (rest - 1) & others)
            {
                var half = set ^ rest;
                var cost = TCost.Join(Costs[half], Costs[rest]);
                if (cost < best)
                    cost = TCost.Add(cost, sizes.Of(kept[half] | kept[rest]), product);
                if (cost < best)
                    (best, split) = (cost, half);
            }

            if (split != 0)
                (Costs[set], Splits[set]) = (best, split);
        }
    }

    /// <summary>For each subset of factors, the labels that its product still needs: those of the result and of the rest.</summary>
    /// <param name="factors">The labels of each factor, as bits.</param>
    /// <param name="result">The labels of the result.</param>
    public static ulong[] KeptLabels(ReadOnlySpan<ulong> factors, ulong result)
    {
        var all = (1 << factors.Length) - 1;
        var union = new ulong[all + 1];
        for (var set = 1; set <= all; set++)
            union[set] = union[set & (set - 1)] | factors[BitOperations.TrailingZeroCount(set)];
        return [.. union.Select((labels, set) => labels & (result | union[all ^ set]))];
    }
}

/// <summary>Few operations; among equal numbers of them few steps, and then small arrays.</summary>
internal readonly struct FewestSteps : IPathCost
{
    /// <summary>What a step costs beside its operations.</summary>
    public const double PerStep = 1e-2;

    private const double PerElement = 1e-6;

    public static double Join(double a, double b) => a + b;

    public static double Add(double cost, double products, double size) =>
        cost + (2 * products) + PerStep + (PerElement * size);
}
