using System.Collections.Immutable;
using System.Text;

namespace Autodiff.Kernel;

/// <summary>
/// How an einsum is computed: steps over slots. The operands are the slots 0 to n - 1, each step writes the next one,
/// and <see cref="Expansion"/> makes the result from the last. Immutable; made once for each <see cref="Subscripts"/>.
/// </summary>
internal sealed class EinsumPlan
{
    private static readonly BoundedCache<Subscripts, EinsumPlan> Cache = new(4096);

    private readonly ImmutableArray<EinsumStep>.Builder steps = ImmutableArray.CreateBuilder<EinsumStep>();

    private EinsumPlan(Subscripts subscripts)
    {
        Subscripts = subscripts;
        var last = subscripts.OperandCount == 1 ? BuildSingle() : BuildPairs();
        Steps = steps.ToImmutable();
        Expansion = new EinsumExpansion(last, subscripts);
        Flops = Steps.Aggregate(0L, (sum, step) => sum > long.MaxValue - step.Flops ? long.MaxValue : sum + step.Flops);
        PeakSize = Steps.Select(step => step.Result.Size).DefaultIfEmpty(0).Max();
    }

    /// <summary>What is computed.</summary>
    public Subscripts Subscripts { get; }

    /// <summary>The steps, in order; none where the result is a view of the only operand.</summary>
    public ImmutableArray<EinsumStep> Steps { get; }

    /// <summary>What makes the result from the last slot.</summary>
    public EinsumExpansion Expansion { get; }

    /// <summary>The additions and multiplications of all steps.</summary>
    public long Flops { get; }

    /// <summary>The elements of the largest array that a step writes.</summary>
    public int PeakSize { get; }

    /// <summary>The plan for subscripts.</summary>
    public static EinsumPlan For(Subscripts subscripts) => Cache.GetOrAdd(subscripts, key => new EinsumPlan(key));

    /// <summary>Computes the result from operands of one element type, not Bool, with any strides.</summary>
    public void Run(ReadOnlySpan<View> operands, View result)
    {
        var slots = new View[operands.Length + Steps.Length];
        operands.CopyTo(slots);
        for (var i = 0; i < Steps.Length; i++)
        {
            var step = Steps[i];
            var isLast = i == Steps.Length - 1 && Expansion.IsIdentity;
            var target = isLast ? result : Temporary(step.Result, result.DType);
            step.Run(slots[step.Left], step.IsUnary ? default : slots[step.Right], target);
            slots[operands.Length + i] = target;
        }

        if (!Expansion.IsIdentity || Steps.IsEmpty)
            Expansion.Run(slots[^1], result);
    }

    /// <summary>
    /// The steps as text: what each reads, its shapes, operations and kernel, for contiguous operands.
    /// </summary>
    public string Explain(DType dtype)
    {
        var text = new StringBuilder();
        text.Append($"einsum {Subscripts}: {Flops} FLOPs, largest result of a step {PeakSize} elements\n");
        for (var i = 0; i < Steps.Length; i++)
            text.Append($"  %{Subscripts.OperandCount + i} = {Explain(Steps[i], dtype)}\n");
        if (!Expansion.IsIdentity)
            text.Append(
                $"  result {Expansion.Result} = %{Subscripts.OperandCount + Steps.Length - 1} {(Expansion.IsView ? "by strides" : "on a diagonal of zeros")}\n");
        return text.ToString();
    }

    private static View Temporary(Shape shape, DType dtype) => View.Of(NDArray.Allocate(shape, dtype));

    /// <summary>One operand: summed straight into the order of the result, or a view.</summary>
    private ImmutableArray<int> BuildSingle()
    {
        var labels = Subscripts.OperandLabels(0);
        var kept = Kept(labels, []);
        return labels.All(label => kept.Contains(label) || Subscripts.Sizes[label] == 1)
            ? labels
            : Add((0, labels), null, kept);
    }

    /// <summary>Several operands: sums of one operand alone, then the pairs of the path.</summary>
    private ImmutableArray<int> BuildPairs()
    {
        var path = ContractionPath.Find(Subscripts);
        var terms = new ContractionTerms(Subscripts);
        var slots = new List<(int Slot, ImmutableArray<int> Labels)>();
        for (var operand = 0; operand < Subscripts.OperandCount; operand++)
            slots.Add(SumAlone(operand, terms[operand]));
        for (var i = 0; i < path.Pairs.Length; i++)
        {
            var ((left, right), isLast) = (path.Pairs[i], i == path.Pairs.Length - 1);
            var needed = terms[terms.Contract(left, right)];
            var order = isLast
                ? Kept(slots[left].Labels, slots[right].Labels)
                : ProductOrder(slots[left].Labels, slots[right].Labels, needed);
            var labels = Add(slots[left], slots[right], order);
            slots.Add((Subscripts.OperandCount + steps.Count - 1, labels));
        }

        return slots[^1].Labels;
    }

    /// <summary>An operand's slot, after the labels that it alone has were summed.</summary>
    private (int Slot, ImmutableArray<int> Labels) SumAlone(int operand, int[] needed)
    {
        var labels = Subscripts.OperandLabels(operand);
        if (labels.All(label => needed.Contains(label) || Subscripts.Sizes[label] == 1))
            return (operand, labels);
        ImmutableArray<int> kept = [.. labels.Distinct().Where(needed.Contains)];
        return (Subscripts.OperandCount + steps.Count, Add((operand, labels), null, kept));
    }

    private ImmutableArray<int> Add(
        (int, ImmutableArray<int>) left, (int, ImmutableArray<int>)? right, ImmutableArray<int> kept)
    {
        steps.Add(new EinsumStep(left, right, kept, Subscripts.Sizes));
        return kept;
    }

    /// <summary>The labels of the result that the operands have, each once, in the order of the result.</summary>
    private ImmutableArray<int> Kept(ImmutableArray<int> left, ImmutableArray<int> right) =>
        [.. Subscripts.ResultLabels.Distinct().Where(label => left.Contains(label) || right.Contains(label))];

    /// <summary>The order that suits a batched matrix product: labels of both, of the left, of the right.</summary>
    private static ImmutableArray<int> ProductOrder(
        ImmutableArray<int> left, ImmutableArray<int> right, int[] needed) =>
        [
            .. left.Where(label => right.Contains(label)).Concat(left).Concat(right).Distinct().Where(needed.Contains),
        ];

    private string Explain(EinsumStep step, DType dtype)
    {
        var (left, right) = (ShapeOf(step.LeftLabels), ShapeOf(step.RightLabels));
        var operands = step.IsUnary ? $"%{step.Left} {left}" : $"%{step.Left} {left}, %{step.Right} {right}";
        var kernel = step.IsUnary
            ? "sum"
            : step.Bind(
                Layout.Contiguous(left), Layout.Contiguous(right), Layout.Contiguous(step.Result), dtype).ToString();
        return $"{step}  {operands} -> {step.Result}, {step.Flops} FLOPs, {kernel}";
    }

    private Shape ShapeOf(ImmutableArray<int> labels) =>
        Shape.Create([.. labels.Select(label => Subscripts.Sizes[label])]);
}
