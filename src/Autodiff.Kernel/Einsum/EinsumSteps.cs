using System.Collections.Immutable;

namespace Autodiff.Kernel;

/// <summary>The steps along a contraction path, with the order of the labels of what each writes.</summary>
internal sealed class EinsumSteps
{
    private readonly ContractionPath path;
    private readonly Subscripts subscripts;
    private readonly ImmutableArray<EinsumStep>.Builder steps = ImmutableArray.CreateBuilder<EinsumStep>();

    // For each term the labels that are needed, and the pair that reads it; -1 where it is the last.
    private readonly int[][] needed;
    private readonly int[] readers;

    // For each term so far the slot where it stands, and its labels in order.
    private readonly List<(int Slot, ImmutableArray<int> Labels)> slots = [];

    // For each slot the strides of its labels, where it is an operand in memory whose layout is known.
    private readonly int[]?[] strides;

    /// <param name="path">The order of the contractions.</param>
    /// <param name="operands">Where the operands' elements stand; none where they are contiguous.</param>
    public EinsumSteps(ContractionPath path, IReadOnlyList<Layout>? operands = null)
    {
        this.path = path;
        subscripts = path.Subscripts;
        var terms = new ContractionTerms(subscripts);
        var count = subscripts.OperandCount;
        strides = new int[]?[count];
        for (var operand = 0; operand < operands?.Count; operand++)
            strides[operand] = StepCost.Strides(subscripts.OperandLabels(operand), subscripts.Sizes, operands[operand]);
        needed = new int[count + path.Pairs.Length][];
        readers = new int[needed.Length];
        Array.Fill(readers, -1);
        for (var operand = 0; operand < count; operand++)
            needed[operand] = terms[operand];
        for (var i = 0; i < path.Pairs.Length; i++)
        {
            var (left, right) = path.Pairs[i];
            readers[left] = readers[right] = i;
            needed[count + i] = terms[terms.Contract(left, right)];
        }
    }

    /// <summary>The steps, and the labels of the last slot.</summary>
    public (ImmutableArray<EinsumStep> Steps, ImmutableArray<int> Last) Build()
    {
        var last = subscripts.OperandCount == 1 ? BuildSingle() : BuildPairs();
        return (steps.ToImmutable(), last);
    }

    /// <summary>One operand: summed straight into the order of the result, or a view.</summary>
    private ImmutableArray<int> BuildSingle()
    {
        var labels = subscripts.OperandLabels(0);
        var kept = Kept(labels);
        return labels.All(label => kept.Contains(label) || subscripts.Sizes[label] == 1)
            ? labels
            : Add((0, labels), null, kept);
    }

    /// <summary>Several operands: sums of one operand alone, then the pairs of the path.</summary>
    private ImmutableArray<int> BuildPairs()
    {
        for (var operand = 0; operand < subscripts.OperandCount; operand++)
            slots.Add(SumAlone(operand));
        foreach (var (left, right) in path.Pairs)
        {
            var labels = Add(slots[left], slots[right], Order(slots.Count, slots[left], slots[right]));
            slots.Add((subscripts.OperandCount + steps.Count - 1, labels));
        }

        return slots[^1].Labels;
    }

    /// <summary>An operand's slot, after the labels that it alone has were summed.</summary>
    private (int Slot, ImmutableArray<int> Labels) SumAlone(int operand)
    {
        var labels = subscripts.OperandLabels(operand);
        if (labels.All(label => needed[operand].Contains(label) || subscripts.Sizes[label] == 1))
            return (operand, labels);
        ImmutableArray<int> kept = [.. labels.Distinct().Where(needed[operand].Contains)];
        return (subscripts.OperandCount + steps.Count, Add((operand, labels), null, kept));
    }

    private ImmutableArray<int> Add(
        (int, ImmutableArray<int>) left, (int, ImmutableArray<int>)? right, ImmutableArray<int> kept)
    {
        steps.Add(new EinsumStep(left, right, kept, subscripts.Sizes));
        return kept;
    }

    /// <summary>The order of the labels of a term.</summary>
    private ImmutableArray<int> Order(
        int term, (int Slot, ImmutableArray<int> Labels) left, (int Slot, ImmutableArray<int> Labels) right)
    {
        var order = new LabelOrder(
            left.Labels, right.Labels, needed[term], subscripts.Sizes, Strides(left.Slot), Strides(right.Slot));
        if (readers[term] < 0)
            return order.Last(Kept([.. needed[term]]));
        var (first, second) = path.Pairs[readers[term]];
        var other = first == term ? second : first;
        var product = subscripts.OperandCount + readers[term];
        return order.Between(new LabelOrder.Reader(
            other < slots.Count ? slots[other].Labels : [.. needed[other]],
            other < slots.Count,
            needed[product],
            readers[product] < 0 ? Kept([.. needed[product]]) : default));
    }

    private int[]? Strides(int slot) => slot < strides.Length ? strides[slot] : null;

    /// <summary>The labels of the result that the operands have, each once, in the order of the result.</summary>
    private ImmutableArray<int> Kept(ImmutableArray<int> labels) =>
        [.. subscripts.ResultLabels.Distinct().Where(labels.Contains)];
}
