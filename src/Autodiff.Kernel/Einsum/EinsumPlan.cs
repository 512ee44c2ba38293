using System.Collections.Immutable;

namespace Autodiff.Kernel;

/// <summary>
/// How an einsum is computed: steps over slots. The operands are the slots 0 to n - 1, each step writes the next one,
/// and <see cref="Expansion"/> makes the result from the last. Immutable; made once for each <see cref="Subscripts"/>, unless
/// operands are seen through views.
/// </summary>
internal sealed class EinsumPlan
{
    private static readonly BoundedCache<Subscripts, EinsumPlan> Cache = new(4096);

    /// <summary>The plan that follows a path, from contiguous operands or from such as stand in memory in given ways.</summary>
    public EinsumPlan(ContractionPath path, IReadOnlyList<Layout>? operands = null)
    {
        Path = path;
        (Steps, var last) = new EinsumSteps(path, operands).Build();
        Expansion = new EinsumExpansion(last, Subscripts);
        Flops = Steps.Aggregate(0L, (sum, step) => sum > long.MaxValue - step.Flops ? long.MaxValue : sum + step.Flops);
    }

    /// <summary>The order of the contractions.</summary>
    public ContractionPath Path { get; }

    /// <summary>What is computed.</summary>
    public Subscripts Subscripts => Path.Subscripts;

    /// <summary>The steps, in order; none where the result is a view of the only operand.</summary>
    public ImmutableArray<EinsumStep> Steps { get; }

    /// <summary>What makes the result from the last slot.</summary>
    public EinsumExpansion Expansion { get; }

    /// <summary>The additions and multiplications of all steps.</summary>
    public long Flops { get; }

    /// <summary>The plan for subscripts.</summary>
    public static EinsumPlan For(Subscripts subscripts) =>
        Cache.GetOrAdd(subscripts, static key => ContractionPath.Find(key).Plan);

    /// <summary>
    /// The plan for subscripts and operands in given places: windows, slices and transposes are read where they lie, and the
    /// order of a product that suits them may be another than that for contiguous arrays.
    /// </summary>
    public static EinsumPlan For(Subscripts subscripts, IReadOnlyList<Layout> operands)
    {
        var plan = For(subscripts);
        return subscripts.OperandCount == 1 || operands.All(layout => layout.IsContiguous)
            ? plan
            : new EinsumPlan(plan.Path, operands);
    }

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

    private static View Temporary(Shape shape, DType dtype) => View.Of(NDArray.Allocate(shape, dtype));
}
