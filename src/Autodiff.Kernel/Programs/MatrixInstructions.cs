namespace Autodiff.Kernel;

/// <summary>A factorisation of each matrix of a batch, with all its results.</summary>
internal sealed class FactorInstruction(Factorization kind, double cutoff, BufferView source, BufferView[] results)
    : Instruction([source], results)
{
    private readonly BatchedFactors factors = new(kind, cutoff, source.Layout);

    /// <summary>In the rough: a constant times the product of both sides and the smaller one.</summary>
    public override long Flops
    {
        get
        {
            var shape = Inputs[0].Shape;
            var smaller = Math.Min(shape[shape.Rank - 2], shape[shape.Rank - 1]);
            var factor = kind switch
            {
                Factorization.Cholesky or Factorization.Lu => 1,
                Factorization.Qr => 4,
                Factorization.Eigen => 9,
                Factorization.Exponential => 20,
                _ => 60,
            };
            return (long)shape.Size * smaller * factor;
        }
    }

    public override bool CanFail => true;

    public override string Name => $"{kind} factors";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        factors.Run(inputs[0], outputs);
}

/// <summary>Systems with triangular matrices.</summary>
internal sealed class TriangularSolveInstruction(TriangularForm form, BufferView matrices, BufferView b, BufferView result)
    : Instruction([matrices, b], [result])
{
    private readonly TriangularSystems systems = new(form, matrices.Layout, b.Layout);

    public override long Flops => (long)Inputs[1].Shape.Size * Inputs[1].Shape[^2];

    public override bool CanFail => true;

    public override string Name => form.IsLower != form.IsTransposed ? "forward substitution" : "back substitution";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        systems.Run(inputs[0], inputs[1], outputs[0]);
}

/// <summary>Systems with matrices that are given by their LU factors.</summary>
internal sealed class SolveInstruction(
    bool isTransposed, BufferView factors, BufferView rows, BufferView b, BufferView result)
    : Instruction([factors, rows, b], [result])
{
    private readonly FactoredSystems systems = new(isTransposed, factors.Layout, b.Layout);

    public override long Flops => 2L * Inputs[2].Shape.Size * Inputs[2].Shape[^2];

    public override bool CanFail => true;

    public override string Name => isTransposed ? "solve transposed" : "solve";

    public override void Run(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs) =>
        systems.Run(inputs[0], inputs[1], inputs[2], outputs[0]);
}
