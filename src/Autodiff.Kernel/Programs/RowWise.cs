using System.Collections.Immutable;

namespace Autodiff.Kernel;

/// <summary>
/// Instructions that compute each row of their results, a step along the first axis, from the same row of their operands:
/// they may run on some rows alone, with the same bits.
/// </summary>
internal static class RowWise
{
    /// <summary>The number of rows; 0 where the instruction is none of these.</summary>
    public static int RowsOf(Instruction instruction)
    {
        var known = Simplified(instruction);
        var rows = known.Outputs[0].Shape.Rank == 0 ? 0 : known.Outputs[0].Shape[0];
        if (rows <= 1 || !known.Inputs.Where((_, input) => !IsWhole(known, input)).All(HasRow) || !known.Outputs.All(HasRow))
            return 0;
        return known is EinsumInstruction product ? HasRows(product) ? rows : 0 : WithRows(known, 1) is null ? 0 : rows;

        bool HasRow(BufferView view) => view.Shape.Rank > 0 && view.Shape[0] == rows && view.Layout.Strides[0] >= 0;
    }

    /// <summary>
    /// Whether every row needs the whole of an operand, counted from the inputs on: of a product, an input that lacks the
    /// label of the rows.
    /// </summary>
    public static bool IsWhole(Instruction instruction, int operand) =>
        instruction is EinsumInstruction { Step: { IsUnary: false, ResultLabels: [var row, ..] } step }
        && operand < instruction.Inputs.Length && !(operand == 0 ? step.LeftLabels : step.RightLabels).Contains(row);

    /// <summary>
    /// The instruction for so many rows, which are the first of its views; null where rows depend on one another or would
    /// be reduced by another tree.
    /// </summary>
    public static Instruction? WithRows(Instruction instruction, int rows)
    {
        instruction = Simplified(instruction);
        BufferView[] inputs = [.. instruction.Inputs.Select((view, i) => IsWhole(instruction, i) ? view : WithRows(view, rows))];
        var outputs = Array.ConvertAll(instruction.Outputs, view => WithRows(view, rows));
        return instruction switch
        {
            LoopInstruction loop => new LoopInstruction(loop.Body, inputs, outputs, isPart: true),
            LoopReductionInstruction loop => WithRows(loop.Plan, rows) is { } plan
                ? new LoopReductionInstruction(plan, inputs, outputs)
                : null,
            ReductionInstruction reduction => KeepsTree(reduction, inputs[0], outputs[0])
                ? new ReductionInstruction(reduction.Kind, outputs[0].Shape.Rank, inputs[0], outputs[0])
                : null,
            EinsumInstruction { Contraction: not null } product => WithRows(product, inputs, outputs[0]),
            _ => null,
        };
    }

    /// <summary>A sum that is written as an einsum, as the reduction that it is.</summary>
    public static Instruction Simplified(Instruction instruction)
    {
        if (instruction is not EinsumInstruction { Step: { IsUnary: true, IsView: false } step } sum)
            return instruction;
        var source = sum.Inputs[0].Under(step.Summed(sum.Inputs[0].Layout));
        return new ReductionInstruction(ReductionKind.Sum, step.ResultLabels.Length, source, sum.Outputs[0]);
    }

    /// <summary>Whether the label of the rows is that of the first axis, and of no other, of the operands that have it.</summary>
    private static bool HasRows(EinsumInstruction product)
    {
        var step = product.Step;
        return !step.IsUnary && IsFirst(step.LeftLabels) && IsFirst(step.RightLabels)
            && !(IsWhole(product, 0) && IsWhole(product, 1));

        bool IsFirst(ImmutableArray<int> labels) => labels.LastIndexOf(step.ResultLabels[0]) <= 0;
    }

    private static EinsumInstruction? WithRows(EinsumInstruction product, BufferView[] inputs, BufferView output)
    {
        var step = product.Step.With(product.Step.ResultLabels[0], output.Shape[0]);
        var part = new EinsumInstruction(step, inputs[0], inputs[1], output);
        return part.Contraction!.SumsAs(product.Contraction!) ? part : null;
    }

    private static BufferView WithRows(BufferView view, int rows) =>
        view.Shape.Rank == 0 ? view : view.Under(WithRows(view.Layout, rows));

    private static Layout WithRows(Layout layout, int rows) =>
        Layout.Strided(WithRows(layout.Shape, rows), layout.Strides, layout.Offset);

    private static Shape WithRows(Shape shape, int rows)
    {
        var sizes = shape.ToArray();
        sizes[0] = rows;
        return Shape.Create(sizes);
    }

    private static ReductionPlan? WithRows(ReductionPlan plan, int rows)
    {
        if (plan.KeptRank == 0 || plan.Shape.Rank == 0 || plan.Source.Shape[0] != plan.Shape[0])
            return null;
        if (plan.Source.Strides[0] != plan.Layout.Strides[0])
            return null;
        var part = new ReductionPlan(plan.Body, WithRows(plan.Shape, rows), plan.Kind, WithRows(plan.Source, rows), plan.KeptRank);
        return part.Loop.RunLength == plan.Loop.RunLength ? part : null;
    }

    private static bool KeepsTree(ReductionInstruction whole, BufferView source, BufferView result)
    {
        var keptRank = result.Shape.Rank;
        if (keptRank == 0 || source.Shape.Size == 0)
            return false;
        var part = new ReductionLoop(source.Layout, keptRank, result.Layout);
        return part.RunLength == new ReductionLoop(whole.Inputs[0].Layout, keptRank, whole.Outputs[0].Layout).RunLength;
    }
}
