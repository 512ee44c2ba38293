using System.Collections.Immutable;
using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>The best contraction order of few operands.</summary>
internal static class OptimalPath
{
    // Beyond, the 3^n ways to split the subsets of n operands take longer to search than they save.
    private const int MaxOperands = 12;

    /// <summary>Whether there are few enough operands.</summary>
    public static bool IsFeasible(Subscripts subscripts) =>
        subscripts.OperandCount <= MaxOperands && subscripts.LabelCount <= 64;

    /// <summary>
    /// The order with the fewest operations of those whose intermediate arrays have no more elements than the limit;
    /// empty where there is none.
    /// </summary>
    public static ImmutableArray<(int Left, int Right)> Find(Subscripts subscripts, double sizeLimit)
    {
        var search = SearchOf(subscripts);
        search.Run<Operations>(sizeLimit);
        if (double.IsInfinity(search.Costs[^1]))
            return [];
        var pairs = ImmutableArray.CreateBuilder<(int, int)>();
        Emit(search.Splits, search.Splits.Length - 1, subscripts.OperandCount, pairs);
        return pairs.ToImmutable();
    }

    /// <summary>The elements of the largest intermediate array where that is as small as can be.</summary>
    public static double LeastPeak(Subscripts subscripts)
    {
        var search = SearchOf(subscripts);
        search.Run<Peak>(double.PositiveInfinity);
        return search.Costs[^1];
    }

    private static SubsetSearch SearchOf(Subscripts subscripts)
    {
        var operands = new ulong[subscripts.OperandCount];
        for (var operand = 0; operand < operands.Length; operand++)
            operands[operand] = LabelSizes.Bits(subscripts.OperandLabels(operand));
        var kept = SubsetSearch.KeptLabels(operands, LabelSizes.Bits(subscripts.ResultLabels));
        return new SubsetSearch(kept, new LabelSizes(subscripts.Sizes));
    }

    /// <summary>Appends the pairs that contract a subset; the term that holds it. At most twelve levels deep.</summary>
    private static int Emit(int[] splits, int set, int operands, ImmutableArray<(int, int)>.Builder pairs)
    {
        if (BitOperations.IsPow2(set))
            return BitOperations.TrailingZeroCount(set);
        var left = Emit(splits, splits[set], operands, pairs);
        pairs.Add((left, Emit(splits, set ^ splits[set], operands, pairs)));
        return operands + pairs.Count - 1;
    }

    private readonly struct Operations : IPathCost
    {
        public static double Join(double a, double b) => a + b;

        public static double Add(double cost, double products, double size) => cost + products;
    }

    private readonly struct Peak : IPathCost
    {
        public static double Join(double a, double b) => Math.Max(a, b);

        public static double Add(double cost, double products, double size) => Math.Max(cost, size);
    }
}
