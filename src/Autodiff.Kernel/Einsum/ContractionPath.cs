using System.Collections.Immutable;
using Autodiff.Kernel;

namespace Autodiff;

/// <summary>
/// In which order the operands of an einsum are contracted, two at a time, and what that costs. Operands are the terms
/// 0 to n - 1 and each pair makes the next term.
/// </summary>
public sealed class ContractionPath
{
    private EinsumPlan? plan;

    private ContractionPath(
        Subscripts subscripts, ImmutableArray<(int Left, int Right)> pairs, double flops, double peakSize, double intermediateSize)
    {
        Subscripts = subscripts;
        Pairs = pairs;
        Flops = flops;
        PeakSize = peakSize;
        IntermediateSize = intermediateSize;
    }

    /// <summary>What is computed.</summary>
    public Subscripts Subscripts { get; }

    /// <summary>The terms that each step contracts.</summary>
    public ImmutableArray<(int Left, int Right)> Pairs { get; }

    /// <summary>The additions and multiplications of all steps, two for each product that is summed.</summary>
    public double Flops { get; }

    /// <summary>
    /// The additions and multiplications of one loop over all labels, which multiplies all operands and adds.
    /// </summary>
    public double NaiveFlops =>
        Math.Max(2, Subscripts.OperandCount)
        * Subscripts.Sizes.Aggregate(1.0, (product, size) => product * size);

    /// <summary>The elements of the largest array that a step writes, the result among them.</summary>
    public double PeakSize { get; }

    /// <summary>The elements of the largest array that a step writes and a later one reads; 0 where there is none.</summary>
    public double IntermediateSize { get; }

    internal EinsumPlan Plan => plan ??= new EinsumPlan(this);

    /// <summary>
    /// The steps as text: what each reads and writes, the sizes, the operations, and the kernel that does it.
    /// </summary>
    /// <param name="dtype">The element type.</param>
    public string Explain(DType dtype = DType.Float32) => EinsumText.Of(Plan, dtype);

    /// <summary>The steps as text, for Float32.</summary>
    public override string ToString() => Explain();

    /// <summary>
    /// The order with the fewest operations for up to twelve operands, a good one for more, of those whose intermediate
    /// arrays are within a limit.
    /// </summary>
    /// <exception cref="EinsumException">No order is within the limit.</exception>
    internal static ContractionPath Find(Subscripts subscripts, double sizeLimit = double.PositiveInfinity)
    {
        var isOptimal = OptimalPath.IsFeasible(subscripts);
        var pairs = isOptimal ? OptimalPath.Find(subscripts, sizeLimit) : GreedyPath.Find(subscripts, sizeLimit);
        if (pairs.IsEmpty && subscripts.OperandCount > 1)
            throw TooLarge(subscripts, sizeLimit, $"the least possible is {OptimalPath.LeastPeak(subscripts)}");
        var path = Along(subscripts, pairs);
        return path.IntermediateSize <= sizeLimit
            ? path
            : throw TooLarge(subscripts, sizeLimit, $"the least that was found is {path.IntermediateSize}");
    }

    /// <summary>The path of given pairs.</summary>
    internal static ContractionPath Along(Subscripts subscripts, ImmutableArray<(int Left, int Right)> pairs)
    {
        var terms = new ContractionTerms(subscripts);
        double flops = 0, peak = 0, intermediate = 0;
        foreach (var (left, right) in pairs)
        {
            intermediate = peak;
            flops += 2 * terms.Size(ContractionTerms.Union(terms[left], terms[right]));
            peak = Math.Max(peak, terms.Size(terms[terms.Contract(left, right)]));
        }

        return new ContractionPath(subscripts, pairs, flops, peak, intermediate);
    }

    private static EinsumException TooLarge(Subscripts subscripts, double sizeLimit, string least) =>
        new($"einsum {subscripts}: no order of contractions keeps intermediate arrays within {sizeLimit} elements; {least}");
}
