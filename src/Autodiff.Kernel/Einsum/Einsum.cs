using Autodiff.Kernel;

namespace Autodiff;

/// <summary>Sums of products of arrays, by Einstein's notation.</summary>
public static class Einsum
{
    /// <summary>
    /// Computes an einsum such as <c>"ij,jk->ik"</c>, in NumPy's language. Operands of different element types promote
    /// as arithmetic does; Bool alone becomes Int64. Integers wrap around.
    /// </summary>
    /// <param name="subscripts">The subscripts; see <see cref="Subscripts.Parse"/>.</param>
    /// <param name="operands">The operands, at least one.</param>
    /// <exception cref="EinsumException">The subscripts cannot be read, or do not fit the operands.</exception>
    public static NDArray Evaluate(string subscripts, params NDArray[] operands)
    {
        ArgumentNullException.ThrowIfNull(operands);
        return Evaluate(Subscripts.Parse(subscripts, [.. operands.Select(operand => operand.Shape)]), operands);
    }

    /// <summary>Computes an einsum whose subscripts were fitted to the shapes of the operands.</summary>
    /// <param name="subscripts">The subscripts.</param>
    /// <param name="operands">The operands, of the shapes that the subscripts say.</param>
    /// <exception cref="EinsumException">An operand has another shape.</exception>
    public static NDArray Evaluate(Subscripts subscripts, params NDArray[] operands)
    {
        ArgumentNullException.ThrowIfNull(subscripts);
        ArgumentNullException.ThrowIfNull(operands);
        Check(subscripts, operands);
        return Run(EinsumPlan.For(subscripts), operands);
    }

    /// <summary>Computes an einsum along a given path.</summary>
    /// <param name="path">The order of the contractions; see <see cref="Path"/>.</param>
    /// <param name="operands">The operands, of the shapes for which the path was found.</param>
    /// <exception cref="EinsumException">An operand has another shape.</exception>
    public static NDArray Evaluate(ContractionPath path, params NDArray[] operands)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(operands);
        Check(path.Subscripts, operands);
        return Run(path.Plan, operands);
    }

    /// <summary>
    /// In which order the operands of an einsum are contracted, two at a time: the order with the fewest operations for
    /// up to twelve operands, the best of several greedy ones for more.
    /// </summary>
    /// <param name="subscripts">The subscripts.</param>
    /// <param name="shapes">The shapes of the operands.</param>
    /// <param name="sizeLimit">The most elements that an array between two steps may have.</param>
    /// <exception cref="EinsumException">
    /// The subscripts cannot be read, or do not fit the shapes, or no order is within the limit.
    /// </exception>
    public static ContractionPath Path(
        string subscripts, IReadOnlyList<Shape> shapes, long sizeLimit = long.MaxValue)
    {
        var parsed = Subscripts.Parse(subscripts, shapes);
        return sizeLimit == long.MaxValue ? EinsumPlan.For(parsed).Path : ContractionPath.Find(parsed, sizeLimit);
    }

    /// <summary>
    /// How an einsum of float arrays of given shapes is computed: the order of contractions, and for each the shapes,
    /// the number of operations and the kernel.
    /// </summary>
    /// <param name="subscripts">The subscripts.</param>
    /// <param name="shapes">The shapes of the operands.</param>
    /// <exception cref="EinsumException">The subscripts cannot be read, or do not fit the shapes.</exception>
    public static string Explain(string subscripts, params Shape[] shapes) => Path(subscripts, shapes).Explain();

    private static NDArray Run(EinsumPlan plan, NDArray[] operands)
    {
        var dtype = operands.Select(operand => operand.DType).Aggregate(DTypes.Promote);
        if (dtype == DType.Bool)
            dtype = DType.Int64;
        var result = NDArray.Allocate(plan.Subscripts.Result, dtype);
        plan.Run(
            [.. operands.Select(operand => View.Of(operand.AsType(dtype)))], View.Of(result));
        return result;
    }

    private static void Check(Subscripts subscripts, NDArray[] operands)
    {
        if (operands.Length != subscripts.OperandCount)
            throw new EinsumException(
                $"einsum {subscripts}: {subscripts.OperandCount} operands are expected, {operands.Length} were given");
        for (var i = 0; i < operands.Length; i++)
            if (operands[i].Shape != subscripts.OperandShape(i))
                throw new EinsumException(
                    $"einsum {subscripts}: operand {i} has shape {operands[i].Shape}, not {subscripts.OperandShape(i)}");
    }
}
