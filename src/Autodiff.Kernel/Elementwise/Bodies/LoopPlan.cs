namespace Autodiff.Kernel;

/// <summary>An operation of a loop body with its operands and its result in cells.</summary>
/// <param name="Code">The operation.</param>
/// <param name="Type">The type of the operands; of Select, that of the two to choose from.</param>
/// <param name="Result">The type of the result.</param>
/// <param name="A">The cell of the first operand.</param>
/// <param name="B">The cell of the second operand.</param>
/// <param name="C">The cell of the third operand.</param>
/// <param name="Target">The cell of the result.</param>
/// <param name="Output">The output that the result may be written to at once, or -1.</param>
internal readonly record struct LoopStep(
    Opcode Code, DType Type, DType Result, int A, int B, int C, int Target, int Output);

/// <summary>A loop body with its registers in cells.</summary>
internal sealed class LoopPlan
{
    public LoopPlan(LoopExpression expression)
    {
        var walk = new CellWalk(expression);
        try
        {
            Steps = new LoopStep[walk.Count];
            for (var i = 0; i < Steps.Length; i++)
                Steps[i] = walk.Next();
            OutputCells = walk.OutputCells();
            Cells = walk.Cells;
        }
        finally
        {
            walk.Dispose();
        }
    }

    /// <summary>The operations in order; inputs that are stored as they are come first, copied to slots.</summary>
    public LoopStep[] Steps { get; }

    /// <summary>The cell of each output.</summary>
    public int[] OutputCells { get; }

    /// <summary>The number of cells.</summary>
    public int Cells { get; }
}
