using System.Collections.Immutable;

namespace Autodiff.Kernel;

/// <summary>
/// In which order a step writes the labels of its product. The order is ours to choose, even at the end, where a copy can
/// follow: it is the one in which this step and the one that reads the product cost the least together.
/// </summary>
/// <param name="left">The labels of the first operand.</param>
/// <param name="right">The labels of the second operand.</param>
/// <param name="needed">The labels of the product.</param>
/// <param name="sizes">The size of each label.</param>
/// <param name="strideA">The stride of each label in the first operand; none where it is contiguous.</param>
/// <param name="strideB">The stride of each label in the second operand; none where it is contiguous.</param>
internal sealed class LabelOrder(
    ImmutableArray<int> left, ImmutableArray<int> right, int[] needed, ImmutableArray<int> sizes, int[]? strideA = null,
    int[]? strideB = null)
{
    // Ranks of the labels that both operands have, of those of the left and of those of the right.
    private static readonly int[][] ProductRanks = [[0, 1, 2], [0, 2, 1]];

    // For the step that reads the product: ranks of the labels that it sums, that both its operands keep, and the rest.
    private static readonly int[][] ReaderRanks = [[0, 1, 2], [1, 0, 2], [2, 0, 1], [2, 1, 0], [0, 2, 1], [1, 2, 0]];

    private readonly int[] stridesOfLeft = strideA ?? StepCost.Strides(left, sizes);
    private readonly int[] stridesOfRight = strideB ?? StepCost.Strides(right, sizes);
    private readonly int[] natural = [.. left.Concat(right).Distinct().Where(needed.Contains)];

    /// <summary>The order of the last product: that of the result, or one from which it is worth copying.</summary>
    public ImmutableArray<int> Last(ImmutableArray<int> result) => BestLast(result).Order;

    /// <summary>The order of a product that a later step reads.</summary>
    /// <param name="reader">That step.</param>
    public ImmutableArray<int> Between(Reader reader) =>
        [.. OrdersFor(reader).MinBy(order => Cost(order) + CostOf(reader, order))];

    private (ImmutableArray<int> Order, double Cost) BestLast(ImmutableArray<int> result) =>
        Orders().Select(order => (Order: order, Cost: Cost(order) + StepCost.OfCopy(order, sizes)))
            .Prepend((Order: result, Cost: Cost(result))).MinBy(choice => choice.Cost);

    private double Cost(ImmutableArray<int> order) => StepCost.Of(left, right, order, sizes, stridesOfLeft, stridesOfRight);

    /// <summary>The orders that suit this step: the labels of each operand together.</summary>
    private IEnumerable<ImmutableArray<int>> Orders() =>
        ProductRanks.Select(ranks => natural.OrderBy(label => ranks[Group(label)]).ToImmutableArray());

    /// <summary>
    /// Orders that suit this step, the one that reads the product, or both: the labels of each operand, or of each part
    /// that they play in the other step, together; and those that it sums as its other operand has them.
    /// </summary>
    private IEnumerable<ImmutableArray<int>> OrdersFor(Reader reader)
    {
        var orders =
            from product in ProductRanks
            from reading in ReaderRanks
            let byProduct = (Func<int, int>)(label => product[Group(label)])
            let byReader = (Func<int, int>)(label => reading[reader.Group(label)])
            from order in (IEnumerable<int>[])
            [
                natural.OrderBy(byProduct).ThenBy(byReader),
                natural.OrderBy(byReader).ThenBy(byProduct),
                natural.OrderBy(byReader).ThenBy(label => reader.Other.IndexOf(label)).ThenBy(byProduct),
            ]
            select order.ToImmutableArray();
        return Orders().Concat(orders).DistinctBy(order => string.Join(',', order));
    }

    private double CostOf(Reader reader, ImmutableArray<int> order)
    {
        var other = reader.IsOrdered ? reader.Other : reader.IdealOther(order);
        var next = new LabelOrder(order, other, reader.Needed, sizes);
        return reader.Result.IsDefault
            ? next.Orders().Min(product => StepCost.Of(order, other, product, sizes))
            : next.BestLast(reader.Result).Cost;
    }

    private int Group(int label) => left.Contains(label) ? right.Contains(label) ? 0 : 1 : 2;

    /// <summary>The step that reads a product.</summary>
    /// <param name="Other">The labels of its other operand.</param>
    /// <param name="IsOrdered">Whether they are in their final order.</param>
    /// <param name="Needed">The labels of what it makes.</param>
    /// <param name="Result">Those in the order of the result, where it makes the result; default elsewhere.</param>
    internal sealed record Reader(ImmutableArray<int> Other, bool IsOrdered, int[] Needed, ImmutableArray<int> Result)
    {
        /// <summary>The part that a label of the product plays: 0 summed, 1 in both operands and kept, 2 else.</summary>
        public int Group(int label) => !Needed.Contains(label) ? 0 : Other.Contains(label) ? 1 : 2;

        /// <summary>The other operand as one would wish for: what is shared as the product has it, its own labels last.</summary>
        public ImmutableArray<int> IdealOther(ImmutableArray<int> product) =>
            [
                .. product.Where(label => Group(label) == 1), .. product.Where(label => Group(label) == 0 && Other.Contains(label)),
                .. Other.Where(label => !product.Contains(label)),
            ];
    }
}
