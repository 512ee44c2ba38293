using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Autodiff.Kernel;

/// <summary>A plan as text: a line for each step, with what it reads and writes, its operations and its kernel.</summary>
internal static class EinsumText
{
    /// <summary>The text for contiguous operands of a float type.</summary>
    public static string Of(EinsumPlan plan, DType dtype)
    {
        var (path, operands) = (plan.Path, plan.Subscripts.OperandCount);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"einsum {plan.Subscripts} -> {plan.Subscripts.Result} {dtype}\n");
        for (var operand = 0; operand < operands; operand++)
            text.Append(CultureInfo.InvariantCulture, $"  %{operand} {plan.Subscripts.OperandShape(operand)}\n");
        for (var i = 0; i < plan.Steps.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"  %{operands + i} {Step(plan, plan.Steps[i], dtype)}\n");
        if (!plan.Expansion.IsIdentity)
            text.Append(CultureInfo.InvariantCulture, $"  result {plan.Expansion.Result} = %{operands + plan.Steps.Length - 1} {End(plan.Expansion)}\n");
        text.Append(CultureInfo.InvariantCulture,
            $"FLOPs {Count(plan.Flops)}; in one loop over all labels {Count(path.NaiveFlops)}, {path.NaiveFlops / Math.Max(1, plan.Flops):0.##} times as many\n");
        text.Append(CultureInfo.InvariantCulture,
            $"largest array written {Count(path.PeakSize)} elements; between steps {Count(path.IntermediateSize)}\n");
        return text.ToString();
    }

    private static string Step(EinsumPlan plan, EinsumStep step, DType dtype)
    {
        var (left, right) = (ShapeOf(step.LeftLabels), ShapeOf(step.RightLabels));
        var operands = step.IsUnary ? $"%{step.Left}" : $"%{step.Left} %{step.Right}";
        return $"{step.Result} = {step} of {operands}, {Count(step.Flops)} FLOPs: {Kernel()}";

        string Kernel() => step switch
        {
            { IsView: true } => "view",
            { IsUnary: true } => "sum",
            _ => step.Bind(
                Layout.Contiguous(left), Layout.Contiguous(right), Layout.Contiguous(step.Result), dtype).ToString(),
        };

        Shape ShapeOf(ImmutableArray<int> labels) =>
            Shape.Create([.. labels.Select(label => plan.Subscripts.Sizes[label])]);
    }

    private static string End(EinsumExpansion expansion) =>
        expansion.IsView ? "by strides; copied in cache blocks where it is stored" : "on a diagonal of zeros";

    /// <summary>A number with its thousands apart.</summary>
    private static string Count(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
