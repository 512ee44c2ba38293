namespace Autodiff.Kernel;

/// <summary>An operation on single elements in cells, in as few bytes as may be: tapes of millions of them are read from memory.</summary>
/// <param name="Kernel">The kernel, by its number in the plan.</param>
/// <param name="A">The cell of the first operand; of an operation without a kernel of its own, its number among those.</param>
/// <param name="B">The cell of the second operand.</param>
/// <param name="Target">The cell of the result.</param>
internal readonly record struct TapeStep(int Kernel, int A, int B, int Target);

/// <summary>An expression as steps over single elements, each with the kernel that runs it.</summary>
internal sealed class TapePlan
{
    // 64 KB: one array of all steps would lie among the large objects, in memory that is new with every plan.
    private const int ChunkSize = 4096;

    public TapePlan(LoopExpression expression)
    {
        Operations = expression.Ops.Length;
        var walk = new CellWalk(expression);
        try
        {
            (Steps, Kernels, Others) = Walked(ref walk);
            Cells = walk.Cells;
            OutputCells = walk.OutputCells();
        }
        finally
        {
            walk.Dispose();
        }
    }

    /// <summary>How many operations the expression has.</summary>
    public int Operations { get; }

    /// <summary>The operations in order, in chunks.</summary>
    public TapeStep[][] Steps { get; }

    /// <summary>The addresses of the kernels that the steps name.</summary>
    public nint[] Kernels { get; }

    /// <summary>The operations without a kernel of their own.</summary>
    public LoopStep[] Others { get; }

    /// <summary>The cell of each output.</summary>
    public int[] OutputCells { get; }

    /// <summary>The number of cells.</summary>
    public int Cells { get; }

    private static (TapeStep[][] Steps, nint[] Kernels, LoopStep[] Others) Walked(ref CellWalk walk)
    {
        var chunks = new TapeStep[(walk.Count + ChunkSize - 1) / ChunkSize][];
        var kernels = new List<nint>();
        var others = new List<LoopStep>();
        var numbers = new Dictionary<int, int>();
        for (var chunk = 0; chunk < chunks.Length; chunk++)
        {
            var steps = new TapeStep[Math.Min(ChunkSize, walk.Count - (chunk * ChunkSize))];
            for (var i = 0; i < steps.Length; i++)
            {
                var step = walk.Next();
                var key = ((int)step.Code << 16) | ((int)step.Type << 8) | (int)step.Result;
                if (!numbers.TryGetValue(key, out var number))
                {
                    number = kernels.Count;
                    kernels.Add(TapeKernels.Find(step.Code, step.Type, step.Result));
                    numbers[key] = number;
                }

                var isOther = kernels[number] == TapeKernels.Other;
                steps[i] = new TapeStep(number, isOther ? others.Count : step.A, step.B, step.Target);
                if (isOther)
                    others.Add(step);
            }

            chunks[chunk] = steps;
        }

        return (chunks, [.. kernels], [.. others]);
    }
}
